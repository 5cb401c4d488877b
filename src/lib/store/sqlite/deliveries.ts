import type { Delivery, DeliveryOutcome, DeliveryRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  key: string;
  odoo_id: number;
  wanted: string;
  delivered: string | null;
  delivered_at: number | null;
  outcome: DeliveryOutcome;
  reason: string | null;
  attempts: number;
}

const COLUMNS = 'd.key, d.odoo_id, d.wanted, d.delivered, d.delivered_at, d.outcome, d.reason, d.attempts';

// CROSS JOIN fixes the order of the loops: the few keys outside, the index inside. Left to itself SQLite may scan the profile's rows for each.
const GET = `SELECT ${COLUMNS} FROM json_each(?) AS k CROSS JOIN delivery AS d ON d.profile = ? AND d.flow = ? AND d.key = k.value`;

const UNDELIVERED = `SELECT ${COLUMNS} FROM delivery AS d WHERE d.profile = ? AND d.flow = ? AND d.outcome <> 'delivered' ORDER BY d.attempted_at, d.key`;

// `WHERE true` keeps SQLite from reading the ON of the upsert as part of a join.
const RECORD = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, delivered, delivered_at, outcome, reason, attempts, attempted_at)
  SELECT ?1, ?2, e.value ->> 0, e.value ->> 1, e.value ->> 2,
         iif(e.value ->> 3 = 'delivered', e.value ->> 2, NULL), iif(e.value ->> 3 = 'delivered', ?3, NULL),
         e.value ->> 3, e.value ->> 4, iif(e.value ->> 3 = 'delivered', 0, 1), ?3
  FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO UPDATE SET
    odoo_id = excluded.odoo_id, wanted = excluded.wanted,
    delivered = iif(excluded.outcome = 'delivered', excluded.wanted, delivered),
    delivered_at = iif(excluded.outcome = 'delivered', excluded.delivered_at, delivered_at),
    outcome = excluded.outcome, reason = excluded.reason,
    attempts = iif(excluded.outcome = 'delivered', 0, attempts + 1), attempted_at = excluded.attempted_at`;

// What Cartona reports is the delivered value; a rejection of another value stays known.
const OBSERVE = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, delivered, delivered_at, outcome)
  SELECT ?1, ?2, e.value ->> 0, 0, e.value ->> 1, e.value ->> 1, ?3, 'delivered' FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO UPDATE SET delivered = excluded.delivered, delivered_at = excluded.delivered_at,
    outcome = iif(wanted = excluded.delivered, 'delivered', outcome)`;

const NOTE_ABSENT = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, outcome, reason)
  SELECT ?1, ?2, e.value, 0, '', 'failed', ?3 FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO NOTHING`;

// The value stays for showing and for the brake; without its instant it counts as unconfirmed.
const UNCONFIRM = `UPDATE delivery SET delivered_at = NULL WHERE profile = ? AND flow = ? AND key IN (SELECT value FROM json_each(?))`;

const read = (row: Row): Delivery => ({
  key: row.key,
  odooId: row.odoo_id,
  wanted: row.wanted,
  delivered: row.delivered ?? undefined,
  deliveredAt: row.delivered_at ?? undefined,
  outcome: row.outcome,
  reason: row.reason ?? undefined,
  attempts: row.attempts,
});

export function deliveryRows(db: Database, profile: string): DeliveryRows {
  return {
    get: async (flow, keys) => new Map(db.all<Row>(GET, JSON.stringify(keys), profile, flow).map((row) => [row.key, read(row)])),
    async record(flow, results, at) {
      if (results.length === 0) return;
      db.run(RECORD, profile, flow, at, JSON.stringify(results.map((r) => [r.key, r.odooId, r.wanted, r.outcome, r.reason ?? null])));
    },
    async observe(flow, values, at) {
      if (values.length === 0) return;
      db.run(OBSERVE, profile, flow, at, JSON.stringify(values.map((v) => [v.key, v.delivered])));
    },
    async noteAbsent(flow, keys, reason) {
      if (keys.length > 0) db.run(NOTE_ABSENT, profile, flow, reason, JSON.stringify(keys));
    },
    async unconfirm(flow, keys) {
      if (keys.length > 0) db.run(UNCONFIRM, profile, flow, JSON.stringify(keys));
    },
    undelivered: async (flow) => db.all<Row>(UNDELIVERED, profile, flow).map(read),
  };
}
