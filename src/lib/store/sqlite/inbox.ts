import type { InboxChange, InboxOrder, InboxPhase, InboxRows } from '../store.js';
import type { Database, Parameter } from './database.js';
import { invalidate } from './deliveries.js';

interface Row {
  hashed_id: string;
  payload: string;
  version: string;
  status: string;
  received_at: number;
  phase: InboxPhase;
  reason: string | null;
  shown_reason: string | null;
  odoo_id: number | null;
  odoo_name: string | null;
  applied_payload: string | null;
  applied_version: string | null;
  acknowledged_at: number | null;
  odoo_total: string | null;
  cartona_total: string | null;
  closed: number;
  listed: number;
  webhook_alone: number;
  unverified_payload: string | null;
  verify_at: number | null;
  verify_misses: number;
}

// The same version may be written otherwise (its event's time is not part of what it says): only the text is taken
// then.
const RECEIVE = `
  INSERT INTO inbox (profile, hashed_id, payload, version, status, received_at, phase, cartona_total, listed, verify_at)
  SELECT ?1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, ?2, 'received', e.value ->> 4, ?4 = 'list', iif(?4 = 'webhook', ?2, NULL)
  FROM json_each(?3) AS e WHERE true
  ON CONFLICT (profile, hashed_id) DO UPDATE SET
    payload = excluded.payload, version = excluded.version, status = excluded.status,
    received_at = iif(version = excluded.version, received_at, excluded.received_at),
    phase = iif(version = excluded.version, phase, 'received'), reason = iif(version = excluded.version, reason, NULL),
    cartona_total = excluded.cartona_total, closed = iif(version = excluded.version, closed, 0),
    listed = max(listed, excluded.listed),
    webhook_alone = iif(version = excluded.version AND ?4 = 'webhook', webhook_alone, ?4 = 'webhook-alone'),
    unverified_payload = iif(?4 = 'webhook', unverified_payload, NULL),
    verify_at = iif(?4 = 'webhook', iif(listed, verify_at, excluded.verify_at), NULL), verify_misses = iif(?4 = 'webhook' AND listed, verify_misses, 0)
  WHERE inbox.version <> excluded.version OR inbox.payload <> excluded.payload
    OR (?4 = 'list' AND (listed = 0 OR webhook_alone OR unverified_payload IS NOT NULL OR verify_at IS NOT NULL))`;

const CHANGEABLE: Record<keyof InboxChange, string> = {
  phase: 'phase',
  reason: 'reason',
  shownReason: 'shown_reason',
  odooId: 'odoo_id',
  odooName: 'odoo_name',
  appliedPayload: 'applied_payload',
  appliedVersion: 'applied_version',
  acknowledgedAt: 'acknowledged_at',
  odooTotal: 'odoo_total',
  cartonaTotal: 'cartona_total',
  closed: 'closed',
  listed: 'listed',
  webhookAlone: 'webhook_alone',
  unverifiedPayload: 'unverified_payload',
  verifyAt: 'verify_at',
  verifyMisses: 'verify_misses',
};

const read = (row: Row): InboxOrder => ({
  hashedId: row.hashed_id,
  payload: row.payload,
  version: row.version,
  status: row.status,
  receivedAt: row.received_at,
  phase: row.phase,
  reason: row.reason ?? undefined,
  shownReason: row.shown_reason ?? undefined,
  odooId: row.odoo_id ?? undefined,
  odooName: row.odoo_name ?? undefined,
  appliedPayload: row.applied_payload ?? undefined,
  appliedVersion: row.applied_version ?? undefined,
  acknowledgedAt: row.acknowledged_at ?? undefined,
  odooTotal: row.odoo_total ?? undefined,
  cartonaTotal: row.cartona_total ?? undefined,
  closed: row.closed === 1,
  listed: row.listed === 1,
  webhookAlone: row.webhook_alone === 1,
  unverifiedPayload: row.unverified_payload ?? undefined,
  verifyAt: row.verify_at ?? undefined,
  verifyMisses: row.verify_misses,
});

const SUMMARY = `
  SELECT phase, count(*) AS count, min(received_at) AS oldest FROM inbox WHERE profile = ? AND phase IN ('received', 'held', 'applied') AND NOT (phase = 'held' AND (status = 'editing' OR verify_at IS NOT NULL)) GROUP BY phase`;

const OVER = 'profile = ?1 AND closed = 1 AND received_at < ?2';
const FORGET_STATES = `DELETE FROM delivery WHERE profile = ?1 AND flow = 'order_state' AND key IN (SELECT hashed_id FROM inbox WHERE ${OVER})`;
const FORGET = `DELETE FROM inbox WHERE ${OVER}`;

/**
 * The table with the index that such a filter is to use: left to itself SQLite reads all orders that the profile ever
 * had, and the service asks every few seconds.
 */
function indexedFor(filter: Parameters<InboxRows['list']>[0]): string {
  if (filter.hashedIds) return 'inbox NOT INDEXED';
  if (filter.odooIds) return 'inbox INDEXED BY inbox_odoo';
  if (filter.odooNames) return 'inbox INDEXED BY inbox_odoo_name';
  if (filter.verifyBy !== undefined) return 'inbox INDEXED BY inbox_verify';
  if (filter.phases) return 'inbox INDEXED BY inbox_phase';
  return filter.closed === false ? 'inbox INDEXED BY inbox_open' : 'inbox';
}

export function inboxRows(db: Database, profile: string): InboxRows {
  return {
    async receive(orders, at, moved = [], source = 'list') {
      db.transaction(() => {
        invalidate(db, profile, 'stock', moved, at);
        db.run(
          RECEIVE,
          profile,
          at,
          JSON.stringify(orders.map((o) => [o.hashedId, o.payload, o.version, o.status, o.cartonaTotal ?? null])),
          source,
        );
      });
      const ids = orders.map((order) => order.hashedId);
      const rows = db.all<Row>(
        `SELECT i.* FROM json_each(?) AS k CROSS JOIN inbox AS i ON i.profile = ? AND i.hashed_id = k.value`,
        JSON.stringify(ids),
        profile,
      );
      const byId = new Map(rows.map((row) => [row.hashed_id, read(row)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },

    async list(filter) {
      const conditions = ['profile = ?'];
      const parameters: Parameter[] = [profile];
      if (filter.phases) {
        conditions.push('phase IN (SELECT value FROM json_each(?))');
        parameters.push(JSON.stringify(filter.phases));
      }
      if (filter.hashedIds) {
        conditions.push('hashed_id IN (SELECT value FROM json_each(?))');
        parameters.push(JSON.stringify(filter.hashedIds));
      }
      if (filter.odooIds) {
        conditions.push('odoo_id IN (SELECT value FROM json_each(?))');
        parameters.push(JSON.stringify(filter.odooIds));
      }
      if (filter.odooNames) {
        conditions.push('odoo_name IN (SELECT value FROM json_each(?))');
        parameters.push(JSON.stringify(filter.odooNames));
      }
      if (filter.verifyBy !== undefined) {
        conditions.push('verify_at <= ?');
        parameters.push(filter.verifyBy);
      }
      if (filter.closed !== undefined) conditions.push(`closed = ${filter.closed ? 1 : 0}`);
      parameters.push(filter.limit ?? -1);
      return db
        .all<Row>(
          `SELECT * FROM ${indexedFor(filter)} WHERE ${conditions.join(' AND ')} ORDER BY received_at DESC, odoo_id DESC, hashed_id LIMIT ?`,
          ...parameters,
        )
        .map(read);
    },

    async update(hashedId, change) {
      const sets: string[] = [];
      const values: Parameter[] = [];
      for (const [field, value] of Object.entries(change) as [keyof InboxChange, InboxChange[keyof InboxChange]][]) {
        sets.push(`${CHANGEABLE[field]} = ?`);
        values.push(typeof value === 'boolean' ? (value ? 1 : 0) : (value ?? null));
      }
      if (sets.length > 0)
        db.run(`UPDATE inbox SET ${sets.join(', ')} WHERE profile = ? AND hashed_id = ?`, ...values, profile, hashedId);
    },

    nextVerifyAt: async () =>
      db.all<{ at: number | null }>(
        'SELECT min(verify_at) AS at FROM inbox WHERE profile = ? AND verify_at IS NOT NULL',
        profile,
      )[0]?.at ?? undefined,

    async prune(before) {
      db.transaction(() => {
        for (const sql of [FORGET_STATES, FORGET]) db.run(sql, profile, before);
      });
    },

    summary: async () => db.all<{ phase: InboxPhase; count: number; oldest: number }>(SUMMARY, profile),
  };
}
