import { Decimal } from 'decimal.js';
import type { SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import type { ApiOrder } from '../../../src/sandbox/supplier/supplier-types.js';

type Record_ = Record<string, unknown>;

export interface Sale {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly locked: boolean;
  readonly total: number;
}

/** Sale orders of a `hashed_id`: there must never be two. */
export function salesOf(odoo: SimulatedOdoo, hashedId: string): Sale[] {
  return odoo.store
    .records('sale.order')
    .filter((row) => row['client_order_ref'] === hashedId)
    .map((row) => ({
      id: Number(row['id']),
      name: String(row['name']),
      state: String(row['state']),
      locked: row['locked'] === true || row['state'] === 'done',
      total: Number(row['amount_total']),
    }));
}

export const saleOf = (odoo: SimulatedOdoo, hashedId: string): Sale | undefined => salesOf(odoo, hashedId)[0];

export const lineRows = (odoo: SimulatedOdoo, saleId: number): Record_[] =>
  odoo.store.records('sale.order.line').filter((row) => row['order_id'] === saleId);

const line = (amount: unknown, price: unknown): string =>
  `${new Decimal(Number(amount)).toFixed()} × ${new Decimal(Number(price)).toDecimalPlaces(2).toFixed()}`;

/** An order's lines in Odoo, as text. */
export const linesIn = (odoo: SimulatedOdoo, saleId: number): string[] =>
  lineRows(odoo, saleId)
    .map((row) => line(row['product_uom_qty'], row['price_unit']))
    .sort();

/** An order's lines at Cartona, as text. */
export const linesAt = (order: ApiOrder): string[] =>
  order.order_details.map((one) => line(one.amount, one.selling_price)).sort();

export const pickingsOf = (odoo: SimulatedOdoo, saleId: number): Record_[] =>
  odoo.store.records('stock.picking').filter((row) => row['sale_id'] === saleId);

/** How far an order's goods are. */
export function goodsOf(odoo: SimulatedOdoo, saleId: number): 'none' | 'open' | 'some' | 'all' {
  const states = pickingsOf(odoo, saleId)
    .map((row) => row['state'])
    .filter((state) => state !== 'cancel');
  if (states.length === 0) return 'none';
  const done = states.filter((state) => state === 'done').length;
  return done === 0 ? 'open' : done === states.length ? 'all' : 'some';
}
