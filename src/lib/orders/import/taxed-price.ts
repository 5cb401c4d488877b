import { amount, canonical, type Amount } from '../../common/money.js';

/** A sales tax as far as it decides a price. */
export interface SaleTax {
  readonly id: number;
  readonly name: string;
  /** Per cent for `percent`. */
  readonly amount: string;
  readonly type: string;
  readonly priceIncluded: boolean;
  /** The taxes after it are reckoned on its result. */
  readonly affectsLater: boolean;
  /** Of a `group`. */
  readonly children: readonly number[];
}

/** A price, or the name of a tax for which it cannot be computed. */
export type TaxedPrice =
  { readonly kind: 'price'; readonly price: string } | { readonly kind: 'unsupported'; readonly tax: string };

/** Decimals of a price where Odoo sets no precision (19): a line of a thousand pieces is still exact to the piastre. */
const FREE_DIGITS = 6;

/**
 * The unit price that makes a line come to what the retailer pays, taxes kept: percentages that Odoo adds on top are
 * taken out, included ones stay. Rounded to Odoo's precision, so that a large line may differ by piastres.
 */
export function priceWithTaxesIn(
  gross: string,
  taxIds: readonly number[],
  taxes: ReadonlyMap<number, SaleTax>,
  digits: number | undefined,
): TaxedPrice {
  const parts = shares(taxIds, taxes);
  if (parts.kind === 'unsupported') return parts;
  const net = amount(gross).times(parts.included).div(parts.included.plus(parts.added));
  return { kind: 'price', price: canonical(net, digits ?? FREE_DIGITS) };
}

/** What the retailer pays for a line with this unit price: the reverse of `priceWithTaxesIn`, to the piastre. */
export function priceToPay(
  unitPrice: string,
  taxIds: readonly number[],
  taxes: ReadonlyMap<number, SaleTax>,
): TaxedPrice {
  const parts = shares(taxIds, taxes);
  if (parts.kind === 'unsupported') return parts;
  const gross = amount(unitPrice).times(parts.included.plus(parts.added)).div(parts.included);
  return { kind: 'price', price: canonical(gross, 2) };
}

/** Of a price: 100 and the percentages in it, and those that are added on top. */
function shares(
  taxIds: readonly number[],
  taxes: ReadonlyMap<number, SaleTax>,
):
  | { readonly kind: 'shares'; readonly included: Amount; readonly added: Amount }
  | { readonly kind: 'unsupported'; readonly tax: string } {
  const flat = taxIds.flatMap((id) => withChildren(id, taxes));
  const odd = flat.find(
    (tax) => typeof tax === 'number' || tax.type !== 'percent' || (tax.affectsLater && flat.length > 1),
  );
  if (odd !== undefined) return { kind: 'unsupported', tax: typeof odd === 'number' ? `tax ${odd}` : odd.name };
  let included = amount(100);
  let added = amount(0);
  for (const tax of flat) {
    if (typeof tax === 'number') continue;
    if (tax.priceIncluded) included = included.plus(tax.amount);
    else added = added.plus(tax.amount);
  }
  return { kind: 'shares', included, added };
}

/** The taxes that a tax stands for (a group for its members); an unknown one as its id. */
function withChildren(id: number, taxes: ReadonlyMap<number, SaleTax>): (SaleTax | number)[] {
  const tax = taxes.get(id);
  if (!tax) return [id];
  return tax.type === 'group' ? tax.children.flatMap((child) => withChildren(child, taxes)) : [tax];
}
