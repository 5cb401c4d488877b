import type { Store } from '../store.js';
import type { Database } from './database.js';

/**
 * Another process, or another machine on the same file, may be a moment ahead; what is so near is reached soon anyway.
 */
const SLACK_MS = 2000;

// ?1 now, ?2 from when on an instant lies in the future, ?3 the latest that may rightly wait, ?4 the profile.
// A row with an instant of the future is looked at now: its next attempt was reckoned from that instant.
const DELIVERIES = `
  UPDATE delivery SET
    due_at = min(due_at, iif(max(coalesce(attempted_at, 0), coalesce(failing_since, 0), coalesce(unconfirmed_at, 0)) > ?2, ?1, ?3)),
    attempted_at = min(attempted_at, ?1), failing_since = min(failing_since, ?1), unconfirmed_at = min(unconfirmed_at, ?1), lease_until = min(lease_until, ?3)
  WHERE profile = ?4 AND (attempted_at > ?2 OR failing_since > ?2 OR unconfirmed_at > ?2 OR lease_until > ?3 OR due_at > ?3)`;
const LISTING = 'UPDATE listing SET seen_at = ?1 WHERE profile = ?3 AND seen_at > ?2';
const EVENTS = 'UPDATE event SET received_at = ?1 WHERE profile = ?3 AND done_at IS NULL AND received_at > ?2';
const VERIFICATIONS = 'UPDATE inbox SET verify_at = ?1 WHERE profile = ?3 AND verify_at > ?2';
const ALERTS =
  'UPDATE alert SET since = min(since, ?1), told_at = min(told_at, ?1) WHERE profile = ?3 AND (since > ?2 OR told_at > ?2)';

/** See `Store.clampFutureTimestamps`. One transaction per table: each row is right by itself. */
export function clampFutureTimestamps(db: Database, profile: string): Store['clampFutureTimestamps'] {
  return async (at, longestMs) => {
    const future = at + SLACK_MS;
    db.run(DELIVERIES, at, future, at + longestMs, profile);
    db.run(VERIFICATIONS, at, at + longestMs, profile);
    for (const sql of [LISTING, EVENTS, ALERTS]) db.run(sql, at, future, profile);
    db.transaction(() => {
      for (const { name, value } of db.all<{ name: string; value: string }>(
        'SELECT name, value FROM note WHERE profile = ? AND at > ?',
        profile,
        future,
      )) {
        db.run(
          'UPDATE note SET value = ?, at = ? WHERE profile = ? AND name = ?',
          withoutFuture(value, at),
          at,
          profile,
          name,
        );
      }
    });
  };
}

/** No other number of a note is as large as an instant. */
function withoutFuture(json: string, at: number): string {
  try {
    return JSON.stringify(
      JSON.parse(json, (_, value: unknown) => (typeof value === 'number' && value > at ? at : value)),
    );
  } catch {
    return json;
  }
}
