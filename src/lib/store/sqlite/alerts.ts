import type { AlertRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  cause: string;
  reason: string;
  since: number;
  told_at: number | null;
}

const RAISE = `INSERT INTO alert (profile, cause, reason, since) VALUES (?, ?, ?, ?) ON CONFLICT (profile, cause) DO UPDATE SET reason = excluded.reason`;

export function alertRows(db: Database, profile: string): AlertRows {
  return {
    list: async () =>
      db
        .all<Row>('SELECT cause, reason, since, told_at FROM alert WHERE profile = ? ORDER BY since, cause', profile)
        .map((row) => ({ cause: row.cause, reason: row.reason, since: row.since, toldAt: row.told_at ?? undefined })),
    async raise(cause, reason, at) {
      db.run(RAISE, profile, cause, reason, at);
    },
    async told(cause, at) {
      db.run('UPDATE alert SET told_at = ? WHERE profile = ? AND cause = ?', at, profile, cause);
    },
    async clear(cause) {
      db.run('DELETE FROM alert WHERE profile = ? AND cause = ?', profile, cause);
    },
  };
}
