import { readIdentity } from '../mapping/identity.js';
import { openDemand } from './open-demand.js';
import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { chosenVariants } from './choose.js';
import { reconcile, type ReconcileResult, type ReconcileOptions, type Scope } from './reconcile.js';
import type { FlowDefinition } from './flow.js';
import { priceDigits, priceFlow } from './prices.js';
import { recordReviewed } from './reviewed.js';
import { stockFlow } from './stock.js';
import type { CatalogFlow } from '../store/store.js';
import { recordSuccess } from '../store/successes.js';

export interface SyncOptions extends Pick<ReconcileOptions, 'dryRun' | 'all' | 'approve' | 'onChange'> {
  /** Only these products: Odoo id, internal reference, barcode or Cartona id each. */
  readonly products?: readonly string[];
}

export interface SyncResult extends ReconcileResult {
  readonly flow: CatalogFlow;
  readonly dryRun: boolean;
}

/** Variants of a page: enough that a round trip costs little, few enough that its rows are no burden. */
const PAGE = 2000;

/**
 * Sends the prices that differ from what Cartona last confirmed, of mapped active variants only. A complete dry run
 * (no `products`, not `all`) counts as reviewed: see `goLive`.
 * @throws CartonaError `busy` when another price sync runs; what either side refuses or fails with
 */
export async function syncPrices(session: Session, options: SyncOptions): Promise<SyncResult> {
  return sync(session, options, 'sync prices', async (own) => priceFlow(own, await priceDigits(own)));
}

/**
 * Sends the stock that differs from what Cartona last confirmed, of mapped storable variants; see `readStock` for what
 * counts.
 * @throws CartonaError as `syncPrices`
 */
export async function syncStock(session: Session, options: SyncOptions): Promise<SyncResult> {
  return sync(session, options, 'sync stock', async (own) => stockFlow(own, await openDemand(own)));
}

async function sync(
  outer: Session,
  options: SyncOptions,
  actor: string,
  open: (session: Session) => Promise<FlowDefinition>,
): Promise<SyncResult> {
  const run = async (signal: AbortSignal | undefined): Promise<SyncResult> => {
    const session = { ...outer, signal };
    const [identity, flow] = await Promise.all([readIdentity(session), open(session)]);
    const chosen = options.products && (await chosenVariants(session, identity, options.products));
    const scope: Scope = {
      size: chosen ? chosen.length : identity.size,
      pages: () => (chosen ? [chosen] : identity.pages(PAGE)),
    };
    const result = await reconcile(session, flow, scope, { ...options, actor });
    const complete = chosen === undefined && !options.all;
    if (options.dryRun && complete)
      await recordReviewed(session, flow.flow, { at: session.now(), differs: result.differs });
    if (!options.dryRun && chosen === undefined) await recordSuccess(session, flow.flow, session.now());
    const clashes = options.products
      ? []
      : [...identity.clashes].map(([cartonaId, odooIds]) => ({ cartonaId, odooIds, reason: CLASH }));
    return { ...result, flow: flow.flow, dryRun: options.dryRun ?? false, held: [...clashes, ...result.held] };
  };
  return options.dryRun ? run(outer.signal) : withLease(outer.store.leases, actor, outer.signal, run);
}

const CLASH = 'several products hold this Cartona id; see `cartona map check`';
