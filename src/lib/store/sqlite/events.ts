import type { EventRows, KeptEvent, NewEvent } from '../store.js';
import type { Database } from './database.js';

interface Row {
  id: number;
  kind: 'order' | 'status';
  hashed_id: string;
  webhook_id: string | null;
  digest: string;
  payload: string;
  received_at: number;
}

const BY_WEBHOOK = 'SELECT 1 AS found FROM event WHERE profile = ? AND webhook_id = ? AND kind = ? AND hashed_id = ?';
const LAST = 'SELECT digest FROM event WHERE profile = ? AND hashed_id = ? ORDER BY id DESC LIMIT 1';
const INSERT =
  'INSERT INTO event (profile, kind, hashed_id, webhook_id, digest, payload, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)';
const WAITING =
  'SELECT id, kind, hashed_id, webhook_id, digest, payload, received_at FROM event WHERE profile = ? AND done_at IS NULL ORDER BY id LIMIT ?';

const read = (row: Row): KeptEvent => ({
  id: row.id,
  kind: row.kind,
  hashedId: row.hashed_id,
  webhookId: row.webhook_id ?? undefined,
  digest: row.digest,
  payload: row.payload,
  receivedAt: row.received_at,
});

export function eventRows(db: Database, profile: string): EventRows {
  const isRepeat = (event: NewEvent): boolean => {
    if (event.webhookId !== undefined)
      return db.all(BY_WEBHOOK, profile, event.webhookId, event.kind, event.hashedId).length > 0;
    return db.all<{ digest: string }>(LAST, profile, event.hashedId)[0]?.digest === event.digest;
  };
  return {
    keep: async (events, at) =>
      db.durably(() =>
        events.map((event) => {
          if (isRepeat(event)) return false;
          db.run(INSERT, profile, event.kind, event.hashedId, event.webhookId ?? null, event.digest, event.payload, at);
          return true;
        }),
      ),
    waiting: async (limit) => db.all<Row>(WAITING, profile, limit).map(read),
    async backlog() {
      const row = db.all<{ count: number; oldest: number | null }>(
        'SELECT count(*) AS count, min(received_at) AS oldest FROM event WHERE profile = ? AND done_at IS NULL',
        profile,
      )[0];
      return { count: row?.count ?? 0, oldest: row?.oldest ?? undefined };
    },
    async done(ids, at) {
      db.run('UPDATE event SET done_at = ? WHERE id IN (SELECT value FROM json_each(?))', at, JSON.stringify(ids));
    },
    async prune(before) {
      db.run('DELETE FROM event INDEXED BY event_done WHERE profile = ? AND done_at < ?', profile, before);
    },
  };
}
