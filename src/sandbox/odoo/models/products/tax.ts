import { defineModel, f } from '../../orm/schema.js';
import type { Model } from '../../orm/types.js';
import type { OdooVersion } from '../../orm/values.js';

/**
 * Sales taxes in percent. From 18 on whether a tax is in the price is an override of the company's habit, which is
 * "not".
 */
export function taxModel(version: OdooVersion): Model {
  return defineModel('account.tax', 'Tax', {
    order: 'sequence, id',
    fields: [
      f.char('name', 'Tax Name', { required: true }),
      f.float('amount', 'Amount', { required: true, digits: [16, 4] }),
      f.selection(
        'amount_type',
        'Tax Computation',
        [
          ['group', 'Group of Taxes'],
          ['fixed', 'Fixed'],
          ['percent', 'Percentage'],
          ['division', 'Percentage Tax Included'],
        ],
        { required: true, initial: 'percent' },
      ),
      f.selection(
        'type_tax_use',
        'Tax Type',
        [
          ['sale', 'Sales'],
          ['purchase', 'Purchases'],
          ['none', 'None'],
        ],
        { required: true, initial: 'sale' },
      ),
      version >= 18
        ? f.boolean('price_include', 'Price Include', {
            searchable: true,
            compute: (_env, row) => row.price_include_override === 'tax_included',
          })
        : f.boolean('price_include', 'Included in Price'),
      version >= 18 &&
        f.selection('price_include_override', 'Included in Price', [
          ['tax_included', 'Tax Included'],
          ['tax_excluded', 'Tax Excluded'],
        ]),
      f.boolean('include_base_amount', 'Affect Base of Subsequent Taxes'),
      f.many2many('children_tax_ids', 'Children Taxes', 'account.tax'),
      f.integer('sequence', 'Sequence', { initial: 1 }),
      f.boolean('active', 'Active', { initial: true }),
      f.many2one('company_id', 'Company', 'res.company', { required: true, initial: 1 }),
      f.char('description', 'Label on Invoices'),
    ],
  });
}
