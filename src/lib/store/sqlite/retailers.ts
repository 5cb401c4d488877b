import type { RetailerRows } from '../store.js';
import type { Database } from './database.js';

export function retailerRows(db: Database, profile: string): RetailerRows {
  return {
    async get(keys) {
      const rows = db.all<{ key: string; partner_id: number }>(
        `SELECT r.key, r.partner_id FROM json_each(?) AS k CROSS JOIN retailer AS r ON r.profile = ? AND r.key = k.value`,
        JSON.stringify(keys),
        profile,
      );
      return new Map(rows.map((row) => [row.key, row.partner_id]));
    },
    async put(rows) {
      if (rows.length === 0) return;
      db.run(
        `INSERT INTO retailer (profile, key, partner_id) SELECT ?, e.value ->> 0, e.value ->> 1 FROM json_each(?) AS e WHERE true
         ON CONFLICT (profile, key) DO UPDATE SET partner_id = excluded.partner_id`,
        profile,
        JSON.stringify(rows.map((row) => [row.key, row.partnerId])),
      );
    },
  };
}
