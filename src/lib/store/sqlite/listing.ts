import type { ListingRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  key: string;
  base_product_id: string | null;
  unit_count: number | null;
}

export function listingRows(db: Database, profile: string): ListingRows {
  return {
    async put(rows, at) {
      if (rows.length === 0) return;
      db.run(
        `INSERT INTO listing (profile, key, base_product_id, unit_count, seen_at)
         SELECT ?1, e.value ->> 0, e.value ->> 1, e.value ->> 2, ?2 FROM json_each(?3) AS e WHERE true
         ON CONFLICT (profile, key) DO UPDATE SET base_product_id = excluded.base_product_id, unit_count = excluded.unit_count, seen_at = excluded.seen_at`,
        profile,
        at,
        JSON.stringify(rows.map((row) => [row.key, row.baseProductId ?? null, row.unitCount ?? null])),
      );
    },
    async get(keys) {
      const rows = db.all<Row>(
        `SELECT l.key, l.base_product_id, l.unit_count FROM json_each(?) AS k JOIN listing AS l ON l.profile = ? AND l.key = k.value`,
        JSON.stringify(keys),
        profile,
      );
      return new Map(rows.map((row) => [row.key, { key: row.key, baseProductId: row.base_product_id ?? undefined, unitCount: row.unit_count ?? undefined }]));
    },
    async sharedBaseProducts(ids) {
      const rows = db.all<{ base_product_id: string }>(
        `SELECT l.base_product_id FROM json_each(?) AS k JOIN listing AS l ON l.profile = ? AND l.base_product_id = k.value GROUP BY 1 HAVING count(DISTINCT l.key) > 1`,
        JSON.stringify([...new Set(ids)]),
        profile,
      );
      return new Set(rows.map((row) => row.base_product_id));
    },
  };
}
