import { z } from 'zod';
import { idText } from '../../common/ids.js';
import { requireIdField, type Session } from '../../session.js';
import { onlyHolder, type IdHolder } from '../../mapping/id-holders.js';
import { chunks, groupedBy } from '../../common/collections.js';
import type { SaleTax } from './taxed-price.js';

const CHUNK = 500;

/** The product that a Cartona id means in Odoo, or why no product can be taken. */
export type LineProduct =
  | { readonly kind: 'found'; readonly id: number; readonly taxIds: readonly number[] }
  | { readonly kind: 'archived'; readonly id: number }
  | { readonly kind: 'several'; readonly ids: readonly number[] };

/** The products and taxes that order lines need. A Cartona id that no product holds is absent. */
export interface LineProducts {
  readonly byCartonaId: ReadonlyMap<string, LineProduct>;
  readonly taxes: ReadonlyMap<number, SaleTax>;
}

/** Looks up the Cartona ids of order lines in Odoo; archived products hold ids too. */
export async function findLineProducts(session: Session, cartonaIds: readonly string[]): Promise<LineProducts> {
  const withTaxes = session.profile.orders.taxes === 'included';
  const byCartonaId = new Map<string, LineProduct>();
  const taxIds = new Set<number>();
  for (const ids of chunks([...new Set(cartonaIds)], CHUNK)) {
    const rows = await readRows(session, ids, withTaxes);
    for (const [cartonaId, holders] of groupedBy(rows, (row) => row.cartonaId))
      byCartonaId.set(cartonaId, productOf(holders));
    for (const row of rows) for (const id of row.taxIds) taxIds.add(id);
  }
  return { byCartonaId, taxes: await readTaxes(session, [...taxIds]) };
}

/** A product that holds a Cartona id. */
export interface ProductHolder extends IdHolder {
  readonly id: number;
  readonly taxIds: readonly number[];
}

/** Which product is meant by an id that these hold. */
export function productOf(holders: readonly ProductHolder[]): LineProduct {
  const only = onlyHolder(holders);
  if (only === undefined) return { kind: 'several', ids: holders.map((holder) => holder.id) };
  return only.active ? { kind: 'found', id: only.id, taxIds: only.taxIds } : { kind: 'archived', id: only.id };
}

async function readRows(
  session: Session,
  cartonaIds: readonly string[],
  withTaxes: boolean,
): Promise<(ProductHolder & { cartonaId: string })[]> {
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
    z.array(
      z.looseObject({
        id: z.number(),
        active: z.boolean(),
        product_tmpl_id: z.number().optional(),
        taxes_id: z.array(z.number()).optional(),
      }),
    ),
  );
  return rows.flatMap((row) => {
    const cartonaId = idText.parse(row[field.name]);
    return cartonaId === undefined
      ? []
      : [{ id: row.id, templateId: row.product_tmpl_id, cartonaId, active: row.active, taxIds: row.taxes_id ?? [] }];
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
  for (let wanted = ids; wanted.length > 0;) {
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
