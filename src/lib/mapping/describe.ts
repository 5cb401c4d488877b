import { z } from 'zod';
import type { Session } from '../session.js';

const CHUNK = 1000;

/** The names of products as a person knows them ("[SKU-1] Beans 400 g"), by Odoo id; archived ones too. */
export async function productNames(session: Session, odooIds: readonly number[]): Promise<Map<number, string>> {
  const wanted = [...new Set(odooIds)];
  const names = new Map<number, string>();
  for (let from = 0; from < wanted.length; from += CHUNK) {
    const rows = await session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [['id', 'in', wanted.slice(from, from + CHUNK)]],
        fields: ['display_name'],
        context: { active_test: false },
      },
      z.array(z.object({ id: z.number(), display_name: z.string() })),
    );
    for (const row of rows) names.set(row.id, row.display_name);
  }
  return names;
}
