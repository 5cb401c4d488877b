import { throwIfInterrupted } from '../common/errors.js';
import type { MappedVariant } from '../mapping/identity.js';
import type { Session } from '../session.js';
import type { CatalogFlow, Delivery, DeliveryResult } from '../store/store.js';
import { Batches, type DueChange } from './batches.js';
import { deliverBatch, type Undelivered } from './deliver.js';
import { decide, type Change, type WantedValue } from './difference.js';
import { summarize, type Doubt, type UnreadableEntry } from './doubt.js';
import type { FlowDefinition } from './flow.js';
import { observeListing, type ListingUse } from './observe-listing.js';

export interface ReconcileOptions {
  /** Who the audit trail says it was. */
  readonly actor: string;
  /** Find the difference and send nothing. */
  readonly dryRun?: boolean;
  /** Send every value, whatever was confirmed or rejected before. */
  readonly all?: boolean;
  /** Asked once, after everything harmless was sent, when changes are beyond the brake's bounds. */
  readonly approve: (brake: Brake) => Promise<boolean>;
  /** Called with every change that differs, before it is sent. */
  readonly onChange?: (change: Change) => void;
  /** Called with changes that Cartona has confirmed. */
  readonly onDelivered?: (changes: readonly Change[]) => void;
  /** Called for each attempt that ended otherwise. */
  readonly onUndelivered?: (outcome: Undelivered) => void;
  readonly listing?: ListingUse;
}

/** Changes beyond the bounds that the settings set. */
export interface Brake {
  readonly flow: CatalogFlow;
  readonly changes: readonly Change[];
  /** How many of them it held before already, with the same value. */
  readonly known: number;
  /** In plain words, as "3 prices change by more than 50 %". */
  readonly reason: string;
  readonly approved: boolean;
}

/** A change that Cartona refused, and why. */
export interface Rejection extends Change {
  readonly reason: string;
}

/** A value that is not sent although it may differ, and why. */
export interface Held {
  readonly cartonaId: string;
  readonly odooIds: readonly number[];
  readonly reason: string;
}

/** The variants that a run looks at. */
export interface Scope {
  /** How large the catalogue is that they are a part of. */
  readonly size: number;
  readonly pages: () => Iterable<readonly MappedVariant[]>;
}

export interface ReconcileResult {
  /** Variants that were looked at. */
  readonly mapped: number;
  readonly equal: number;
  /** Values that differ (what a dry run would send, the brake's included). */
  readonly differs: number;
  readonly delivered: number;
  /**
   * Values that another worker is sending just now, or that an order has touched since they were read; whoever cares
   * looks at them again.
   */
  readonly contended: readonly number[];
  readonly rejected: readonly Rejection[];
  readonly held: readonly Held[];
  readonly brake: Brake | undefined;
  /** What could not be read of Cartona's listing, as far as it was read; the values that depend on it wait for a yes. */
  readonly unreadable: readonly UnreadableEntry[];
}

/** A change that is put aside until the brake has judged. */
interface Suspect {
  readonly change: Change;
  readonly before: Delivery | undefined;
}

/**
 * Drives the difference to zero: reads what is wanted, compares it with what Cartona last confirmed, sends what differs
 * and records how each value ended. The one engine of the commands and of the service.
 * @throws CartonaError what either side fails with; what was not confirmed still differs and is found by the next run
 */
export async function reconcile(
  session: Session,
  flow: FlowDefinition,
  scope: Scope,
  options: ReconcileOptions,
): Promise<ReconcileResult> {
  return new Reconciliation(session, flow, scope, options).run();
}

/** One run: what it has found so far, and what it is sending. */
class Reconciliation {
  readonly #held: Held[] = [];
  readonly #doubtful: (Suspect & { readonly doubt: Doubt })[] = [];
  readonly #falls: Suspect[] = [];
  readonly #rejected: Rejection[] = [];
  readonly #contended: number[] = [];
  readonly #batches: Batches;
  #unreadable: readonly UnreadableEntry[] = [];
  #mapped = 0;
  #equal = 0;
  #differs = 0;
  #delivered = 0;

  constructor(
    private readonly session: Session,
    private readonly flow: FlowDefinition,
    private readonly scope: Scope,
    private readonly options: ReconcileOptions,
  ) {
    this.#batches = new Batches(session.profile.cartona.inFlight, session.signal, (batch) => this.#deliver(batch));
  }

  async run(): Promise<ReconcileResult> {
    try {
      await this.#compareAll();
      const brake = await this.#release();
      await this.#batches.finish();
      return {
        mapped: this.#mapped,
        equal: this.#equal,
        differs: this.#differs,
        delivered: this.#delivered,
        contended: this.#contended,
        rejected: this.#rejected,
        held: this.#held,
        brake,
        unreadable: this.#unreadable,
      };
    } catch (error) {
      await this.#batches.drain();
      throw error;
    }
  }

  async #compareAll(): Promise<void> {
    const { session, flow, scope, options } = this;
    // One page ahead: Odoo computes the next while this one is compared and sent.
    const pages = this.#covered()[Symbol.iterator]();
    const ahead = (): Promise<WantedValue[]> | undefined => {
      const page = pages.next();
      const read = page.done ? undefined : flow.read(page.value);
      // Whoever waits for it hears of its failure; until then it must not count as unhandled.
      read?.catch(() => undefined);
      return read;
    };
    let next = ahead();
    this.#unreadable = await observeListing(
      session,
      flow.flow,
      () => this.#covered(),
      flow.needIdentities,
      options.listing,
    );
    while (next) {
      throwIfInterrupted(session.signal);
      const page: WantedValue[] = await next;
      next = ahead();
      await this.#compare(page);
      session.progress(options.dryRun ? 'Comparing' : 'Comparing and sending', this.#mapped, scope.size);
    }
  }

  *#covered(): Generator<readonly MappedVariant[]> {
    for (const page of this.scope.pages()) yield page.filter(this.flow.covers);
  }

  async #compare(page: readonly WantedValue[]): Promise<void> {
    const { session, flow, options } = this;
    const known = await session.store.deliveries.get(
      flow.flow,
      page.map((wanted) => wanted.cartonaId),
    );
    const listed = await session.store.listing.get(
      page.flatMap(({ cartonaId, value }) =>
        decide(value, known.get(cartonaId), options.all ?? false) === 'send' ? [cartonaId] : [],
      ),
      0,
    );
    // Values that are not sent, but whose rows are brought up to date.
    const resolved: DeliveryResult[] = [];
    for (const wanted of page) {
      this.#mapped += 1;
      const before = known.get(wanted.cartonaId);
      const decision = decide(wanted.value, before, options.all ?? false);
      const unfit = flow.unfit(wanted);
      if (decision === 'resolve')
        resolved.push({ key: wanted.cartonaId, odooId: wanted.odooId, wanted: wanted.value, outcome: 'delivered' });
      if (decision === 'equal' || decision === 'resolve') {
        this.#equal += 1;
      } else if (unfit !== undefined || decision === 'waits') {
        if (unfit !== undefined && (before?.outcome !== 'rejected' || before.wanted !== wanted.value))
          resolved.push({
            key: wanted.cartonaId,
            odooId: wanted.odooId,
            wanted: wanted.value,
            outcome: 'rejected',
            reason: unfit,
          });
        this.#held.push({
          cartonaId: wanted.cartonaId,
          odooIds: [wanted.odooId],
          reason: unfit ?? waitReason(wanted, before),
        });
      } else {
        this.#differs += 1;
        const change = { ...wanted, from: before?.delivered };
        options.onChange?.(change);
        const approved = before?.approved === wanted.value;
        const doubt = approved ? undefined : flow.doubt(change, listed.get(wanted.cartonaId), before);
        if (doubt) this.#doubtful.push({ change, before, doubt });
        else if (!approved && flow.isFall(change)) this.#falls.push({ change, before });
        else await this.#offer(change, before);
      }
    }
    if (!options.dryRun) await session.store.deliveries.record(flow.flow, resolved, session.now());
  }

  async #offer(change: Change, before: Delivery | undefined): Promise<void> {
    if (!this.options.dryRun) await this.#batches.add(change, before);
  }

  async #deliver(batch: readonly DueChange[]): Promise<void> {
    const { session, flow, options } = this;
    const { contended, attempts, failure } = await deliverBatch(session, flow, options.actor, batch);
    this.#contended.push(...contended.map((change) => change.odooId));
    const delivered: Change[] = [];
    for (const { change, outcome, reason = 'no reason given' } of attempts) {
      if (outcome === 'delivered') delivered.push(change);
      else options.onUndelivered?.(outcome);
      if (outcome === 'rejected') {
        const { odooId, cartonaId, value, from } = change;
        this.#rejected.push({ odooId, cartonaId, value, from, reason });
      }
    }
    this.#delivered += delivered.length;
    if (delivered.length > 0) options.onDelivered?.(delivered);
    if (failure) throw failure;
  }

  /** Lets what was put aside go, or brakes: then a person decides, and without a yes it stays undelivered. */
  async #release(): Promise<Brake | undefined> {
    const { flow, options, session } = this;
    const tooMany = flow.judgeFalls(
      this.#falls.map(({ change }) => change),
      this.scope.size,
    );
    if (tooMany === undefined) for (const { change, before } of this.#falls) await this.#offer(change, before);
    const doubtful = this.#doubtful.map(({ doubt, ...suspect }) => ({ ...suspect, reason: doubt.reason }));
    const falls = tooMany === undefined ? [] : this.#falls.map((fall) => ({ ...fall, reason: tooMany }));
    const held = [...doubtful, ...falls];
    if (held.length === 0) return undefined;
    const fresh = held.filter(({ change, before }) => before?.outcome !== 'braked' || before.wanted !== change.value);
    const doubts = this.#doubtful.map(({ doubt }) => doubt);
    const percent = session.profile.brake.priceChangePercent;
    const brake = {
      flow: flow.flow,
      changes: held.map(({ change }) => change),
      known: held.length - fresh.length,
      reason: [
        ...(doubts.length > 0 ? [summarize(flow.flow, doubts, percent)] : []),
        ...(tooMany ? [tooMany] : []),
      ].join('; '),
      approved: false,
    };
    const approved = !options.dryRun && (await options.approve(brake));
    if (approved) for (const { change, before } of held) await this.#offer(change, before);
    else if (!options.dryRun) await this.#recordBraked(fresh);
    return { ...brake, approved };
  }

  /** What the brake holds is on record, so that a person can let it go later. */
  async #recordBraked(fresh: readonly { readonly change: Change; readonly reason: string }[]): Promise<void> {
    const { session, flow } = this;
    for (let at = 0; at < fresh.length; at += 1) this.options.onUndelivered?.('braked');
    await session.store.deliveries.record(
      flow.flow,
      fresh.map(({ change, reason }) => ({
        key: change.cartonaId,
        odooId: change.odooId,
        wanted: change.value,
        outcome: 'braked',
        reason,
      })),
      session.now(),
    );
  }
}

function waitReason(wanted: WantedValue, before: Delivery | undefined): string {
  if (before?.outcome === 'discarded') return `${wanted.value} was discarded: ${before.reason ?? 'by a person'}`;
  const what =
    before?.outcome === 'given_up' ? `sending ${wanted.value} was given up` : `Cartona rejected ${wanted.value} before`;
  return `${what}: ${before?.reason ?? 'no reason given'}; try again with --product ${wanted.cartonaId} --all`;
}
