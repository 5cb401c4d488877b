import { throwIfInterrupted } from '../../common/errors.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { recordSuccess } from '../../store/successes.js';
import { withLease } from '../../store/with-lease.js';
import { acknowledge } from './acknowledge.js';
import { applyOrders } from '../import/import-orders.js';
import { PULL_JOB, type AppliedOrder } from '../import/context.js';
import { receiveOrders } from './receive.js';
import { recordUnshown } from './verify.js';

/** An order that waits for a person, or for the retailer to finish. */
export interface HeldOrder {
  readonly hashedId: string;
  readonly odooName: string | undefined;
  readonly status: string;
  readonly reason: string;
}

export interface PullResult {
  /** Orders that Cartona listed. */
  readonly listed: number;
  /** Of these, new ones and changed ones. */
  readonly changed: number;
  readonly applied: readonly AppliedOrder[];
  readonly acknowledged: number;
  /** Held orders that are new, or whose reason changed: each is named once. */
  readonly held: readonly HeldOrder[];
  /** Held orders that were named by an earlier run. */
  readonly stillHeld: number;
  /** Orders that Cartona lists again although they were acknowledged. */
  readonly unacknowledged: readonly string[];
  /** Why orders without a `hashed_id` cannot be read; they cannot be kept. */
  readonly nameless: readonly string[];
}

/**
 * Orders are written in the first round, acknowledged in the second, and the third sees that Cartona lists them no
 * more; each edit that a retailer makes meanwhile costs another one. What is left then is the next run's.
 */
const ROUNDS = 5;

/**
 * Brings Cartona's new and changed orders to Odoo: writes them down, creates or changes them in Odoo, reads them back,
 * and only then acknowledges them. May be repeated, and cut off, at any moment.
 * @throws CartonaError `busy` while another pull of this profile runs; whatever keeps either side from being reached
 */
export async function pullOrders(session: Session): Promise<PullResult> {
  return withLease(session.store.leases, PULL_JOB, session.signal, (signal) => pull({ ...session, signal }));
}

async function pull(session: Session): Promise<PullResult> {
  const listed = new Set<string>();
  const nameless = new Set<string>();
  const applied = new Map<string, AppliedOrder>();
  const acknowledged = new Set<string>();
  const unacknowledged = new Set<string>();
  let changed = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    throwIfInterrupted(session.signal);
    const started = session.now();
    const received = await receiveOrders(session);
    await recordUnshown(session, started);
    for (const hashedId of received.versions.keys()) listed.add(hashedId);
    for (const reason of received.nameless) nameless.add(reason);
    changed += received.changed;
    const newly = await acknowledge(session, received.versions, acknowledged);
    for (const hashedId of newly.hashedIds) acknowledged.add(hashedId);
    for (const hashedId of newly.failed) unacknowledged.add(hashedId);
    const results = await applyOrders(session, await openWork(session, round));
    let progress = newly.hashedIds.length > 0;
    for (const one of results) {
      if (one.kind !== 'applied') continue;
      progress = true;
      applied.set(one.row.hashedId, merged(applied.get(one.row.hashedId), one.applied));
    }
    if (!progress) break;
  }
  await recordSuccess(session, 'orders_pull', session.now());
  return {
    listed: listed.size,
    changed,
    applied: [...applied.values()],
    acknowledged: acknowledged.size,
    ...(await nameHeld(session)),
    unacknowledged: [...unacknowledged],
    nameless: [...nameless],
  };
}

/** What is to be done in Odoo, oldest first. Held orders are tried once a run: the reason may be gone. */
async function openWork(session: Session, round: number): Promise<InboxOrder[]> {
  const rows = await session.store.inbox.list({ phases: ['received', 'held', 'applied'] });
  return rows
    .filter(
      (row) =>
        row.phase === 'received' ||
        (row.phase === 'held' && round === 1) ||
        (row.phase === 'applied' && row.appliedVersion !== row.version),
    )
    .reverse();
}

/** An order that was brought over twice in one run tells both. */
const merged = (before: AppliedOrder | undefined, now: AppliedOrder): AppliedOrder =>
  before ? { ...now, done: [...before.done, ...now.done] } : now;

/** Each held order is named when it is new or its reason changes, not at every run, nor while the list may yet tell. */
async function nameHeld(session: Session): Promise<{ held: HeldOrder[]; stillHeld: number }> {
  const all = await session.store.inbox.list({ phases: ['held'] });
  const rows = all.filter((row) => row.verifyAt === undefined).reverse();
  const held: HeldOrder[] = [];
  for (const row of rows) {
    if (row.reason === undefined || row.reason === row.shownReason) continue;
    held.push({ hashedId: row.hashedId, odooName: row.odooName, status: row.status, reason: row.reason });
    await session.store.inbox.update(row.hashedId, { shownReason: row.reason });
  }
  return { held, stillHeld: rows.length - held.length };
}
