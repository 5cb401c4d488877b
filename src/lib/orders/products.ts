import { z } from 'zod';
import { idText } from '../common/ids.js';
import { identify } from '../mapping/identity.js';
import { requireIdField, type Session } from '../session.js';
import { chunks } from './collections.js';
import type { SaleTax } from './taxed-price.js';

const CHUNK = 500;

/** The product that a Cartona id means in Odoo, or why no product can be taken. */
export type Product =
  | { readonly kind: 'found'; readonly id: number; readonly taxIds: readonly number[] }
  | { readonly kind: 'archived'; readonly id: number }
  | { readonly kind: 'several'; readonly ids: readonly number[] };

/** What orders need to know of the catalogue. A Cartona id that no product holds is absent. */
export interface Products {
  readonly byCartonaId: ReadonlyMap<string, Product>;
  readonly taxes: ReadonlyMap<number, SaleTax>;
}

/** Looks up Cartona ids in Odoo, archived products included: an id that one of those holds as well is not sure. */
export async function findProducts(session: Session, cartonaIds: readonly string[]): Promise<Products> {
  const withTaxes = session.profile.orders.taxes === 'included';
  const byCartonaId = new Map<string, Product>();
  const taxIds = new Set<number>();
  for (const ids of chunks([...new Set(cartonaIds)], CHUNK)) {
    const rows = await readRows(session, ids, withTaxes);
    const taxesOf = new Map(rows.map((row) => [row.id, row.taxIds]));
    const { variants, clashes } = identify(rows);
    for (const { cartonaId, odooId, active } of variants) {
      byCartonaId.set(cartonaId, active ? { kind: 'found', id: odooId, taxIds: taxesOf.get(odooId) ?? [] } : { kind: 'archived', id: odooId });
    }
    for (const [cartonaId, holders] of clashes) byCartonaId.set(cartonaId, { kind: 'several', ids: holders });
    for (const row of rows) for (const id of row.taxIds) taxIds.add(id);
  }
  return { byCartonaId, taxes: await readTaxes(session, [...taxIds]) };
}

async function readRows(session: Session, cartonaIds: readonly string[], withTaxes: boolean) {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  const rows = await session.odoo.call(
    'product.product',
    'search_read',
    {
      domain: [[field.name, 'in', cartonaIds]],
      fields: [field.name, 'active', ...(onTemplate ? ['product_tmpl_id'] : []), ...(withTaxes ? ['taxes_id'] : [])],
      // Many-to-one values as bare ids.
      load: '',
      context: { active_test: false },
    },
    z.array(z.looseObject({ id: z.number(), active: z.boolean(), product_tmpl_id: z.number().optional(), taxes_id: z.array(z.number()).optional() })),
  );
  return rows.flatMap((row) => {
    const cartonaId = idText.parse(row[field.name]);
    return cartonaId === undefined ? [] : [{ id: row.id, template: row.product_tmpl_id, cartonaId, active: row.active, taxIds: row.taxes_id ?? [] }];
  });
}

const taxRows = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    amount: z.number().transform(String),
    amount_type: z.string(),
    price_include: z.boolean(),
    include_base_amount: z.boolean(),
    children_tax_ids: z.array(z.number()),
  }),
);

/** Reads taxes and, level by level, the members of groups. */
async function readTaxes(session: Session, ids: readonly number[]): Promise<Map<number, SaleTax>> {
  const taxes = new Map<number, SaleTax>();
  for (let wanted = ids; wanted.length > 0; ) {
    const rows = await session.odoo.call(
      'account.tax',
      'search_read',
      {
        domain: [['id', 'in', wanted]],
        fields: ['name', 'amount', 'amount_type', 'price_include', 'include_base_amount', 'children_tax_ids'],
        context: { active_test: false },
      },
      taxRows,
    );
    for (const row of rows) {
      taxes.set(row.id, {
        id: row.id,
        name: row.name,
        amount: row.amount,
        type: row.amount_type,
        priceIncluded: row.price_include,
        affectsLater: row.include_base_amount,
        children: row.children_tax_ids,
      });
    }
    wanted = rows.flatMap((row) => row.children_tax_ids).filter((id) => !taxes.has(id));
  }
  return taxes;
}
