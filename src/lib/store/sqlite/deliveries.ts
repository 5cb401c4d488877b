import type { Delivery, DeliveryOutcome, DeliveryRows, Flow } from '../store.js';
import type { Database } from './database.js';
import { isWorkerGone, workerName } from './workers.js';

interface Row {
  key: string;
  odoo_id: number;
  wanted: string;
  delivered: string | null;
  delivered_at: number | null;
  outcome: DeliveryOutcome;
  reason: string | null;
  attempts: number;
  attempted_at: number | null;
  failing_since: number | null;
  due_at: number | null;
  approved: string | null;
}

const COLUMNS =
  'd.key, d.odoo_id, d.wanted, d.delivered, d.delivered_at, d.outcome, d.reason, d.attempts, d.attempted_at, d.failing_since, d.due_at, d.approved';

// CROSS JOIN fixes the order of the loops: the few keys outside, the index inside. Left to itself SQLite may scan the
// profile's rows for each.
const GET = `SELECT ${COLUMNS} FROM json_each(?) AS k CROSS JOIN delivery AS d ON d.profile = ? AND d.flow = ? AND d.key = k.value`;

const UNDELIVERED = `SELECT ${COLUMNS} FROM delivery AS d WHERE d.profile = ? AND d.flow = ? AND d.outcome <> 'delivered' ORDER BY d.attempted_at, d.key`;

const LEASED_BY_OTHERS = `
  SELECT DISTINCT d.lease_owner AS owner FROM json_each(?) AS k CROSS JOIN delivery AS d ON d.profile = ? AND d.flow = ? AND d.key = k.value WHERE d.lease_until > ?`;

const FREE = 'UPDATE delivery SET lease_owner = NULL, lease_until = NULL WHERE profile = ? AND lease_owner = ?';

// What is taken is due when its time is over: should its worker be gone by then, somebody looks at it again. A verdict
// on an earlier attempt (rejected, braked …) ends here, for it must not be read as one on the value that is being sent.
const CLAIM = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, outcome, due_at, lease_owner, lease_until)
  SELECT ?1, ?2, e.value ->> 0, e.value ->> 1, e.value ->> 2, 'failed', ?4, ?3, ?4 FROM json_each(?5) AS e
  WHERE e.value ->> 3 OR NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.profile = ?1 AND d.flow = ?2 AND d.key = e.value ->> 0 AND d.attempted_at IS NOT e.value ->> 4)
  ON CONFLICT (profile, flow, key) DO UPDATE SET
    odoo_id = excluded.odoo_id, wanted = excluded.wanted, delivered_at = NULL,
    outcome = iif(outcome = 'delivered', outcome, 'failed'), reason = iif(outcome = 'failed', reason, NULL),
    attempts = iif(outcome = 'failed', attempts, 0), failing_since = iif(outcome = 'failed', failing_since, NULL),
    due_at = excluded.due_at, unconfirmed_at = NULL, lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
  WHERE (delivery.lease_until IS NULL OR delivery.lease_until <= ?6) AND (delivery.unconfirmed_at IS NULL OR delivery.unconfirmed_at <= ?7)
  RETURNING key`;

const RECORD = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, delivered, delivered_at, outcome, reason, attempts, attempted_at, failing_since, due_at)
  SELECT ?1, ?2, e.value ->> 0, e.value ->> 1, e.value ->> 2,
         iif(e.value ->> 3 = 'delivered', e.value ->> 2, NULL), iif(e.value ->> 3 = 'delivered', ?3, NULL),
         e.value ->> 3, e.value ->> 4, iif(e.value ->> 3 = 'delivered', 0, e.value ->> 6), ?3, iif(e.value ->> 3 = 'delivered', NULL, ?3), e.value ->> 5
  FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO UPDATE SET
    odoo_id = excluded.odoo_id, wanted = excluded.wanted,
    delivered = iif(excluded.outcome = 'delivered', excluded.wanted, delivered),
    delivered_at = iif(unconfirmed_at IS NOT NULL, NULL, iif(excluded.outcome = 'delivered', excluded.delivered_at, delivered_at)),
    outcome = excluded.outcome, reason = excluded.reason,
    attempts = iif(excluded.outcome = 'delivered', 0, attempts + excluded.attempts), attempted_at = excluded.attempted_at,
    failing_since = iif(excluded.outcome = 'delivered', NULL, coalesce(failing_since, excluded.failing_since)),
    due_at = coalesce(unconfirmed_at, excluded.due_at), approved = iif(excluded.outcome = 'delivered', NULL, approved), lease_owner = NULL, lease_until = NULL
  WHERE delivery.lease_owner IS NULL OR delivery.lease_owner = ?5 OR delivery.lease_until <= ?3`;

const TAKEN_MEANWHILE = `
  UPDATE delivery SET delivered_at = NULL WHERE profile = ?1 AND flow = ?2 AND lease_owner <> ?3 AND key IN (SELECT e.value ->> 0 FROM json_each(?4) AS e)`;

// What Cartona reports is the delivered value; a rejection of another value stays known. What was tried, or
// touched by an order, since it was asked is newer than its answer.
const OBSERVE = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, delivered, delivered_at, outcome)
  SELECT ?1, ?2, e.value ->> 0, 0, e.value ->> 1, e.value ->> 1, ?3, 'delivered' FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO UPDATE SET delivered = excluded.delivered, delivered_at = excluded.delivered_at,
    outcome = iif(wanted = excluded.delivered, 'delivered', outcome), reason = iif(wanted = excluded.delivered, NULL, reason),
    attempts = iif(wanted = excluded.delivered, 0, attempts), failing_since = iif(wanted = excluded.delivered, NULL, failing_since),
    due_at = iif(wanted = excluded.delivered, NULL, due_at), unconfirmed_at = NULL
  WHERE (delivery.lease_until IS NULL OR delivery.lease_until <= ?3) AND (delivery.attempted_at IS NULL OR delivery.attempted_at <= ?3)
    AND (delivery.unconfirmed_at IS NULL OR delivery.unconfirmed_at <= ?3)`;

const NOTE_ABSENT = `
  INSERT INTO delivery (profile, flow, key, odoo_id, wanted, outcome, reason)
  SELECT ?1, ?2, e.value, 0, '', 'failed', ?3 FROM json_each(?4) AS e WHERE true
  ON CONFLICT (profile, flow, key) DO NOTHING`;

// The value stays for showing and for the brake; without its instant it counts as unconfirmed.
const UNCONFIRM = `UPDATE delivery SET delivered_at = NULL, due_at = ?1, unconfirmed_at = ?1 WHERE profile = ?2 AND flow = ?3 AND key IN (SELECT value FROM json_each(?4))`;

const ofKeys = 'profile = ? AND flow = ? AND key IN (SELECT value FROM json_each(?))';
// A person decides on what they saw: a value that became another one meanwhile is left alone.
const ofValues = 'profile = ? AND flow = ? AND (key, wanted) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))';
const RETRY = `UPDATE delivery SET outcome = 'failed', attempts = 0, failing_since = ?, due_at = ? WHERE ${ofKeys} AND outcome <> 'delivered'`;
const APPROVE = `UPDATE delivery SET outcome = 'failed', approved = wanted, attempts = 0, failing_since = ?, due_at = ? WHERE ${ofValues} AND outcome = 'braked'`;
const DISCARD = `UPDATE delivery SET outcome = 'discarded', reason = ?, due_at = NULL WHERE ${ofValues} AND outcome <> 'delivered'`;
const TAKE_DUE = `
  UPDATE delivery SET due_at = NULL WHERE profile = ?1 AND flow = ?2
    AND key IN (SELECT key FROM delivery WHERE profile = ?1 AND flow = ?2 AND due_at <= ?3 AND (lease_until IS NULL OR lease_until <= ?3) ORDER BY due_at LIMIT ?4) RETURNING key`;
const FORGET = `DELETE FROM delivery WHERE ${ofKeys}`;
const NEXT_DUE = 'SELECT min(due_at) AS at FROM delivery WHERE profile = ? AND flow = ? AND due_at IS NOT NULL';
// The index of the undelivered: there are few of them. What was only taken, or noted as absent, has not failed.
const SUMMARY =
  "SELECT flow, outcome, count(*) AS count, min(failing_since) AS oldest FROM delivery INDEXED BY delivery_undelivered WHERE profile = ? AND outcome <> 'delivered' AND (outcome <> 'failed' OR failing_since IS NOT NULL) GROUP BY flow, outcome";

const read = (row: Row): Delivery => ({
  key: row.key,
  odooId: row.odoo_id,
  wanted: row.wanted,
  delivered: row.delivered ?? undefined,
  deliveredAt: row.delivered_at ?? undefined,
  outcome: row.outcome,
  reason: row.reason ?? undefined,
  attempts: row.attempts,
  attemptedAt: row.attempted_at ?? undefined,
  failingSince: row.failing_since ?? undefined,
  dueAt: row.due_at ?? undefined,
  approved: row.approved ?? undefined,
});

const pairs = (values: readonly { key: string; wanted: string }[]): string =>
  JSON.stringify(values.map((value) => [value.key, value.wanted]));

/** Makes values unconfirmed and due; see `DeliveryRows.invalidate`. */
export function invalidate(db: Database, profile: string, flow: Flow, keys: readonly string[], at: number): void {
  if (keys.length > 0) db.run(UNCONFIRM, at, profile, flow, JSON.stringify(keys));
}

export function deliveryRows(db: Database, profile: string): DeliveryRows {
  const worker = workerName();
  const freeFromGone = (flow: Flow, keys: string, at: number): void => {
    for (const { owner } of db.all<{ owner: string }>(LEASED_BY_OTHERS, keys, profile, flow, at))
      if (isWorkerGone(owner)) db.run(FREE, profile, owner);
  };
  return {
    get: async (flow, keys) =>
      new Map(db.all<Row>(GET, JSON.stringify(keys), profile, flow).map((row) => [row.key, read(row)])),
    async claim(flow, values, until, at, asOf = at) {
      if (values.length === 0) return new Set();
      const keys = JSON.stringify(values.map((value) => value.key));
      const rows = JSON.stringify(
        values.map((value) => [
          value.key,
          value.odooId,
          value.wanted,
          value.attemptedAt === undefined,
          value.attemptedAt ?? null,
        ]),
      );
      return db.transaction(() => {
        freeFromGone(flow, keys, at);
        return new Set(
          db.all<{ key: string }>(CLAIM, profile, flow, worker, until, rows, at, asOf).map((row) => row.key),
        );
      });
    },
    async record(flow, results, at) {
      if (results.length === 0) return;
      const rows = JSON.stringify(
        results.map((r) => [
          r.key,
          r.odooId,
          r.wanted,
          r.outcome,
          r.reason ?? null,
          r.dueAt ?? null,
          r.notTaken ? 0 : 1,
        ]),
      );
      db.transaction(() => {
        db.run(RECORD, profile, flow, at, rows, worker);
        db.run(TAKEN_MEANWHILE, profile, flow, worker, rows);
      });
    },
    async recordObserved(flow, values, at) {
      if (values.length === 0) return;
      db.transaction(() => {
        // What a worker that is gone was telling, the other side's answer to us tells.
        freeFromGone(flow, JSON.stringify(values.map((v) => v.key)), at);
        db.run(OBSERVE, profile, flow, at, JSON.stringify(values.map((v) => [v.key, v.delivered])));
      });
    },
    async noteAbsent(flow, keys, reason) {
      if (keys.length > 0) db.run(NOTE_ABSENT, profile, flow, reason, JSON.stringify(keys));
    },
    invalidate: async (flow, keys, at) => invalidate(db, profile, flow, keys, at),
    undelivered: async (flow) => db.all<Row>(UNDELIVERED, profile, flow).map(read),
    takeDue: async (flow, at, limit) =>
      db.all<{ key: string }>(TAKE_DUE, profile, flow, at, limit).map((row) => row.key),
    async forget(flow, keys) {
      if (keys.length > 0) db.run(FORGET, profile, flow, JSON.stringify(keys));
    },
    nextDue: async (flow) => db.all<{ at: number | null }>(NEXT_DUE, profile, flow)[0]?.at ?? undefined,
    retry: async (flow, keys, at) => db.run(RETRY, at, at, profile, flow, JSON.stringify(keys)),
    approve: async (flow, values, at) => db.run(APPROVE, at, at, profile, flow, pairs(values)),
    discard: async (flow, values, reason) => db.run(DISCARD, reason, profile, flow, pairs(values)),
    summary: async () =>
      db
        .all<{ flow: Flow; outcome: DeliveryOutcome; count: number; oldest: number | null }>(SUMMARY, profile)
        .map((row) => ({ ...row, oldest: row.oldest ?? undefined })),
  };
}
