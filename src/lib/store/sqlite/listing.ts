import { z } from 'zod';
import type { ListingRows, SeenEntry } from '../store.js';
import type { Database } from './database.js';

interface Row {
  listed_id: string;
  key: string;
  base_product_id: string | null;
  unit_count: number | null;
  median_price: string | null;
  unreadable: string | null;
  seen_at: number;
}

const COLUMNS = 'l.listed_id, l.key, l.base_product_id, l.unit_count, l.median_price, l.unreadable, l.seen_at';

const PUT = `
  INSERT INTO listing (profile, listed_id, key, base_product_id, unit_count, median_price, unreadable, seen_at)
  SELECT ?1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, ?2 FROM json_each(?3) AS e WHERE true
  ON CONFLICT (profile, listed_id) DO UPDATE SET
    key = excluded.key, base_product_id = excluded.base_product_id, unit_count = excluded.unit_count,
    median_price = excluded.median_price, unreadable = excluded.unreadable, seen_at = excluded.seen_at`;

// An id may have moved from one entry to another: the one that was seen last stands last, and counts.
const GET = `
  SELECT ${COLUMNS} FROM json_each(?) AS k CROSS JOIN listing AS l ON l.profile = ? AND l.key = k.value
  WHERE l.seen_at >= ? ORDER BY l.seen_at`;

const UNREADABLE = `
  SELECT ${COLUMNS} FROM listing AS l WHERE l.profile = ? AND l.unreadable IS NOT NULL AND l.key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM listing AS n WHERE n.profile = l.profile AND n.key = l.key AND n.seen_at > l.seen_at)
  ORDER BY l.key`;

const FORGET = 'DELETE FROM listing WHERE profile = ? AND key IN (SELECT value FROM json_each(?)) AND seen_at < ?';

const SHARED = `
  SELECT l.base_product_id FROM json_each(?) AS k CROSS JOIN listing AS l ON l.profile = ? AND l.base_product_id = k.value
  GROUP BY 1 HAVING count(DISTINCT l.listed_id) > 1`;

const fields = z.array(z.object({ field: z.string(), value: z.string() }));

const read = (row: Row): SeenEntry => ({
  listedId: row.listed_id,
  key: row.key,
  baseProductId: row.base_product_id ?? undefined,
  unitCount: row.unit_count ?? undefined,
  medianPrice: row.median_price ?? undefined,
  unreadable: row.unreadable === null ? [] : fields.parse(JSON.parse(row.unreadable)),
  seenAt: row.seen_at,
});

export function listingRows(db: Database, profile: string): ListingRows {
  return {
    async put(rows, at) {
      if (rows.length === 0) return;
      db.run(
        PUT,
        profile,
        at,
        JSON.stringify(
          rows.map((row) => [
            row.listedId,
            row.key ?? null,
            row.baseProductId ?? null,
            row.unitCount ?? null,
            row.medianPrice ?? null,
            row.unreadable.length === 0 ? null : JSON.stringify(row.unreadable),
          ]),
        ),
      );
    },
    async get(keys, since) {
      const rows = db.all<Row>(GET, JSON.stringify(keys), profile, since);
      return new Map(rows.map((row) => [row.key, read(row)]));
    },
    async forget(keys, before) {
      if (keys.length > 0) db.run(FORGET, profile, JSON.stringify(keys), before);
    },
    unreadable: async () => db.all<Row>(UNREADABLE, profile).map(read),
    async sharedBaseProducts(ids) {
      const rows = db.all<{ base_product_id: string }>(SHARED, JSON.stringify([...new Set(ids)]), profile);
      return new Set(rows.map((row) => row.base_product_id));
    },
  };
}
