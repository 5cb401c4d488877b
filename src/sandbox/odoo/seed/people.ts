import type { ApiRetailer, Supplier, SupplierProduct } from '../../supplier/supplier.js';
import type { BaseIds } from './base.js';
import { RequestEnv } from '../orm/env.js';
import type { Database, Env } from '../orm/types.js';

/** Lines of one order among those that hold the reserved goods. */
const LINES_PER_ORDER = 10;

/**
 * Customers that were there before the connection, and the confirmed orders of walk-in customers that hold what is
 * reserved.
 * @param ids the variants' ids by their place in the supplier's list
 */
export function seedPeople(db: Database, supplier: Supplier, base: BaseIds, ids: ReadonlyMap<number, number>): void {
  const env = new RequestEnv(db, db.begin(), { uid: base.users.sales, su: true, context: {}, importing: undefined });
  seedCustomers(env, supplier);
  const { id: walkIn } = env.create('res.partner', { name: 'Walk-in customers' });
  for (const warehouse of ['WH1', 'WH2'] as const) {
    const reserved = supplier.products.flatMap((product) => reservedIn(product, warehouse, ids));
    for (let from = 0; from < reserved.length; from += LINES_PER_ORDER) {
      const lines = reserved.slice(from, from + LINES_PER_ORDER);
      const order = env.create('sale.order', {
        partner_id: walkIn,
        warehouse_id: base.warehouses[warehouse].id,
        order_line: lines.map((line) => [0, 0, line]),
      });
      env.model('sale.order').methods.get('action_confirm')?.run(env, env.model('sale.order'), [order.id], {});
    }
  }
  env.tx.commit();
}

function reservedIn(
  product: SupplierProduct,
  warehouse: 'WH1' | 'WH2',
  ids: ReadonlyMap<number, number>,
): { product_id: number; product_uom_qty: number }[] {
  const id = ids.get(product.variantRef);
  const reserved = product.stock
    .filter((stock) => stock.warehouse === warehouse)
    .reduce((sum, stock) => sum + Number(stock.reserved), 0);
  return id === undefined || reserved <= 0 ? [] : [{ product_id: id, product_uom_qty: reserved }];
}

/**
 * Every fourth retailer is a customer already: half by Cartona's code, half by telephone number only, written as people
 * write it.
 */
function seedCustomers(env: Env, supplier: Supplier): void {
  const retailers = new Map<string, ApiRetailer>();
  for (const { retailer } of supplier.orders)
    retailers.set(retailer.retailer_code ?? retailer.retailer_number, retailer);
  for (const [position, retailer] of [...retailers.values()].entries()) {
    if (position % 4 !== 0) continue;
    const byCode = position % 8 === 0 && retailer.retailer_code !== null;
    env.create('res.partner', {
      name: retailer.retailer_name,
      street: retailer.retailer_address,
      ...(byCode
        ? { ref: retailer.retailer_code }
        : { phone: retailer.retailer_number.replace(/^(\d{4})(\d{3})(\d{4})$/, '+2$1 $2 $3') }),
    });
  }
}
