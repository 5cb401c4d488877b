import { validationError } from '../orm/errors.js';
import { defineModel, f } from '../orm/schema.js';
import type { Env, Model } from '../orm/types.js';
import { isFilled, textOf, type OdooVersion, type Row } from '../orm/values.js';
import { historyField } from './base.js';

const ADDRESS_TYPES = (version: OdooVersion): [string, string][] =>
  version >= 19
    ? [
        ['contact', 'Contact'],
        ['invoice', 'Invoice'],
        ['delivery', 'Delivery'],
        ['other', 'Other'],
      ]
    : [
        ['contact', 'Contact'],
        ['invoice', 'Invoice Address'],
        ['delivery', 'Delivery Address'],
        ['other', 'Other Address'],
      ];

export function partnerModel(version: OdooVersion): Model {
  return defineModel('res.partner', 'Contact', {
    order: 'complete_name ASC, id DESC',
    displayName: fullName,
    nameFields: ['complete_name', 'ref', 'email', 'vat'],
    fields: [
      f.char('name', 'Name'),
      f.char('complete_name', 'Complete Name', { stored: true, compute: fullName }),
      f.char('ref', 'Reference', { index: true }),
      f.char('phone', 'Phone'),
      version < 19 && f.char('mobile', 'Mobile'),
      f.char('email', 'Email'),
      f.char('phone_sanitized', 'Sanitized Number', { stored: true, compute: (_env, row) => row.phone ?? false }),
      f.char('street', 'Street'),
      f.char('street2', 'Street2'),
      f.char('city', 'City'),
      f.char('zip', 'Zip'),
      f.many2one('country_id', 'Country', 'res.country'),
      f.html('comment', 'Notes'),
      f.char('vat', 'Tax ID'),
      f.char('website', 'Website'),
      f.char('function', 'Job Position'),
      f.selection('type', 'Address Type', ADDRESS_TYPES(version), { initial: 'contact' }),
      f.boolean('is_company', 'Is a Company'),
      f.selection(
        'company_type',
        'Company Type',
        [
          ['person', version >= 19 ? 'Person' : 'Individual'],
          ['company', 'Company'],
        ],
        {
          compute: (_env, row) => (row.is_company === true ? 'company' : 'person'),
          write: (env, row, value) => env.set('res.partner', row, { is_company: value === 'company' }),
        },
      ),
      f.many2one('parent_id', 'Related Company', 'res.partner'),
      f.one2many('child_ids', 'Contact', 'res.partner', 'parent_id'),
      f.many2one('user_id', 'Salesperson', 'res.users'),
      f.many2one('company_id', 'Company', 'res.company'),
      f.char('lang', 'Language', { initial: 'en_US' }),
      f.char('tz', 'Timezone'),
      f.integer('customer_rank', 'Customer Rank'),
      f.integer('color', 'Color Index'),
      f.boolean('active', 'Active', { initial: true }),
      historyField('res.partner'),
      f.many2one('property_product_pricelist', 'Pricelist', 'product.pricelist', {
        compute: (env) => env.sudo().search('product.pricelist', [], { limit: 1 })[0] ?? false,
      }),
    ],
    // Up to 18 a customer takes drafts and cancelled orders along; 19 refuses.
    beforeUnlink: (env, rows) => {
      const ids = rows.map((row) => row.id);
      if (env.version < 19)
        env.sudo().unlink(
          'sale.order',
          env.sudo().search('sale.order', [
            ['partner_id', 'in', ids],
            ['state', 'in', ['draft', 'cancel']],
          ]),
        );
    },
    afterCreate: requireName,
    afterWrite: (env, rows) => rows.forEach((row) => requireName(env, row)),
  });
}

function requireName(_env: Env, row: Row): void {
  if (row.type === 'contact' && !isFilled(row.name))
    throw validationError('The operation cannot be completed: Contacts require a name');
}

function fullName(env: Env, row: Row): string {
  const parent = typeof row.parent_id === 'number' ? env.table('res.partner').get(row.parent_id) : undefined;
  return parent ? `${textOf(parent.name)}, ${textOf(row.name)}` : textOf(row.name);
}
