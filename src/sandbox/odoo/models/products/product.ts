import { Decimal } from 'decimal.js';
import { validationError } from '../../orm/errors.js';
import { defineModel, f } from '../../orm/schema.js';
import type { Env, Field, Model } from '../../orm/types.js';
import { textOf, type FieldValue, type OdooVersion, type Row, type WireObject } from '../../orm/values.js';
import { extraPrice, priceDigits, variantPrice } from './prices.js';
import { quantitiesOf, type Quantities } from '../stock/quantities.js';
import { makeVariants, variantsOf } from './variants.js';

const QUANTITY_DIGITS = [16, 2] as const;

/** Templates and their variants. A variant delegates to its template whatever it does not keep itself. */
export function productModels(version: OdooVersion): Model[] {
  const template = templateModel(version);
  return [template, variantModel(version, template)];
}

function templateModel(version: OdooVersion): Model {
  const digits = priceDigits(version);
  return defineModel('product.template', 'Product', {
    order: 'name',
    displayName: (env, row) => withCode(env, row, env.value(env.model('product.template'), row, 'default_code')),
    nameFields: ['name'],
    fields: [
      f.char('name', 'Name', { required: true, translate: true }),
      f.float('list_price', 'Sales Price', { digits, initial: 1 }),
      f.boolean('active', 'Active', { initial: true }),
      f.boolean('sale_ok', version >= 18 ? 'Sales' : 'Can be Sold', { initial: true }),
      f.boolean('purchase_ok', 'Purchase', { initial: true }),
      ...typeFields(version),
      f.many2one(
        'categ_id',
        'Product Category',
        'product.category',
        version >= 19 ? {} : { required: true, initial: 1 },
      ),
      f.many2one('uom_id', version >= 19 ? 'Unit' : 'Unit of Measure', 'uom.uom', { required: true, initial: 1 }),
      version < 19 && f.many2one('uom_po_id', 'Purchase Unit', 'uom.uom', { required: true, initial: 1 }),
      f.many2many('taxes_id', 'Sales Taxes', 'account.tax', { initial: defaultTaxes }),
      f.many2one('company_id', 'Company', 'res.company'),
      f.many2one('currency_id', 'Currency', 'res.currency', { compute: () => 1 }),
      f.text('description_sale', 'Sales Description', { translate: true }),
      f.html('description', 'Description'),
      f.float('weight', 'Weight'),
      f.selection(
        'invoice_policy',
        'Invoicing Policy',
        [
          ['order', 'Ordered quantities'],
          ['delivery', 'Delivered quantities'],
        ],
        { initial: 'order' },
      ),
      f.one2many('product_variant_ids', 'Products', 'product.product', 'product_tmpl_id'),
      f.many2one('product_variant_id', 'Product', 'product.product', {
        compute: (env, row) => variantsOf(env, row)[0]?.id ?? false,
      }),
      f.integer('product_variant_count', '# Product Variants', { compute: (env, row) => variantsOf(env, row).length }),
      f.one2many('attribute_line_ids', 'Product Attributes', 'product.template.attribute.line', 'product_tmpl_id'),
      f.char('default_code', 'Internal Reference', { stored: true, ...ofSingleVariant('default_code') }),
      f.char('barcode', 'Barcode', { searchable: true, ...ofSingleVariant('barcode') }),
      f.float('standard_price', 'Cost', { digits, searchable: true, ...ofSingleVariant('standard_price') }),
      ...quantityFields((env, row) => sumOf(variantsOf(env, row).map((variant) => quantitiesOf(env, variant)))),
    ],
    afterCreate: (env, row, values) => {
      if (env.context.create_product_product !== false) makeVariants(env, row, values);
    },
    afterWrite: templateWritten,
  });
}

/** Up to 17 a storable product is a type of its own; from 18 on it is a good whose inventory is tracked. */
function typeFields(version: OdooVersion): Field[] {
  if (version >= 18) {
    return [
      f.selection(
        'type',
        'Product Type',
        [
          ['consu', 'Goods'],
          ['service', 'Service'],
          ['combo', 'Combo'],
        ],
        { required: true, initial: 'consu' },
      ),
      f.boolean('is_storable', 'Track Inventory'),
    ];
  }
  const types = [
    ['consu', 'Consumable'],
    ['service', 'Service'],
    ['product', 'Storable Product'],
  ] as const;
  return [
    f.selection('detailed_type', 'Product Type', types, { required: true, initial: 'consu' }),
    f.selection('type', 'Type', types, { stored: true, compute: (_env, row) => row.detailed_type ?? 'consu' }),
  ];
}

function defaultTaxes(env: Env): FieldValue {
  const tax = env.table('res.company').get(1)?.account_sale_tax_id;
  return typeof tax === 'number' ? [tax] : [];
}

/** A template shows what its variant holds while it has only one. */
function ofSingleVariant(name: string): Pick<Field, 'compute' | 'write'> {
  return {
    compute: (env, row) => {
      const [only, other] = variantsOf(env, row);
      const field = env.model('product.product').fields.get(name);
      return only && !other && field
        ? env.value(env.model('product.product'), only, name)
        : field?.type === 'float'
          ? 0
          : false;
    },
    write: (env, row, value) => {
      const [only, other] = variantsOf(env, row);
      if (only && !other) env.write('product.product', [only.id], { [name]: value });
    },
  };
}

function templateWritten(env: Env, rows: readonly Row[], values: WireObject): void {
  for (const row of rows) {
    if ('attribute_line_ids' in values) makeVariants(env, row, {});
    const variants = [...env.table('product.product').lookup('product_tmpl_id', row.id)].map((id) =>
      env.row('product.product', id),
    );
    // On 16 a variant's write_date does not move with its template.
    if ('active' in values) for (const variant of variants) env.set('product.product', variant, { active: row.active });
    else if (env.version >= 18) for (const variant of variants) env.set('product.product', variant, {});
  }
}

function variantModel(version: OdooVersion, template: Model): Model {
  const digits = priceDigits(version);
  const own: Field[] = [
    f.char('default_code', 'Internal Reference', { index: true }),
    f.char('barcode', 'Barcode', { copy: false, index: true }),
    f.boolean('active', 'Active', { initial: true }),
    f.float('standard_price', 'Cost', { digits }),
    f.many2one('product_tmpl_id', 'Product Template', 'product.template', { required: true, cascade: true }),
    f.many2many('product_template_attribute_value_ids', 'Attribute Values', 'product.template.attribute.value'),
    f.float('price_extra', 'Variant Price Extra', { digits, compute: (env, row) => extraPrice(env, row).toNumber() }),
    f.float('lst_price', 'Sales Price', { digits, compute: variantPrice, write: writeVariantPrice }),
    f.one2many('stock_quant_ids', 'Stock Quant', 'stock.quant', 'product_id'),
    f.one2many('stock_move_ids', 'Stock Move', 'stock.move', 'product_id'),
    ...quantityFields(quantitiesOf),
  ];
  const names = new Set(own.map((field) => field.name));
  const delegated = [...template.fields.values()].filter((field) => !names.has(field.name) && !MAGIC.has(field.name));
  return defineModel('product.product', 'Product Variant', {
    order: 'default_code, name, id',
    delegate: { model: 'product.template', field: 'product_tmpl_id' },
    displayName: variantName,
    nameFields: ['default_code', 'barcode', 'name'],
    fields: [...own, ...delegated.map((field) => delegate(field))],
    afterCreate: (env, row) => requireUniqueBarcode(env, row),
    afterWrite: (env, rows, values) => {
      if ('barcode' in values) for (const row of rows) requireUniqueBarcode(env, row);
      if ('default_code' in values || 'barcode' in values) for (const row of rows) touchTemplateOfOne(env, row);
    },
  });
}

const MAGIC = new Set(['id', 'create_date', 'write_date', 'create_uid', 'write_uid', 'display_name']);

/** A template's field as its variants show it. What the template computes is computed there. */
export function delegate(field: Field): Field {
  const { name, type, string, required, readonly, relation, digits, selection, translate } = field;
  return {
    name,
    type,
    string,
    required,
    readonly,
    copy: false,
    manual: false,
    index: false,
    related: ['product_tmpl_id', name],
    ...(relation === undefined ? {} : { relation }),
    ...(digits === undefined ? {} : { digits }),
    ...(selection === undefined ? {} : { selection }),
    ...(translate === undefined ? {} : { translate }),
  };
}

function writeVariantPrice(env: Env, row: Row, value: FieldValue): void {
  const listPrice = new Decimal(Number(value)).minus(extraPrice(env, row)).toNumber();
  env.write('product.template', [Number(row.product_tmpl_id)], { list_price: listPrice });
}

/** A template keeps its only variant's reference, so that it changes with it. */
function touchTemplateOfOne(env: Env, row: Row): void {
  const template = env.row('product.template', Number(row.product_tmpl_id));
  if (variantsOf(env, template).length === 1) env.set('product.template', template, {});
}

function requireUniqueBarcode(env: Env, row: Row): void {
  const barcode = textOf(row.barcode);
  if (barcode === '') return;
  const holders = env.sudo().search('product.product', [['barcode', '=', barcode]], { order: 'id' });
  if (holders.length < 2) return;
  const names = holders.map((id) => env.displayName('product.product', id)).join(' and ');
  throw validationError(
    `Barcode(s) already assigned:\n\n- Barcode "${barcode}" already assigned to product(s): ${names}\n\nNote: products that you don't have access to will not be shown above.`,
  );
}

function withCode(env: Env, row: Row, code: FieldValue): string {
  const name = textOf(env.value(env.model('product.template'), row, 'name'));
  return typeof code === 'string' && code !== '' ? `[${code}] ${name}` : name;
}

/** `[CODE] Name (Value, Value)`. */
function variantName(env: Env, row: Row): string {
  const template = env.table('product.template').get(Number(row.product_tmpl_id));
  const name = template ? withCode(env, template, row.default_code ?? false) : '';
  const values = Array.isArray(row.product_template_attribute_value_ids)
    ? (row.product_template_attribute_value_ids as readonly number[])
    : [];
  if (values.length === 0) return name;
  const model = env.model('product.template.attribute.value');
  const labels = values
    .map((id) => env.table(model.name).get(id))
    .filter((value): value is Row => value !== undefined)
    .map((value) => textOf(env.value(model, value, 'name')));
  return `${name} (${labels.join(', ')})`;
}

function quantityFields(quantities: (env: Env, row: Row) => Quantities): Field[] {
  const field = (name: string, label: string, of: keyof Quantities): Field =>
    f.float(name, label, {
      digits: QUANTITY_DIGITS,
      searchable: true,
      compute: (env, row) => quantities(env, row)[of],
    });
  return [
    field('qty_available', 'Quantity On Hand', 'onHand'),
    field('free_qty', 'Free To Use Quantity ', 'free'),
    field('virtual_available', 'Forecasted Quantity', 'forecast'),
    field('incoming_qty', 'Incoming', 'incoming'),
    field('outgoing_qty', 'Outgoing', 'outgoing'),
  ];
}

function sumOf(all: readonly Quantities[]): Quantities {
  const total = (of: keyof Quantities): number => all.reduce((sum, quantities) => sum + quantities[of], 0);
  return {
    onHand: total('onHand'),
    free: total('free'),
    forecast: total('forecast'),
    incoming: total('incoming'),
    outgoing: total('outgoing'),
  };
}
