import type { AuditEntry, AuditFilter, AuditRows } from '../store.js';
import type { Database, Parameter } from './database.js';

interface Row {
  id: number;
  at: number;
  actor: string;
  system: 'odoo' | 'cartona';
  action: string;
  record: string;
  from_value: string | null;
  to_value: string | null;
  outcome: string;
  duration_ms: number | null;
  detail: string | null;
}

const WRITE = `
  INSERT INTO audit (profile, at, actor, system, action, record, from_value, to_value, outcome, duration_ms, detail)
  SELECT ?, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6, e.value ->> 7, e.value ->> 8, e.value ->> 9
  FROM json_each(?) AS e`;

/** What each filter asks of a row. */
const CONDITIONS: readonly (readonly [Exclude<keyof AuditFilter, 'limit'>, string])[] = [
  ['actor', 'actor = ?'],
  ['system', 'system = ?'],
  ['action', 'action = ?'],
  ['record', 'record = ?'],
  ['outcome', 'outcome = ?'],
  ['since', 'at >= ?'],
  ['until', 'at < ?'],
  ['afterId', 'id > ?'],
];

const read = (row: Row): AuditEntry & { id: number } => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  system: row.system,
  action: row.action,
  record: row.record,
  from: row.from_value ?? undefined,
  to: row.to_value ?? undefined,
  outcome: row.outcome,
  durationMs: row.duration_ms ?? undefined,
  detail: row.detail ?? undefined,
});

export function auditRows(db: Database, profile: string): AuditRows {
  return {
    async write(entries) {
      if (entries.length === 0) return;
      const rows = entries.map((e) => [
        e.at,
        e.actor,
        e.system,
        e.action,
        e.record,
        e.from ?? null,
        e.to ?? null,
        e.outcome,
        e.durationMs ?? null,
        e.detail?.slice(0, 1000) ?? null,
      ]);
      db.run(WRITE, profile, JSON.stringify(rows));
    },
    async list(filter) {
      const conditions = ['profile = ?'];
      const parameters: Parameter[] = [profile];
      for (const [condition, value] of CONDITIONS.map(([name, sql]) => [sql, filter[name]] as const)) {
        if (value === undefined) continue;
        conditions.push(condition);
        parameters.push(value);
      }
      parameters.push(filter.limit ?? -1);
      const order = filter.afterId === undefined ? 'DESC' : 'ASC';
      return db
        .all<Row>(`SELECT * FROM audit WHERE ${conditions.join(' AND ')} ORDER BY id ${order} LIMIT ?`, ...parameters)
        .map(read);
    },
    values: async (of) =>
      db
        .all<{ value: string }>(`SELECT DISTINCT ${of} AS value FROM audit WHERE profile = ? ORDER BY value`, profile)
        .map(({ value }) => value),
    async prune(before) {
      db.run('DELETE FROM audit INDEXED BY audit_at WHERE profile = ? AND at < ?', profile, before);
    },
  };
}
