import { isCartonaError, throwIfInterrupted } from '../../common/errors.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { isFinal } from '../order-cycle.js';
import { chunks, halves } from '../../common/collections.js';
import { PULL_JOB } from '../import/context.js';

const BATCH = 100;

/** What acknowledging did. */
export interface Acknowledged {
  readonly hashedIds: readonly string[];
  /** Orders whose acknowledgement Cartona refused, or that it lists again although this run acknowledged them. */
  readonly failed: readonly string[];
}

/**
 * Acknowledges the orders that Odoo holds in exactly the version in which Cartona just listed them. An acknowledgement
 * carries no version: only what a fresh list confirms is acknowledged, so that an edit made while orders were being
 * written to Odoo is seen before, not lost.
 * @param listed the versions in Cartona's list as it was read right before
 * @param before what this run has acknowledged already
 */
export async function acknowledge(
  session: Session,
  listed: ReadonlyMap<string, string>,
  before: ReadonlySet<string>,
): Promise<Acknowledged> {
  const { inbox } = session.store;
  const rows = (await inbox.list({ phases: ['applied', 'acknowledged'], hashedIds: [...listed.keys()] })).filter(
    (row) => row.appliedVersion === row.version && listed.get(row.hashedId) === row.version,
  );
  const failed = rows.filter((row) => before.has(row.hashedId)).map((row) => row.hashedId);
  const hashedIds: string[] = [];
  for (const part of chunks(
    rows.filter((row) => !before.has(row.hashedId)),
    BATCH,
  )) {
    const done = await send(session, part);
    await record(session, done);
    hashedIds.push(...done.map((row) => row.hashedId));
    failed.push(...part.filter((row) => !done.includes(row)).map((row) => row.hashedId));
  }
  await recordUnlisted(session, listed);
  return { hashedIds, failed };
}

/** Acknowledges a batch, or its halves where Cartona refuses it, until the bad ones stand alone. @returns the others */
async function send(session: Session, rows: readonly InboxOrder[]): Promise<InboxOrder[]> {
  throwIfInterrupted(session.signal);
  try {
    await session.cartona.acknowledge(rows.map((row) => row.hashedId));
    return [...rows];
  } catch (error) {
    if (!isCartonaError(error, 'refused')) throw error;
    if (rows.length === 1) return [];
    const [first, second] = halves(rows);
    return [...(await send(session, first)), ...(await send(session, second))];
  }
}

/**
 * An order that Odoo holds, that Cartona has listed and lists no more was acknowledged: by another machine, or by a run
 * that ended before it could note it.
 */
async function recordUnlisted(session: Session, listed: ReadonlyMap<string, string>): Promise<void> {
  const applied = await session.store.inbox.list({ phases: ['applied'] });
  await markAcknowledged(
    session,
    applied.filter((row) => row.listed && !listed.has(row.hashedId) && row.appliedVersion === row.version),
  );
}

async function record(session: Session, rows: readonly InboxOrder[]): Promise<void> {
  await markAcknowledged(session, rows);
  await session.store.audit.write(
    rows.map((row) => ({
      at: session.now(),
      actor: PULL_JOB,
      system: 'cartona' as const,
      action: 'acknowledge',
      record: row.hashedId,
      to: 'synced',
      outcome: 'sent',
    })),
  );
}

async function markAcknowledged(session: Session, rows: readonly InboxOrder[]): Promise<void> {
  const { inbox } = session.store;
  for (const row of rows)
    await inbox.update(row.hashedId, {
      phase: 'acknowledged',
      acknowledgedAt: session.now(),
      closed: isFinal(row.status),
    });
  // Another process may have received a newer version meanwhile: that one is not done.
  const now = await inbox.list({ hashedIds: rows.map((row) => row.hashedId) });
  for (const row of now)
    if (row.version !== row.appliedVersion) await inbox.update(row.hashedId, { phase: 'received', closed: false });
}
