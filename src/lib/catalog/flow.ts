import type { ItemOutcome } from '../cartona/outcomes.js';
import { amount } from '../common/money.js';
import type { MappedVariant } from '../mapping/identity.js';
import type { OpenDemand } from './open-demand.js';
import type { Session } from '../session.js';
import type { Delivery, SeenEntry } from '../store/store.js';
import { isFallToZero, tooManyFallsToZero, type Change, type WantedValue } from './difference.js';
import { priceDoubt, unreadableDoubt, type Doubt } from './doubt.js';
import { readPrices } from './prices.js';
import { sendStock } from './send-stock.js';
import { readStock, readStockScope } from './stock.js';
import type { CatalogFlow } from '../store/store.js';

/** What tells the two flows apart; everything else is the same difference driven to zero. */
export interface FlowDefinition {
  readonly flow: CatalogFlow;
  /** Since when (UTC ms) what the wanted values are made of is known. */
  readonly asOf: number;
  /** The listing is also needed for what it says of units. */
  readonly needIdentities: boolean;
  /** Whether anything is to be said of a variant at all. */
  readonly covers: (variant: MappedVariant) => boolean;
  readonly read: (variants: readonly MappedVariant[]) => Promise<WantedValue[]>;
  readonly send: (changes: readonly Change[]) => Promise<ItemOutcome[]>;
  /** Why a value must not leave at all, if so. */
  readonly unfit: (wanted: WantedValue) => string | undefined;
  /** Why this change alone waits for a yes, if it does. */
  readonly doubt: (change: Change, listed: SeenEntry | undefined, before: Delivery | undefined) => Doubt | undefined;
  /** Whether a change counts as a fall to zero: these are put aside and judged together. */
  readonly isFall: (change: Change) => boolean;
  /** Why so many falls wait for a yes; `undefined` lets them go. */
  readonly judgeFalls: (falls: readonly Change[], catalogueSize: number) => string | undefined;
}

/**
 * Prices of mapped active variants: what stands in Odoo, with the decimals that it states.
 * @param digits those decimals, see `priceDigits`
 * @param stillMapped the mapping was read a while ago: what is mapped otherwise by now is left out
 */
export function priceFlow(session: Session, digits: number, stillMapped = false): FlowDefinition {
  const percent = session.profile.brake.priceChangePercent;
  const asOf = session.now();
  return {
    flow: 'price',
    asOf,
    needIdentities: false,
    covers: (variant) => variant.active,
    read: (variants) => readPrices(session, variants, digits, stillMapped),
    send: (changes) =>
      session.cartona.updateProducts(
        changes.map((change) => ({ cartonaId: change.cartonaId, sellingPrice: change.value })),
      ),
    unfit: (wanted) =>
      amount(wanted.value).greaterThan(0)
        ? undefined
        : `its price in Odoo is ${wanted.value}; give it a price above zero`,
    doubt: (change, listed, before) => priceDoubt(change, listed, before, percent),
    isFall: () => false,
    judgeFalls: () => undefined,
  };
}

/**
 * Stock of mapped storable variants; see `readStock` for what counts.
 * @param variants when only these are going to be read
 */
export async function stockFlow(
  session: Session,
  { at, units }: OpenDemand,
  variants?: readonly MappedVariant[],
): Promise<FlowDefinition> {
  const percent = session.profile.brake.zeroStockSharePercent;
  const scope = await readStockScope(session, units, variants);
  return {
    flow: 'stock',
    asOf: at,
    needIdentities: session.profile.cartona.stockPath !== 'bulk-update',
    covers: () => true,
    read: (page) => readStock(session, page, scope),
    send: (changes) => sendStock(session, changes),
    unfit: () => undefined,
    doubt: (_, listed, before) => unreadableDoubt('stock', listed, before),
    isFall: isFallToZero,
    judgeFalls: (falls, size) => zeroStockBrake(falls.length, size, percent),
  };
}

/** Why so many falls to zero stock must wait for a yes; `undefined` lets them go. */
export const zeroStockBrake = (falls: number, catalogueSize: number, percent: number): string | undefined =>
  tooManyFallsToZero(falls, catalogueSize, percent)
    ? `${falls} product${falls === 1 ? '' : 's'} of ${catalogueSize} would fall to zero stock, more than ${percent} % of the catalogue`
    : undefined;
