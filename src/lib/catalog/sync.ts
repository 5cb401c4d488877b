import { throwIfInterrupted } from '../common/errors.js';
import { amount } from '../common/money.js';
import type { ItemOutcome } from '../cartona/outcomes.js';
import { readIdentity, type MappedVariant } from '../mapping/identity.js';
import { openDemand } from '../orders/open-demand.js';
import type { Session } from '../session.js';
import type { DeliveryResult } from '../store/store.js';
import { withLease } from '../store/with-lease.js';
import { decide, isFallToZero, isPriceJump, tooManyFallsToZero, type Change, type Wanted } from './difference.js';
import { observeListing } from './observe-listing.js';
import { priceDigits, readPrices } from './prices.js';
import { chosenVariants } from './choose.js';
import { Sender, type Rejection } from './sender.js';
import { sendStock } from './send-stock.js';
import { readStock, readStockScope } from './stock.js';

export interface SyncOptions {
  /** Find the difference and send nothing. */
  readonly dryRun?: boolean;
  /** Send every value, whatever was confirmed or rejected before. */
  readonly all?: boolean;
  /** Only these products: Odoo id, internal reference, barcode or Cartona id each. */
  readonly products?: readonly string[];
  /** Asked once, after everything harmless was sent, when changes are beyond the brake's bounds. */
  readonly approve: (brake: Brake) => Promise<boolean>;
  /** Told every change that differs, before it is sent. */
  readonly onChange?: (change: Change) => void;
}

/** Changes beyond the bounds that the settings set. */
export interface Brake {
  readonly flow: 'price' | 'stock';
  readonly changes: readonly Change[];
  /** In plain words, as "3 prices change by more than 50 %". */
  readonly reason: string;
  readonly approved: boolean;
}

/** A value that is not sent although it may differ, and why. */
export interface Held {
  readonly cartonaId: string;
  readonly odooIds: readonly number[];
  readonly reason: string;
}

export interface SyncResult {
  readonly flow: 'price' | 'stock';
  readonly dryRun: boolean;
  /** Variants with an unambiguous Cartona id that were looked at. */
  readonly mapped: number;
  readonly equal: number;
  /** Values that differ (what a dry run would send, the brake's included). */
  readonly differs: number;
  readonly delivered: number;
  readonly rejected: readonly Rejection[];
  readonly held: readonly Held[];
  readonly brake: Brake | undefined;
}

/** Variants of a page: enough that a round trip costs little, few enough that its rows are no burden. */
const PAGE = 2000;

/** What tells the two flows apart; everything else is the same difference driven to zero. */
interface CatalogFlow {
  readonly flow: 'price' | 'stock';
  /** The listing is also needed for what it says of units. */
  readonly needIdentities: boolean;
  /** Whether anything is to be said of a variant at all. */
  readonly covers: (variant: MappedVariant) => boolean;
  readonly read: (variants: readonly MappedVariant[]) => Promise<Wanted[]>;
  readonly send: (changes: readonly Change[]) => Promise<ItemOutcome[]>;
  /** Why a value must not leave at all, if so. */
  readonly unfit: (wanted: Wanted) => string | undefined;
  /** Whether a change is put aside until the brake has judged. */
  readonly suspect: (change: Change) => boolean;
  /** The brake's judgement of what was put aside; `undefined` lets it go. */
  readonly judge: (suspects: readonly Change[], catalogueSize: number) => string | undefined;
}

/**
 * Sends the prices that differ from what Cartona last confirmed, of mapped active variants only.
 * @throws CartonaError `busy` when another price sync runs; what either side refuses or fails with
 */
export async function syncPrices(session: Session, options: SyncOptions): Promise<SyncResult> {
  const percent = session.profile.brake.priceChangePercent;
  return sync(session, options, 'sync prices', async () => {
    const digits = await priceDigits(session);
    return {
      flow: 'price',
      needIdentities: false,
      covers: (variant) => variant.active,
      read: (variants) => readPrices(session, variants, digits),
      send: (changes) => session.cartona.updateProducts(changes.map((change) => ({ cartonaId: change.cartonaId, sellingPrice: change.value }))),
      unfit: (wanted) => (amount(wanted.value).greaterThan(0) ? undefined : `its price in Odoo is ${wanted.value}; give it a price above zero`),
      suspect: (change) => isPriceJump(change, percent),
      judge: (suspects) => (suspects.length === 0 ? undefined : `${count(suspects.length, 'price')} would change by more than ${percent} %`),
    };
  });
}

/**
 * Sends the stock that differs from what Cartona last confirmed, of mapped storable variants; see `readStock` for what counts.
 * @throws CartonaError as `syncPrices`
 */
export async function syncStock(session: Session, options: SyncOptions): Promise<SyncResult> {
  const percent = session.profile.brake.zeroStockSharePercent;
  return sync(session, options, 'sync stock', async () => {
    const scope = await readStockScope(session, await openDemand(session));
    return {
      flow: 'stock',
      needIdentities: session.profile.cartona.stockPath !== 'bulk-update',
      covers: () => true,
      read: (variants) => readStock(session, variants, scope),
      send: (changes) => sendStock(session, changes),
      unfit: () => undefined,
      suspect: isFallToZero,
      judge: (suspects, size) =>
        tooManyFallsToZero(suspects.length, size, percent) ? `${count(suspects.length, 'product')} of ${size} would fall to zero stock, more than ${percent} % of the catalogue` : undefined,
    };
  });
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

async function sync(outer: Session, options: SyncOptions, actor: string, open: () => Promise<CatalogFlow>): Promise<SyncResult> {
  const run = async (signal: AbortSignal | undefined): Promise<SyncResult> => {
    const session = { ...outer, signal };
    const [identity, flow] = await Promise.all([readIdentity(session), open()]);
    const chosen = options.products && (await chosenVariants(session, identity, options.products));
    const scope = { size: chosen ? chosen.length : identity.size, pages: () => covered(chosen ? [chosen] : identity.pages(PAGE), flow.covers) };
    const difference = await deliverDifference(session, options, flow, new Sender(session, flow.flow, actor, flow.send), scope);
    const clashes = options.products ? [] : [...identity.clashes].map(([cartonaId, odooIds]) => ({ cartonaId, odooIds, reason: CLASH }));
    return { ...difference, held: [...clashes, ...difference.held] };
  };
  return options.dryRun ? run(outer.signal) : withLease(outer.store.leases, actor, outer.signal, run);
}

/** The variants that a run looks at. */
interface Scope {
  readonly size: number;
  readonly pages: () => Iterable<readonly MappedVariant[]>;
}

function* covered(pages: Iterable<readonly MappedVariant[]>, covers: (variant: MappedVariant) => boolean): Generator<readonly MappedVariant[]> {
  for (const page of pages) yield page.filter(covers);
}

const CLASH = 'several products hold this Cartona id; see `cartona map check`';

async function deliverDifference(session: Session, options: SyncOptions, flow: CatalogFlow, sender: Sender, scope: Scope): Promise<SyncResult> {
  const held: Held[] = [];
  const suspects: Change[] = [];
  let mapped = 0;
  let equal = 0;
  let differs = 0;

  const offer = async (change: Change): Promise<void> => {
    if (!options.dryRun) await sender.add(change);
  };

  try {
    // One page ahead: Odoo computes the next while this one is compared and sent.
    const pages = scope.pages()[Symbol.iterator]();
    const ahead = (): Promise<Wanted[]> | undefined => {
      const page = pages.next();
      const read = page.done ? undefined : flow.read(page.value);
      // Whoever waits for it hears of its failure; until then it must not count as unhandled.
      read?.catch(() => undefined);
      return read;
    };
    let next = ahead();
    await observeListing(session, flow.flow, scope.pages, flow.needIdentities);
    while (next) {
      throwIfInterrupted(session.signal);
      const page: Wanted[] = await next;
      next = ahead();
      const known = await session.store.deliveries.get(flow.flow, page.map((wanted) => wanted.cartonaId));
      const settled: DeliveryResult[] = [];
      for (const wanted of page) {
        mapped += 1;
        const before = known.get(wanted.cartonaId);
        const decision = decide(wanted.value, before, options.all ?? false);
        const unfit = flow.unfit(wanted);
        if (decision === 'settle') settled.push({ key: wanted.cartonaId, odooId: wanted.odooId, wanted: wanted.value, outcome: 'delivered' });
        if (decision === 'equal' || decision === 'settle') {
          equal += 1;
        } else if (unfit !== undefined || decision === 'waits') {
          held.push({ cartonaId: wanted.cartonaId, odooIds: [wanted.odooId], reason: unfit ?? `Cartona rejected ${wanted.value} before: ${before?.reason ?? 'no reason given'}; try again with --product ${wanted.cartonaId} --all` });
        } else {
          differs += 1;
          const change = { ...wanted, from: before?.delivered };
          options.onChange?.(change);
          if (flow.suspect(change)) suspects.push(change);
          else await offer(change);
        }
      }
      if (!options.dryRun) await session.store.deliveries.record(flow.flow, settled, session.now());
      session.progress(options.dryRun ? 'Comparing' : 'Comparing and sending', mapped, scope.size);
    }
    const brake = await release(options, flow, suspects, scope.size, offer);
    await sender.finish();
    return { flow: flow.flow, dryRun: options.dryRun ?? false, mapped, equal, differs, delivered: sender.delivered, rejected: sender.rejected, held, brake };
  } catch (error) {
    await sender.settle();
    throw error;
  }
}

/** Lets what was put aside go, or brakes: then a person decides, and without a yes it stays undelivered. */
async function release(
  options: SyncOptions,
  flow: CatalogFlow,
  suspects: readonly Change[],
  catalogueSize: number,
  offer: (change: Change) => Promise<void>,
): Promise<Brake | undefined> {
  const reason = flow.judge(suspects, catalogueSize);
  const brake = reason === undefined ? undefined : { flow: flow.flow, changes: suspects, reason, approved: false };
  const approved = brake === undefined || (!options.dryRun && (await options.approve(brake)));
  if (approved) for (const change of suspects) await offer(change);
  return brake && { ...brake, approved };
}
