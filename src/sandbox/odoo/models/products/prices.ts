import { Decimal } from 'decimal.js';
import type { Env } from '../../orm/types.js';
import type { OdooVersion, Row } from '../../orm/values.js';

/** Prices have two decimals up to 18; 19 keeps whatever was written and says so: `digits: false`. */
export function priceDigits(version: OdooVersion): readonly [number, number] | false {
  return version >= 19 ? false : [16, 2];
}

/** What a variant's attribute values add to its template's price. */
export function extraPrice(env: Env, product: Row): Decimal {
  const values = product.product_template_attribute_value_ids;
  let extra = new Decimal(0);
  for (const id of Array.isArray(values) ? (values as readonly number[]) : []) {
    extra = extra.plus(Number(env.table('product.template.attribute.value').get(id)?.price_extra ?? 0));
  }
  return extra;
}

/** A variant's sales price: its template's with the extras. */
export function variantPrice(env: Env, product: Row): number {
  const listPrice = Number(env.table('product.template').get(Number(product.product_tmpl_id))?.list_price ?? 0);
  const extras = product.product_template_attribute_value_ids;
  return Array.isArray(extras) && extras.length > 0 ? extraPrice(env, product).plus(listPrice).toNumber() : listPrice;
}
