import type { Supplier, SupplierProduct } from '../supplier.js';
import type { BaseIds } from './seed-base.js';
import { rootEnv } from './seed-base.js';
import type { Database, Env } from './types.js';
import { textOf, type FieldValue } from './values.js';

/** Where the Cartona ids stand from the beginning; usually nowhere, until `odoo setup` and a mapping. */
export type CartonaField = 'none' | 'product' | 'template';

type Kept = Record<string, FieldValue | undefined>;

/**
 * Puts the supplier's products and stock into the database. Written straight into the tables: 100,000 products take a moment.
 * @returns the variants' ids by their place in the supplier's list
 */
export function seedCatalogue(db: Database, supplier: Supplier, base: BaseIds, field: CartonaField): ReadonlyMap<number, number> {
  const env = rootEnv(db);
  if (field !== 'none') addCartonaField(env, field);
  const stamp: Kept = { create_date: env.tx.now, write_date: env.tx.now, create_uid: base.users.admin, write_uid: base.users.admin };
  const categories = new Map<string, number>();
  const ids = new Map<number, number>();
  const templates = new Map<number, SupplierProduct[]>();
  for (const product of supplier.products) templates.set(product.templateRef, [...(templates.get(product.templateRef) ?? []), product]);
  for (const products of templates.values()) {
    const [first] = products;
    if (!first) continue;
    const category = categories.get(first.categoryName) ?? env.create('product.category', { name: first.categoryName, parent_id: base.category }).id;
    categories.set(first.categoryName, category);
    const template = db.table('product.template').insert({ ...stamp, ...templateOf(env, first, products, base, category), ...(field === 'template' ? cartonaId(first) : {}) }).row.id;
    const values = first.attributeName === undefined ? new Map<string, number>() : addAttribute(env, first.attributeName, template, products);
    for (const product of products) {
      const value = product.attributeValue === undefined ? undefined : values.get(product.attributeValue);
      const variant: Kept = {
        ...stamp, product_tmpl_id: template, default_code: product.defaultCode, ...(product.barcode === null ? {} : { barcode: product.barcode }), ...(product.active ? { active: true } : {}),
        ...(value === undefined ? {} : { product_template_attribute_value_ids: [value] }), ...(field === 'product' ? cartonaId(product) : {}),
      };
      ids.set(product.variantRef, db.table('product.product').insert(variant).row.id);
    }
  }
  env.tx.commit();
  seedStock(db, supplier, base, ids, stamp);
  return ids;
}

const cartonaId = (product: SupplierProduct): Kept => (product.cartonaId === null ? {} : { x_cartona_id: product.cartonaId });

function addCartonaField(env: Env, where: 'product' | 'template'): void {
  const [model] = env.search('ir.model', [['model', '=', `product.${where}`]]);
  env.create('ir.model.fields', { name: 'x_cartona_id', field_description: 'Cartona id', ttype: 'char', model_id: model ?? 0, index: true, copied: false });
}

function templateOf(env: Env, first: SupplierProduct, products: readonly SupplierProduct[], base: BaseIds, category: number): Kept {
  const storable = first.type === 'storable';
  const type: Kept = env.version >= 18 ? { type: storable ? 'consu' : 'service', ...(storable ? { is_storable: true } : {}) } : { detailed_type: storable ? 'product' : 'service' };
  const tax = first.salesTaxPercent === 0 ? [] : [first.priceIncluded ? base.taxes.included : base.taxes.excluded];
  return {
    name: first.nameAr === undefined ? first.name : { en_US: first.name, ar_001: first.nameAr }, list_price: Number(first.listPrice),
    ...(products.some((product) => product.active) ? { active: true } : {}), ...(first.saleOk ? { sale_ok: true } : {}), purchase_ok: true, ...type, categ_id: category, uom_id: base.unit,
    ...(env.version < 19 ? { uom_po_id: base.unit } : {}), taxes_id: tax, invoice_policy: 'order',
  };
}

/** The template's attribute with the values that tell its variants apart; gives the ids of the values on this template. */
function addAttribute(env: Env, name: string, template: number, products: readonly SupplierProduct[]): Map<string, number> {
  const attribute = env.search('product.attribute', [['name', '=', name]])[0] ?? env.create('product.attribute', { name }).id;
  const labels = products.map((product) => product.attributeValue).filter((value): value is string => value !== undefined);
  const known = labels.map((label) => env.search('product.attribute.value', [['attribute_id', '=', attribute], ['name', '=', label]])[0] ?? env.create('product.attribute.value', { name: label, attribute_id: attribute }).id);
  env.create('product.template.attribute.line', { product_tmpl_id: template, attribute_id: attribute, value_ids: [[6, 0, known]] });
  const values = new Map<string, number>();
  for (const id of env.search('product.template.attribute.value', [['product_tmpl_id', '=', template]])) {
    const row = env.row('product.template.attribute.value', id);
    const label = textOf(env.value(env.model('product.template.attribute.value'), row, 'name'));
    env.set('product.template.attribute.value', row, { price_extra: Number(products.find((product) => product.attributeValue === label)?.priceExtra ?? 0) });
    values.set(label, id);
  }
  return values;
}

/** Every fifth product of the first warehouse lies on its shelf: a location below the stock location counts too. */
function seedStock(db: Database, supplier: Supplier, base: BaseIds, ids: ReadonlyMap<number, number>, stamp: Kept): void {
  for (const product of supplier.products) {
    for (const { warehouse, quantity } of product.stock) {
      const shelf = warehouse === 'WH1' && product.variantRef % 5 === 0;
      const location = shelf ? base.warehouses.WH1.shelf : base.warehouses[warehouse].stock;
      db.table('stock.quant').insert({ ...stamp, product_id: ids.get(product.variantRef), location_id: location, quantity: Number(quantity) });
    }
  }
}
