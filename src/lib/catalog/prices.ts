import { z } from 'zod';
import { idText } from '../common/ids.js';
import { amount, canonical } from '../common/money.js';
import type { MappedVariant } from '../mapping/identity.js';
import { requireIdField, type Session } from '../session.js';
import type { WantedValue } from './difference.js';
import { priceDoubt } from './doubt.js';
import type { FlowDefinition } from './flow.js';

const DEFAULT_DIGITS = 2;

/**
 * Prices of mapped active variants: what stands in Odoo, with the decimals that it states.
 * @param digits those decimals, see `priceDigits`
 * @param stillMapped the mapping was read a while ago: what is mapped otherwise by now is left out
 */
export function priceFlow(session: Session, digits: number, stillMapped = false): FlowDefinition {
  const percent = session.profile.brake.priceChangePercent;
  const asOf = session.now();
  return {
    flow: 'price',
    asOf,
    needIdentities: false,
    covers: (variant) => variant.active,
    read: (variants) => readPrices(session, variants, digits, stillMapped),
    send: (changes) =>
      session.cartona.updateProducts(
        changes.map((change) => ({ cartonaId: change.cartonaId, sellingPrice: change.value })),
      ),
    unfit: (wanted) =>
      amount(wanted.value).greaterThan(0)
        ? undefined
        : `its price in Odoo is ${wanted.value}; give it a price above zero`,
    doubt: (change, listed, before) => priceDoubt(change, listed, before, percent),
    isFall: () => false,
    judgeFalls: () => undefined,
  };
}

/**
 * Reads the wanted prices of a page of variants: `lst_price` as it is, in EGP, rounded to the decimals that Odoo states
 * for the field. A variant that has vanished since the mapping was read is left out. (Pricelists will be evaluated
 * here.)
 * @param stillMapped also leave out variants that are mapped otherwise by now: for whoever read the mapping a while ago
 */
async function readPrices(
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
