import type { LineUpdate } from '../../cartona/client.js';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { amount } from '../../common/money.js';
import { lineExternalId } from '../../odoo/records/external-ids.js';
import { sameLine, type Lines } from '../import/three-way-merge.js';
import type { OdooLine } from '../../odoo/records/sale-orders.js';
import type { LineTerms } from '../import/order-lines.js';
import { cartonaIdOf } from '../inbox/payload.js';
import { priceToPay } from '../import/taxed-price.js';

/** A line in Odoo with what a comparison needs beside its values. */
export interface NamedLine extends OdooLine {
  readonly product: string;
  /** Per cent. */
  readonly discount: number;
  /** The Cartona id of its product, where that is the only one with it. */
  readonly cartonaId: string | undefined;
}

/** One line on both sides. Prices: EGP per piece at Cartona, Odoo's unit price in Odoo. */
export interface ComparedLine {
  /** Cartona's id of the line; absent for one that only Odoo has. */
  readonly id: string | undefined;
  readonly product: string;
  readonly cartona: { readonly quantity: string; readonly price: string } | undefined;
  readonly odoo: { readonly quantity: string; readonly price: string } | undefined;
  readonly equal: boolean;
  /** What would be sent to Cartona. */
  readonly update: LineUpdate | undefined;
  /** Why nothing can be sent. */
  readonly problem: string | undefined;
}

/**
 * Compares an order's lines and says what would bring Cartona to what Odoo has: a changed quantity or price, a line
 * that is gone or at zero, a line that was added.
 * @param wanted how Cartona's lines look in Odoo
 * @param named Odoo's lines that are lines of Cartona's
 * @param others Odoo's lines that Cartona does not know
 */
export function compareLines(
  order: CartonaOrder,
  wanted: Lines,
  named: ReadonlyMap<string, NamedLine>,
  others: readonly NamedLine[],
  terms: LineTerms,
): ComparedLine[] {
  const known = order.lines.map((line): ComparedLine => {
    const key = lineExternalId(order.hashedId, line.id);
    const is = named.get(key);
    const was = wanted.get(key);
    const both = {
      id: line.id,
      product: line.productName,
      cartona: { quantity: line.amount, price: line.sellingPrice },
      odoo: is && { quantity: is.quantity, price: is.priceUnit },
    };
    if (is && is.discount === 0 && sameLine(is, was))
      return { ...both, equal: true, update: undefined, problem: undefined };
    if (!is || amount(is.quantity).isZero())
      return { ...both, equal: false, update: { id: line.id, cancelled: true }, problem: undefined };
    if (was && is.productId !== was.productId)
      return {
        ...both,
        equal: false,
        update: undefined,
        problem: 'its product was changed in Odoo: take the line off there and add a new one',
      };
    const values = valuesForCartona(is, cartonaIdOf(line, terms.identifyBy), terms);
    if (values.kind === 'problem') return { ...both, equal: false, update: undefined, problem: values.reason };
    const update = {
      id: line.id,
      ...(is.quantity === was?.quantity ? {} : { amount: values.amount }),
      ...(is.priceUnit === was?.priceUnit ? {} : { price: values.price }),
    };
    return { ...both, equal: false, update, problem: undefined };
  });
  const added = others
    .filter((line) => !amount(line.quantity).isZero())
    .map((line): ComparedLine => {
      const one = {
        id: undefined,
        product: line.product,
        cartona: undefined,
        odoo: { quantity: line.quantity, price: line.priceUnit },
        equal: false,
      };
      if (line.cartonaId === undefined)
        return {
          ...one,
          update: undefined,
          problem: 'its product has no Cartona id of its own, so it stays in Odoo only',
        };
      const values = valuesForCartona(line, line.cartonaId, terms);
      if (values.kind === 'problem') return { ...one, update: undefined, problem: values.reason };
      const { amount: quantity, price } = values;
      return { ...one, update: { cartonaId: line.cartonaId, amount: quantity, price }, problem: undefined };
    });
  return [...known, ...added];
}

/** A line's quantity and price as Cartona takes them, or why it cannot. */
function valuesForCartona(
  line: NamedLine,
  cartonaId: string | undefined,
  { taxes, products }: LineTerms,
):
  | { readonly kind: 'values'; readonly amount: number; readonly price: string }
  | { readonly kind: 'problem'; readonly reason: string } {
  const problem = (reason: string) => ({ kind: 'problem', reason }) as const;
  if (line.discount !== 0)
    return problem(
      `it has a discount of ${line.discount} % in Odoo, which Cartona has no place for: put it into the price`,
    );
  const quantity = amount(line.quantity);
  if (!quantity.isInteger() || quantity.isNegative())
    return problem(`${line.quantity} is no quantity that Cartona takes: it must be whole`);
  const product = cartonaId === undefined ? undefined : products.byCartonaId.get(cartonaId);
  const gross =
    taxes === 'included' && product?.kind === 'found'
      ? priceToPay(line.priceUnit, product.taxIds, products.taxes)
      : ({ kind: 'price', price: line.priceUnit } as const);
  if (gross.kind === 'unsupported') return problem(`a price with the tax "${gross.tax}" cannot be reckoned`);
  if (amount(gross.price).lte(0)) return problem('Cartona takes no line without a price');
  return { kind: 'values', amount: quantity.toNumber(), price: gross.price };
}
