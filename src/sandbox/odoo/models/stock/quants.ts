import { descendants } from '../../methods/domain.js';
import type { Env } from '../../orm/types.js';
import { isFilled, type Row, type WireObject } from '../../orm/values.js';
import { exact } from './quantities.js';

/** A count of a product in a place that already has a quant goes there. */
export function quantToCount(env: Env, values: WireObject): Row | undefined {
  if (!('inventory_quantity' in values) || 'quantity' in values) return undefined;
  return quantIn(env, Number(values.product_id), Number(values.location_id));
}

function quantIn(env: Env, product: number, location: number): Row | undefined {
  const table = env.table('stock.quant');
  for (const id of table.lookup('product_id', product)) {
    const quant = table.get(id);
    if (quant?.location_id === location) return quant;
  }
  return undefined;
}

/** Adds to (or, with a negative amount, takes from) what lies in a location; below zero if need be. */
export function addStock(env: Env, product: number, location: number, amount: number, reserved = 0): void {
  const quant =
    quantIn(env, product, location) ?? env.sudo().create('stock.quant', { product_id: product, location_id: location });
  env.set('stock.quant', quant, {
    quantity: exact(Number(quant.quantity ?? 0) + amount),
    reserved_quantity: exact(Math.max(0, Number(quant.reserved_quantity ?? 0) + reserved)),
  });
}

/** Reserves in a location and those below it, as far as there is free stock; tells from where how much. */
export function reserveStock(
  env: Env,
  product: number,
  location: number,
  wanted: number,
): { location: number; quantity: number }[] {
  const places = descendants(env, 'stock.location', [location]);
  const taken: { location: number; quantity: number }[] = [];
  let missing = wanted;
  for (const id of [...env.table('stock.quant').lookup('product_id', product)].sort((a, b) => a - b)) {
    const quant = env.row('stock.quant', id);
    const free = exact(Number(quant.quantity ?? 0) - Number(quant.reserved_quantity ?? 0));
    if (missing <= 0 || free <= 0 || !places.has(Number(quant.location_id))) continue;
    const quantity = exact(Math.min(free, missing));
    missing = exact(missing - quantity);
    env.set('stock.quant', quant, { reserved_quantity: exact(Number(quant.reserved_quantity ?? 0) + quantity) });
    taken.push({ location: Number(quant.location_id), quantity });
  }
  return taken;
}

/** Whether stock of the product is kept count of. */
export function isTracked(env: Env, product: number): boolean {
  const template = env
    .table('product.template')
    .get(Number(env.table('product.product').get(product)?.product_tmpl_id));
  return env.version >= 18 ? isFilled(template?.is_storable) : template?.detailed_type === 'product';
}

/** Whether the product is something that is moved at all. */
export function isGoods(env: Env, product: number): boolean {
  const template = env
    .table('product.template')
    .get(Number(env.table('product.product').get(product)?.product_tmpl_id));
  return (env.version >= 18 ? template?.type : template?.detailed_type) !== 'service';
}
