import { z } from 'zod';
import { idText } from '../common/ids.js';
import { requireIdField, type Session } from '../session.js';
import { described, type ProductKeys, type Product } from './match.js';
import type { Holder } from './plan.js';

/** Odoo says `false` where there is nothing. */
export const odooText = z
  .union([z.string(), z.literal(false), z.null()])
  .optional()
  .transform((value) => (typeof value === 'string' && value !== '' ? value : undefined));

/** The Cartona id in a field. Rows come by the hundred thousand: the two usual cases do without the schema. */
function heldId(value: unknown): string | undefined {
  if (value === false) return undefined;
  return typeof value === 'string' ? value.trim() || undefined : idText.parse(value);
}

const productRows = z.array(
  z.looseObject({
    id: z.number().int(),
    active: z.boolean(),
    default_code: odooText,
    barcode: odooText,
    product_tmpl_id: z.number().int().optional(),
    product_variant_count: z.number().int().optional(),
  }),
);
const holderRows = z.array(z.looseObject({ id: z.number().int(), active: z.boolean(), default_code: odooText }));

/** Archived records hold ids too; many-to-one values are asked for as bare ids. */
const ALL = { load: '', context: { active_test: false } } as const;

/** The terms of a domain of which at least one holds. */
export const anyOf = (terms: readonly unknown[]): unknown[] => [...terms.slice(1).map(() => '|'), ...terms];

/** All products, archived ones included, that the given keys may mean: one call, by the strongest key of each. */
export async function findProductsByKeys(session: Session, keys: readonly ProductKeys[]): Promise<Product[]> {
  const ids = new Set<number>();
  const barcodes = new Set<string>();
  const references = new Set<string>();
  for (const { odooId, barcode, reference } of keys) {
    if (odooId !== undefined) ids.add(odooId);
    else if (barcode !== undefined) barcodes.add(barcode);
    else if (reference !== undefined) references.add(reference);
  }
  const terms = [
    ...(ids.size > 0 ? [['id', 'in', [...ids]]] : []),
    ...(barcodes.size > 0 ? [['barcode', 'in', [...barcodes]]] : []),
    ...(references.size > 0 ? [['default_code', 'in', [...references]]] : []),
  ];
  return terms.length === 0 ? [] : readProducts(session, anyOf(terms));
}

/** The products of a domain, archived ones included. */
export async function readProducts(session: Session, domain: readonly unknown[]): Promise<Product[]> {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  const fields = [
    'active',
    'default_code',
    'barcode',
    field.name,
    ...(onTemplate ? ['product_tmpl_id', 'product_variant_count'] : []),
  ];
  const rows = await session.odoo.call('product.product', 'search_read', { domain, fields, ...ALL }, productRows);
  return rows.map((row) => ({
    id: row.id,
    holder: onTemplate ? (row.product_tmpl_id ?? 0) : row.id,
    reference: row.default_code,
    barcode: row.barcode,
    active: row.active,
    variants: onTemplate ? (row.product_variant_count ?? 1) : 1,
    cartonaId: heldId(row[field.name]),
  }));
}

/** Everything that holds one of the given Cartona ids now, archived records included: one call. */
export async function findHolders(session: Session, cartonaIds: readonly string[]): Promise<Map<string, Holder[]>> {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  const holders = new Map<string, Holder[]>();
  if (cartonaIds.length === 0) return holders;
  const args = {
    domain: [[field.name, 'in', [...new Set(cartonaIds)]]],
    fields: ['active', 'default_code', field.name],
    ...ALL,
  };
  for (const row of await session.odoo.call(field.model, 'search_read', args, holderRows)) {
    const cartonaId = heldId(row[field.name]);
    if (cartonaId === undefined) continue;
    const label = described({ id: row.id, reference: row.default_code, active: row.active });
    const holder = onTemplate
      ? { holder: row.id, label: `the template ${label}`, remedy: undefined }
      : { holder: row.id, label, remedy: `cartona map clear id:${row.id}` };
    const known = holders.get(cartonaId);
    if (known) known.push(holder);
    else holders.set(cartonaId, [holder]);
  }
  return holders;
}
