import { z } from 'zod';
import { idText } from '../common/ids.js';
import { canonical } from '../common/money.js';
import type { MappedVariant } from '../mapping/identity.js';
import { requireIdField, type Session } from '../session.js';
import type { WantedValue } from './difference.js';

const DEFAULT_DIGITS = 2;

/**
 * Reads the wanted prices of a page of variants: `lst_price` as it is, in EGP, rounded to the decimals that Odoo states
 * for the field. A variant that has vanished since the mapping was read is left out. (Pricelists will be evaluated
 * here.)
 * @param stillMapped also leave out variants that are mapped otherwise by now: for whoever read the mapping a while ago
 */
export async function readPrices(
  session: Session,
  variants: readonly MappedVariant[],
  digits: number,
  stillMapped: boolean,
): Promise<WantedValue[]> {
  const field = requireIdField(session).name;
  const rows = await session.odoo.call(
    'product.product',
    'search_read',
    {
      domain: [['id', 'in', variants.map((variant) => variant.odooId)]],
      fields: stillMapped ? ['lst_price', field] : ['lst_price'],
      order: 'id',
      context: { active_test: false },
    },
    z.array(z.looseObject({ id: z.number(), lst_price: z.number() })),
  );
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  return variants.flatMap(({ odooId, cartonaId }) => {
    const row = rowOf.get(odooId);
    if (row === undefined || (stillMapped && idText.catch(undefined).parse(row[field]) !== cartonaId)) return [];
    return [{ odooId, cartonaId, value: canonical(row.lst_price, digits) }];
  });
}

/**
 * The decimals of a product's price in this Odoo ("Product Price" under decimal accuracy). Up to 18 the field states
 * them as `digits`; 19 no longer rounds what it stores and states the decimals it shows as `min_display_digits`.
 */
export async function priceDigits(session: Session): Promise<number> {
  const { lst_price: field } = await session.odoo.call(
    'product.product',
    'fields_get',
    { allfields: ['lst_price'], attributes: ['digits', 'min_display_digits'] },
    priceField,
  );
  return (field.digits || undefined)?.[1] ?? (field.min_display_digits || DEFAULT_DIGITS);
}

const priceField = z.object({
  lst_price: z.object({
    digits: z.union([z.tuple([z.number(), z.number()]), z.literal(false)]).optional(),
    min_display_digits: z.union([z.number(), z.literal(false)]).optional(),
  }),
});
