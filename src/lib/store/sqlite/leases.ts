import { randomUUID } from 'node:crypto';
import { isGone, thisProcess } from '../../common/processes.js';
import type { LeaseRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  owner: string;
  pid: number;
  host: string;
  since: number;
  started: string | null;
  expires_at: number;
}

export function leaseRows(db: Database, profile: string): LeaseRows {
  return {
    async take(job, ttlMs) {
      const owner = randomUUID();
      const self = thisProcess();
      const holder = db.transaction((): Row | undefined => {
        const now = Date.now();
        const row = db.all<Row>(
          'SELECT owner, pid, host, since, started, expires_at FROM lease WHERE profile = ? AND job = ?',
          profile,
          job,
        )[0];
        // A killed run leaves its lease behind: on this machine we can see that it is gone, elsewhere its time runs
        // out.
        const held =
          row !== undefined &&
          row.expires_at > now &&
          !isGone({ host: row.host, pid: row.pid, started: row.started ?? undefined });
        if (held) {
          // Should it have been taken under a clock that was set back since: whoever holds it renews it, and who is
          // gone must not hold it for longer.
          db.run(
            'UPDATE lease SET expires_at = min(expires_at, ?) WHERE profile = ? AND job = ?',
            now + ttlMs,
            profile,
            job,
          );
          return row;
        }
        db.run(
          `INSERT INTO lease (profile, job, owner, pid, host, since, started, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (profile, job) DO UPDATE SET owner = excluded.owner, pid = excluded.pid, host = excluded.host, since = excluded.since, started = excluded.started, expires_at = excluded.expires_at`,
          profile,
          job,
          owner,
          self.pid,
          self.host,
          now,
          self.started ?? null,
          now + ttlMs,
        );
        return undefined;
      });
      if (holder) return { kind: 'held', by: { pid: holder.pid, host: holder.host, since: holder.since } };
      return {
        kind: 'taken',
        lease: {
          renew: async () =>
            db.run(
              'UPDATE lease SET expires_at = ? WHERE profile = ? AND job = ? AND owner = ?',
              Date.now() + ttlMs,
              profile,
              job,
              owner,
            ) === 1,
          release: async () => {
            db.run('DELETE FROM lease WHERE profile = ? AND job = ? AND owner = ?', profile, job, owner);
          },
        },
      };
    },
  };
}
