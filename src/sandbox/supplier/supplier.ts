import { makeRandom } from '../random.js';
import { makeOrders, makeOtps } from './supplier-orders.js';
import { makeMarketplaceProducts, makeProducts } from './supplier-products.js';
import type { Supplier, SupplierProduct } from './supplier-types.js';

export type * from './supplier-types.js';

/**
 * Describes one believable supplier as plain data: its products in Odoo, what the marketplace holds for them (a good
 * part differs), and its orders. Pure: the same options give the same supplier, whatever the machine or the day.
 *
 * @param options.seed any integer
 * @param options.products how many Odoo variants; 400 by default
 * @param options.orders how many orders; 100 by default
 */
export function makeSupplier(options: { seed: number; products?: number; orders?: number }): Supplier {
  const random = makeRandom(options.seed);
  const products = makeProducts(random, options.products ?? 400);
  const duplicatedReference = duplicateOneReference(products);
  const marketplaceProducts = makeMarketplaceProducts(random, products);
  const orders = makeOrders(random, marketplaceProducts, options.orders ?? 100);
  return {
    seed: options.seed,
    products,
    marketplaceProducts,
    orders,
    retailerOtps: makeOtps(random, orders),
    duplicatedReference,
  };
}

/**
 * Gives two ordinary products one internal reference, as people do by mistake: whoever maps by reference must notice.
 */
function duplicateOneReference(products: readonly SupplierProduct[]): string | null {
  const ordinary = products.filter(
    (product) => product.active && product.saleOk && product.cartonaId !== null && product.attributeValue === undefined,
  );
  const middle = Math.floor(ordinary.length / 2);
  const [first, second] = [ordinary[middle - 1], ordinary[middle]];
  if (first === undefined || second === undefined) return null;
  second.defaultCode = first.defaultCode;
  return first.defaultCode;
}
