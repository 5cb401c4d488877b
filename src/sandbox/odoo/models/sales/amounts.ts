import { Decimal } from 'decimal.js';
import { namesOf } from '../../orm/names.js';
import type { Env } from '../../orm/types.js';
import type { Row } from '../../orm/values.js';

/** Money is rounded to two decimals, halves away from zero, line by line and tax by tax. */
const money = (value: Decimal): Decimal => value.toDecimalPlaces(2, Decimal.ROUND_HALF_UP);

interface Rate {
  readonly percent: Decimal;
  readonly included: boolean;
}

/** Amounts of an order line from its quantity, price, discount and taxes. */
function lineAmounts(env: Env, line: Row): { untaxed: Decimal; tax: Decimal; total: Decimal } {
  const kept = line[namesOf(env.version).lineTaxes];
  const rates = (Array.isArray(kept) ? (kept as readonly number[]) : []).map((id) => rateOf(env, id));
  const gross = new Decimal(Number(line.price_unit ?? 0))
    .times(new Decimal(100).minus(Number(line.discount ?? 0)))
    .div(100)
    .times(Number(line.product_uom_qty ?? 0));
  const included = rates.filter((rate) => rate.included);
  const share = included.reduce((sum, rate) => sum.plus(rate.percent), new Decimal(0)).div(100);
  const net = gross.div(share.plus(1));
  const contained = included.reduce((sum, rate) => sum.plus(money(net.times(rate.percent).div(100))), new Decimal(0));
  const untaxed = money(gross).minus(contained);
  const added = rates
    .filter((rate) => !rate.included)
    .reduce((sum, rate) => sum.plus(money(net.times(rate.percent).div(100))), new Decimal(0));
  const tax = contained.plus(added);
  return { untaxed, tax, total: untaxed.plus(tax) };
}

function rateOf(env: Env, id: number): Rate {
  const tax = env.row('account.tax', id);
  const included = tax.price_include === true || tax.price_include_override === 'tax_included';
  return { percent: new Decimal(Number(tax.amount ?? 0)), included };
}

/** Brings a line's amounts and its order's totals up to date. An order whose totals stay is not touched. */
export function refreshAmounts(env: Env, order: Row): void {
  let untaxed = new Decimal(0);
  let tax = new Decimal(0);
  for (const id of env.table('sale.order.line').lookup('order_id', order.id)) {
    const line = env.row('sale.order.line', id);
    const amounts = lineAmounts(env, line);
    untaxed = untaxed.plus(amounts.untaxed);
    tax = tax.plus(amounts.tax);
    const subtotal = amounts.untaxed.toNumber();
    const total = amounts.total.toNumber();
    // Odoo keeps the tax as a binary difference, dust and all.
    if (line.price_subtotal !== subtotal || line.price_total !== total) {
      env.tx.log(
        env
          .table('sale.order.line')
          .update(id, { price_subtotal: subtotal, price_total: total, price_tax: total - subtotal }),
      );
    }
  }
  const totals = {
    amount_untaxed: untaxed.toNumber(),
    amount_tax: tax.toNumber(),
    amount_total: untaxed.plus(tax).toNumber(),
  };
  if (Object.entries(totals).some(([name, total]) => order[name] !== total)) env.set('sale.order', order, totals);
}
