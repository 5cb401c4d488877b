import { defineModel, f } from '../../orm/schema.js';
import type { Env, Model } from '../../orm/types.js';
import { textOf, type OdooVersion, type Row } from '../../orm/values.js';
import { priceDigits } from './prices.js';

/**
 * What products are sorted and told apart by: categories, units, attributes and their extra prices; a pricelist to name
 * on orders.
 */
export function productExtraModels(version: OdooVersion): Model[] {
  return [
    defineModel('product.category', 'Product Category', {
      order: 'complete_name',
      displayName: completeName,
      fields: [
        f.char('name', 'Name', { required: true }),
        f.char('complete_name', 'Complete Name', { stored: true, compute: completeName }),
        f.many2one('parent_id', 'Parent Category', 'product.category'),
        f.one2many('child_id', 'Child Categories', 'product.category', 'parent_id'),
      ],
    }),
    defineModel('uom.uom', 'Product Unit of Measure', {
      fields: [
        f.char('name', 'Unit', { required: true }),
        f.float('factor', 'Ratio', { initial: 1 }),
        f.boolean('active', 'Active', { initial: true }),
      ],
    }),
    defineModel('product.pricelist', 'Pricelist', {
      order: 'sequence asc, id asc',
      displayName: (env, row) =>
        `${textOf(row.name)} (${typeof row.currency_id === 'number' ? env.displayName('res.currency', row.currency_id) : ''})`,
      fields: [
        f.char('name', 'Pricelist Name', { required: true }),
        f.many2one('currency_id', 'Currency', 'res.currency', { required: true, initial: 1 }),
        f.many2one('company_id', 'Company', 'res.company'),
        f.integer('sequence', 'Sequence', { initial: 16 }),
        f.boolean('active', 'Active', { initial: true }),
      ],
    }),
    defineModel('product.attribute', 'Product Attribute', {
      fields: [
        f.char('name', 'Attribute', { required: true }),
        f.one2many('value_ids', 'Values', 'product.attribute.value', 'attribute_id'),
        f.selection(
          'create_variant',
          'Variant Creation',
          [
            ['always', 'Instantly'],
            ['dynamic', 'Dynamically'],
            ['no_variant', 'Never'],
          ],
          { initial: 'always' },
        ),
      ],
    }),
    defineModel('product.attribute.value', 'Attribute Value', {
      order: 'attribute_id, id',
      displayName: (env, row) =>
        `${env.displayName('product.attribute', Number(row.attribute_id))}: ${textOf(row.name)}`,
      fields: [
        f.char('name', 'Value', { required: true }),
        f.many2one('attribute_id', 'Attribute', 'product.attribute', { required: true, cascade: true }),
      ],
    }),
    attributeLines(),
    templateValues(version),
  ];
}

function completeName(env: Env, row: Row): string {
  const parent = typeof row.parent_id === 'number' ? env.table('product.category').get(row.parent_id) : undefined;
  return parent ? `${completeName(env, parent)} / ${textOf(row.name)}` : textOf(row.name);
}

function attributeLines(): Model {
  return defineModel('product.template.attribute.line', 'Product Template Attribute Line', {
    displayName: (env, row) => env.displayName('product.attribute', Number(row.attribute_id)),
    fields: [
      f.many2one('product_tmpl_id', 'Product Template', 'product.template', { required: true, cascade: true }),
      f.many2one('attribute_id', 'Attribute', 'product.attribute', { required: true }),
      f.many2many('value_ids', 'Values', 'product.attribute.value'),
      f.one2many(
        'product_template_value_ids',
        'Product Attribute Values',
        'product.template.attribute.value',
        'attribute_line_id',
      ),
    ],
    afterCreate: (env, row) => {
      for (const value of Array.isArray(row.value_ids) ? (row.value_ids as readonly number[]) : []) {
        env.sudo().create('product.template.attribute.value', {
          product_tmpl_id: row.product_tmpl_id,
          attribute_line_id: row.id,
          attribute_id: row.attribute_id,
          product_attribute_value_id: value,
        });
      }
    },
  });
}

function templateValues(version: OdooVersion): Model {
  const label = (env: Env, row: Row): string =>
    textOf(env.table('product.attribute.value').get(Number(row.product_attribute_value_id))?.name);
  return defineModel('product.template.attribute.value', 'Product Template Attribute Value', {
    order: 'attribute_line_id, id',
    displayName: (env, row) => `${env.displayName('product.attribute', Number(row.attribute_id))}: ${label(env, row)}`,
    fields: [
      f.char('name', 'Value', { searchable: true, compute: label }),
      f.boolean('ptav_active', 'Active', { initial: true }),
      f.float('price_extra', 'Extra Price', { digits: priceDigits(version) }),
      f.many2one('product_tmpl_id', 'Product Template', 'product.template', { readonly: true, cascade: true }),
      f.many2one('attribute_line_id', 'Attribute Line', 'product.template.attribute.line', {
        required: true,
        cascade: true,
      }),
      f.many2one('attribute_id', 'Attribute', 'product.attribute'),
      f.many2one('product_attribute_value_id', 'Attribute Value', 'product.attribute.value', { required: true }),
      f.many2many('ptav_product_variant_ids', 'Related Variants', 'product.product', {
        compute: (env, row) => [...env.table('product.product').lookup('product_template_attribute_value_ids', row.id)],
      }),
    ],
  });
}
