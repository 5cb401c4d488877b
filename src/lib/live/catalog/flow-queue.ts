import { reconcile, type Brake } from '../../catalog/reconcile.js';
import { batchSizeAfter, type Change } from '../../catalog/difference.js';
import type { UnreadableEntry } from '../../catalog/doubt.js';
import type { FlowDefinition } from '../../catalog/flow.js';
import { BATCH } from '../../catalog/batches.js';
import type { Undelivered } from '../../catalog/deliver.js';
import type { Identity, MappedVariant } from '../../mapping/identity.js';
import type { Session } from '../../session.js';
import { WakeableSleep } from '../wakeable-sleep.js';
import type { CatalogFlow } from '../../store/store.js';

/**
 * Variants of one pass: the prices of a mass change go in few, so that reading and sending overlap; stock in smaller
 * ones, so that a count made meanwhile waits less.
 */
const PASS = { price: 10_000, stock: 2000 } as const;
const PAGE = 1000;
/**
 * Of those that nobody noticed so many go beside the noticed ones: where something changes all the time, they would
 * wait for ever.
 */
const BESIDE = 200;
const CONTENDED_MS = 500;
/** What other programs make due is found within this time. */
const LONGEST_WAIT_MS = 2000;

export interface FlowQueueOptions {
  readonly session: Session;
  readonly flow: CatalogFlow;
  /** The mapping as it was last read. */
  readonly identity: () => Identity;
  /** Makes the flow for a pass over these variants. */
  readonly open: (variants: readonly MappedVariant[]) => Promise<FlowDefinition>;
  readonly onDelivered: (changes: readonly Change[], noticedAt: (odooId: number) => number | undefined) => void;
  /** Values are looked at that something other than a change in Odoo has touched. */
  readonly onDue: () => void;
  readonly onUndelivered: (outcome: Undelivered) => void;
  readonly onBrake: (brake: Brake) => void;
  readonly onUnreadable: (entries: readonly UnreadableEntry[]) => void;
}

/**
 * One flow of the catalogue, kept equal: whoever has a hint names variants, and the loop drives their difference to
 * zero. Hints that come while a pass is under way are looked at in the next one; ten of one variant are one.
 */
export class FlowQueue {
  /** Since when each variant waits, UTC ms; `undefined` for those that only a sweep names. */
  readonly #pending = new Map<number, number | undefined>();
  readonly #sleep = new WakeableSleep();

  constructor(private readonly options: FlowQueueOptions) {}

  /** How many variants are to be looked at. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Names variants that may differ. @param noticedAt UTC ms, where something was noticed; absent in a sweep */
  enqueue(odooIds: Iterable<number>, noticedAt?: number): void {
    for (const id of odooIds) if (this.#pending.get(id) === undefined) this.#pending.set(id, noticedAt);
    if (this.#pending.size > 0) this.#sleep.wake();
  }

  /** Values may have become due. */
  wake(): void {
    this.#sleep.wake();
  }

  /** Waits until there is something to look at: a hint, or a value whose next attempt is due. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#pending.size === 0) {
      await this.#takeDue();
      if (this.#pending.size > 0) return;
      const { session, flow } = this.options;
      const next = await session.store.deliveries.nextDue(flow);
      await this.#sleep.wait(
        Math.min(LONGEST_WAIT_MS, next === undefined ? LONGEST_WAIT_MS : Math.max(50, next - session.now())),
        signal,
      );
    }
  }

  /** Looks at what waits, up to a pass's worth. @throws what either side fails with; the variants wait again then */
  async pass(): Promise<void> {
    const { session, identity } = this.options;
    await this.#takeDue();
    const taken = this.#take();
    const variants = [...taken.keys()].flatMap((odooId) => identity().find({ odooId }) ?? []);
    if (variants.length === 0) return;
    try {
      const result = await reconcile(
        session,
        await this.options.open(variants),
        { size: identity().size, pages: () => pagesOf(variants) },
        {
          actor: 'serve',
          listing: 'single',
          approve: async (brake) => {
            this.options.onBrake(brake);
            return false;
          },
          onUndelivered: (outcome) => this.options.onUndelivered(outcome),
          onDelivered: (changes) => this.options.onDelivered(changes, (odooId) => taken.get(odooId)),
        },
      );
      this.options.onUnreadable(result.unreadable);
      if (result.contended.length > 0) {
        this.options.onDue();
        setTimeout(() => this.enqueue(result.contended), CONTENDED_MS).unref();
      }
    } catch (error) {
      for (const [odooId, noticedAt] of taken)
        if (this.#pending.get(odooId) === undefined) this.#pending.set(odooId, noticedAt);
      for (const odooId of await this.#failedAlone(variants)) this.#pending.delete(odooId);
      throw error;
    }
  }

  /**
   * What fails although nothing goes with it waits until it is due: looked at in every pass, it would make each of them
   * fail.
   */
  async #failedAlone(variants: readonly MappedVariant[]): Promise<number[]> {
    const { session, flow } = this.options;
    const rows = await session.store.deliveries.get(
      flow,
      variants.map((variant) => variant.cartonaId),
    );
    return [...rows.values()].flatMap(({ outcome, dueAt, attempts, odooId }) =>
      outcome === 'failed' && dueAt !== undefined && attempts > 0 && batchSizeAfter(attempts - 1, BATCH) === 1
        ? [odooId]
        : [],
    );
  }

  /** Those that were noticed go before those that are due and those that only the sweep names. */
  #take(): Map<number, number | undefined> {
    const noticed = [...this.#pending].filter(([, at]) => at !== undefined);
    const others = [...this.#pending].filter(([, at]) => at === undefined);
    const most = PASS[this.options.flow];
    const chosen = [...noticed.slice(0, most), ...others.slice(0, noticed.length > 0 ? BESIDE : most)];
    for (const [odooId] of chosen) this.#pending.delete(odooId);
    return new Map(chosen);
  }

  async #takeDue(): Promise<void> {
    const { session, flow, identity } = this.options;
    const keys = await session.store.deliveries.takeDue(flow, session.now(), PASS[flow]);
    if (keys.length > 0) this.options.onDue();
    const variants = keys.map((cartonaId) => identity().find({ cartonaId })?.odooId);
    // A product that is mapped no more has nothing to deliver.
    await session.store.deliveries.forget(
      flow,
      keys.filter((_, at) => variants[at] === undefined),
    );
    for (const odooId of variants)
      if (odooId !== undefined && !this.#pending.has(odooId)) this.#pending.set(odooId, undefined);
  }
}

function* pagesOf(variants: readonly MappedVariant[]): Generator<readonly MappedVariant[]> {
  for (let from = 0; from < variants.length; from += PAGE) yield variants.slice(from, from + PAGE);
}
