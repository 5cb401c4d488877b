import { z } from 'zod';
import type { OdooClient } from './client.js';

const KINDS = {
  warehouse: { model: 'stock.warehouse', offered: [] },
  location: { model: 'stock.location', offered: [['usage', '=', 'internal']] },
} as const;

/** Those that a refusal names. */
const NAMED = 20;

const placesAnswer = z.array(z.object({ id: z.number().int(), display_name: z.string() }));

/**
 * Whether Odoo has all of these warehouses or locations (archived ones count as absent, as they do for the stock).
 * @returns what is wrong, naming those there are to choose from; `undefined` when all are there
 * @throws CartonaError as any call of Odoo
 */
export async function missingPlaces(
  odoo: OdooClient,
  kind: keyof typeof KINDS,
  ids: readonly number[],
): Promise<string | undefined> {
  const { model, offered } = KINDS[kind];
  const found = new Set(await odoo.call(model, 'search', { domain: [['id', 'in', ids]] }, z.array(z.number())));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length === 0) return undefined;
  const there = await odoo.call(
    model,
    'search_read',
    { domain: offered, fields: ['display_name'], limit: NAMED + 1 },
    placesAnswer,
  );
  const named = there.slice(0, NAMED).map(({ id, display_name: name }) => `${id} (${name})`);
  const list = [...named, ...(there.length > NAMED ? ['…'] : [])].join(', ') || 'none';
  return `Odoo has no ${kind} ${missing.join(', ')}; there ${there.length === 1 ? 'is' : 'are'} ${list}`;
}
