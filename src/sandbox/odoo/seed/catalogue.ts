import type { Supplier, SupplierProduct } from '../../supplier/supplier.js';
import type { BaseIds } from './base.js';
import { rootEnv } from './base.js';
import type { Database, Env } from '../orm/types.js';
import { textOf, type FieldValue } from '../orm/values.js';

/** Where the Cartona ids stand from the beginning; usually nowhere, until `odoo setup` and a mapping. */
export type CartonaField = 'none' | 'product' | 'template';

type Kept = Record<string, FieldValue | undefined>;

const NO_TAX: readonly number[] = [];

/** What all records of the seed have in common. */
interface Stamp {
  readonly date: string;
  readonly user: number;
  readonly excluded: readonly number[];
  readonly included: readonly number[];
}

/**
 * Puts the supplier's products and stock into the database. Written straight into the tables: 100,000 products take a
 * moment.
 * @returns the variants' ids by their place in the supplier's list
 */
export function seedCatalogue(
  db: Database,
  supplier: Supplier,
  base: BaseIds,
  field: CartonaField,
): ReadonlyMap<number, number> {
  const env = rootEnv(db);
  if (field !== 'none') addCartonaField(env, field);
  const stamp: Stamp = {
    date: env.tx.now,
    user: base.users.admin,
    excluded: [base.taxes.excluded],
    included: [base.taxes.included],
  };
  const categories = new Map<string, number>();
  const ids = new Map<number, number>();
  const templates = new Map<number, SupplierProduct[]>();
  for (const product of supplier.products) {
    const known = templates.get(product.templateRef);
    if (known) known.push(product);
    else templates.set(product.templateRef, [product]);
  }
  for (const products of templates.values()) {
    const [first] = products;
    if (!first) continue;
    const category =
      categories.get(first.categoryName) ??
      env.create('product.category', { name: first.categoryName, parent_id: base.category }).id;
    categories.set(first.categoryName, category);
    const kept = templateOf(env, first, products, base, category, stamp);
    if (field === 'template' && first.cartonaId !== null) kept.x_cartona_id = first.cartonaId;
    const template = db.table('product.template').insert(kept).row.id;
    const values =
      first.attributeName === undefined
        ? new Map<string, number>()
        : addAttribute(env, first.attributeName, template, products);
    for (const product of products) {
      const value = product.attributeValue === undefined ? undefined : values.get(product.attributeValue);
      const cartonaId = field === 'product' ? (product.cartonaId ?? undefined) : undefined;
      ids.set(
        product.variantRef,
        db
          .table('product.product')
          .insert(variantOf(product, template, value === undefined ? undefined : [value], cartonaId, stamp)).row.id,
      );
    }
  }
  env.tx.commit();
  seedStock(db, supplier, base, ids, stamp);
  return ids;
}

function addCartonaField(env: Env, where: 'product' | 'template'): void {
  const [model] = env.search('ir.model', [['model', '=', `product.${where}`]]);
  env.create('ir.model.fields', {
    name: 'x_cartona_id',
    field_description: 'Cartona id',
    ttype: 'char',
    model_id: model ?? 0,
    index: true,
    copied: false,
  });
}

// One literal for all records of a kind, with every field in its place: engines keep such records small.
function templateOf(
  env: Env,
  first: SupplierProduct,
  products: readonly SupplierProduct[],
  base: BaseIds,
  category: number,
  stamp: Stamp,
): Kept {
  const storable = first.type === 'storable';
  const tax = first.salesTaxPercent === 0 ? NO_TAX : first.priceIncluded ? stamp.included : stamp.excluded;
  const old = env.version < 18;
  return {
    id: 0,
    create_date: stamp.date,
    write_date: stamp.date,
    create_uid: stamp.user,
    write_uid: stamp.user,
    name: first.nameAr === undefined ? first.name : { en_US: first.name, ar_001: first.nameAr },
    list_price: Number(first.listPrice),
    active: products.some((product) => product.active),
    sale_ok: first.saleOk,
    purchase_ok: true,
    categ_id: category,
    uom_id: base.unit,
    uom_po_id: base.unit,
    taxes_id: tax,
    invoice_policy: 'order',
    ...(old
      ? { detailed_type: storable ? 'product' : 'service' }
      : { type: storable ? 'consu' : 'service', is_storable: storable }),
  };
}

function variantOf(
  product: SupplierProduct,
  template: number,
  values: readonly number[] | undefined,
  cartonaId: string | undefined,
  stamp: Stamp,
): Kept {
  return {
    id: 0,
    create_date: stamp.date,
    write_date: stamp.date,
    create_uid: stamp.user,
    write_uid: stamp.user,
    product_tmpl_id: template,
    default_code: product.defaultCode,
    barcode: product.barcode ?? undefined,
    active: product.active,
    product_template_attribute_value_ids: values,
    x_cartona_id: cartonaId,
  };
}

/**
 * The template's attribute with the values that tell its variants apart; gives the ids of the values on this template.
 */
function addAttribute(
  env: Env,
  name: string,
  template: number,
  products: readonly SupplierProduct[],
): Map<string, number> {
  const attribute =
    env.search('product.attribute', [['name', '=', name]])[0] ?? env.create('product.attribute', { name }).id;
  const labels = products
    .map((product) => product.attributeValue)
    .filter((value): value is string => value !== undefined);
  const known = labels.map(
    (label) =>
      env.search('product.attribute.value', [
        ['attribute_id', '=', attribute],
        ['name', '=', label],
      ])[0] ?? env.create('product.attribute.value', { name: label, attribute_id: attribute }).id,
  );
  env.create('product.template.attribute.line', {
    product_tmpl_id: template,
    attribute_id: attribute,
    value_ids: [[6, 0, known]],
  });
  const values = new Map<string, number>();
  for (const id of env.search('product.template.attribute.value', [['product_tmpl_id', '=', template]])) {
    const row = env.row('product.template.attribute.value', id);
    const label = textOf(env.value(env.model('product.template.attribute.value'), row, 'name'));
    env.set('product.template.attribute.value', row, {
      price_extra: Number(products.find((product) => product.attributeValue === label)?.priceExtra ?? 0),
    });
    values.set(label, id);
  }
  return values;
}

/** Every fifth product of the first warehouse lies on its shelf: a location below the stock location counts too. */
function seedStock(
  db: Database,
  supplier: Supplier,
  base: BaseIds,
  ids: ReadonlyMap<number, number>,
  stamp: Stamp,
): void {
  for (const product of supplier.products) {
    for (const { warehouse, quantity } of product.stock) {
      const shelf = warehouse === 'WH1' && product.variantRef % 5 === 0;
      const location = shelf ? base.warehouses.WH1.shelf : base.warehouses[warehouse].stock;
      db.table('stock.quant').insert({
        id: 0,
        create_date: stamp.date,
        write_date: stamp.date,
        create_uid: stamp.user,
        write_uid: stamp.user,
        product_id: ids.get(product.variantRef),
        location_id: location,
        quantity: Number(quantity),
        reserved_quantity: 0,
      });
    }
  }
}
