import type { CartonaOrder } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { PULL_JOB } from '../import/context.js';
import { keepOrder, orderOf } from './payload.js';
import { writeDown } from './receive.js';
import { countsAlone, nextLook } from './webhook-trust.js';

/**
 * Notes what a complete reading of Cartona's list did not show although it was due for it: it is read again a little
 * later, and after the last time what may count on a webhook's word alone counts and is marked; the rest waits for a
 * person.
 * @param startedAt when that reading began (UTC ms)
 */
export async function recordUnshown(session: Session, startedAt: number): Promise<void> {
  const { inbox } = session.store;
  for (const row of await inbox.list({ verifyBy: startedAt })) {
    const misses = row.verifyMisses + 1;
    const wait = nextLook(misses);
    if (wait === undefined) await giveUp(session, row);
    else await inbox.update(row.hashedId, { verifyMisses: misses, verifyAt: startedAt + wait });
  }
}

/** Forgets what a webhook told of an order and the list did not show. */
export async function dropUnverified(session: Session, hashedId: string): Promise<void> {
  await session.store.inbox.update(hashedId, { unverifiedPayload: undefined, verifyAt: undefined, verifyMisses: 0 });
}

async function giveUp(session: Session, row: InboxOrder): Promise<void> {
  const { inbox, deliveries } = session.store;
  const [kept, told] = [orderOf(row.payload), orderOf(row.unverifiedPayload)];
  if (kept && told) {
    const accepted = (await deliveries.get('order_state', [row.hashedId])).get(row.hashedId)?.delivered;
    // Cartona has accepted that state from us meanwhile: the webhook told of our own doing.
    if (accepted === told.status) return dropUnverified(session, row.hashedId);
    if (countsAlone(kept, told)) return apply(session, row, kept, told);
  }
  await inbox.update(row.hashedId, { verifyAt: undefined, verifyMisses: 0, phase: 'received' });
}

async function apply(session: Session, row: InboxOrder, kept: CartonaOrder, told: CartonaOrder): Promise<void> {
  const raw: unknown = JSON.parse(row.unverifiedPayload ?? '');
  await writeDown(session, [keepOrder({ kind: 'read', hashedId: row.hashedId, order: told, raw })], 'webhook-alone');
  await session.store.audit.write([
    {
      at: session.now(),
      actor: PULL_JOB,
      system: 'cartona',
      action: 'state',
      record: row.hashedId,
      from: kept.status,
      to: told.status,
      outcome: 'told by webhook',
      detail: "told by a webhook alone; Cartona's list, read three times within five minutes, did not show it",
    },
  ]);
}
