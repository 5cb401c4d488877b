import { z } from 'zod';
import { idText } from '../../common/ids.js';
import { requireIdField, type Session } from '../../session.js';
import { chunks, groupedBy } from '../../common/collections.js';
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
    for (const [cartonaId, holders] of groupedBy(rows, (row) => row.cartonaId))
      byCartonaId.set(cartonaId, productOf(holders));
    for (const row of rows) for (const id of row.taxIds) taxIds.add(id);
  }
  return { byCartonaId, taxes: await readTaxes(session, [...taxIds]) };
}

/**
 * A product that holds a Cartona id. `templateId` is told where the id lives on the template and all its variants show
 * it.
 */
export interface Holder {
  readonly id: number;
  readonly templateId: number | undefined;
  readonly active: boolean;
  readonly taxIds: readonly number[];
}

/**
 * Which product is meant by an id that these hold. On the template an id means its one active variant, whatever
 * archived sisters it has; with several active ones it is ambiguous.
 */
export function productOf(holders: readonly Holder[]): Product {
  const template = holders[0]?.templateId;
  const sisters = template !== undefined && holders.every((holder) => holder.templateId === template);
  const active = holders.filter((holder) => holder.active);
  const meant = sisters && active.length === 1 ? active : holders;
  const [only] = meant;
  if (only === undefined || meant.length > 1) return { kind: 'several', ids: holders.map((holder) => holder.id) };
  return only.active ? { kind: 'found', id: only.id, taxIds: only.taxIds } : { kind: 'archived', id: only.id };
}

async function readRows(
  session: Session,
  cartonaIds: readonly string[],
  withTaxes: boolean,
): Promise<(Holder & { cartonaId: string })[]> {
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
