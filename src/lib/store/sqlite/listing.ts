import type { ListingRows } from '../store.js';
import type { Database } from './database.js';

interface Row {
  listed_id: string;
  key: string;
  base_product_id: string | null;
  unit_count: number | null;
}

const PUT = `
  INSERT INTO listing (profile, listed_id, key, base_product_id, unit_count, seen_at)
  SELECT ?1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, ?2 FROM json_each(?3) AS e WHERE true
  ON CONFLICT (profile, listed_id) DO UPDATE SET
    key = excluded.key, base_product_id = excluded.base_product_id, unit_count = excluded.unit_count, seen_at = excluded.seen_at`;

const GET = `
  SELECT l.listed_id, l.key, l.base_product_id, l.unit_count
  FROM json_each(?) AS k CROSS JOIN listing AS l ON l.profile = ? AND l.key = k.value WHERE l.seen_at >= ?`;

const SHARED = `
  SELECT l.base_product_id FROM json_each(?) AS k CROSS JOIN listing AS l ON l.profile = ? AND l.base_product_id = k.value
  GROUP BY 1 HAVING count(DISTINCT l.listed_id) > 1`;

export function listingRows(db: Database, profile: string): ListingRows {
  return {
    async put(rows, at) {
      if (rows.length === 0) return;
      db.run(
        PUT,
        profile,
        at,
        JSON.stringify(
          rows.map((row) => [row.listedId, row.key ?? null, row.baseProductId ?? null, row.unitCount ?? null]),
        ),
      );
    },
    async get(keys, since) {
      const rows = db.all<Row>(GET, JSON.stringify(keys), profile, since);
      return new Map(
        rows.map((row) => [
          row.key,
          {
            listedId: row.listed_id,
            key: row.key,
            baseProductId: row.base_product_id ?? undefined,
            unitCount: row.unit_count ?? undefined,
          },
        ]),
      );
    },
    async sharedBaseProducts(ids) {
      const rows = db.all<{ base_product_id: string }>(SHARED, JSON.stringify([...new Set(ids)]), profile);
      return new Set(rows.map((row) => row.base_product_id));
    },
  };
}
