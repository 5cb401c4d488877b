import { descendants } from '../../methods/domain.js';
import { namesOf } from '../../orm/names.js';
import type { Env } from '../../orm/types.js';
import { idList, textOf, type Row } from '../../orm/values.js';

/** Quantities of a product in the places that the context names, else in all warehouses. */
export interface Quantities {
  readonly onHand: number;
  readonly free: number;
  readonly forecast: number;
  readonly incoming: number;
  readonly outgoing: number;
}

const PLACES = new WeakMap<object, ReadonlySet<number>>();
const PENDING = new Set(['waiting', 'confirmed', 'assigned', 'partially_available']);

export function quantitiesOf(env: Env, product: Row): Quantities {
  const places = placesOf(env);
  let onHand = 0;
  let reserved = 0;
  for (const id of env.table('stock.quant').lookup('product_id', product.id)) {
    const quant = env.table('stock.quant').get(id);
    if (!quant || !places.has(Number(quant.location_id))) continue;
    onHand += Number(quant.quantity ?? 0);
    reserved += Number(quant.reserved_quantity ?? 0);
  }
  let incoming = 0;
  let outgoing = 0;
  for (const id of env.table('stock.move').lookup('product_id', product.id)) {
    const move = env.table('stock.move').get(id);
    if (!move || !PENDING.has(textOf(move.state))) continue;
    const [from, to] = [places.has(Number(move.location_id)), places.has(Number(move.location_dest_id))];
    if (from && !to) outgoing += Number(move.product_uom_qty ?? 0);
    if (to && !from) incoming += Number(move.product_uom_qty ?? 0);
  }
  return {
    onHand: exact(onHand),
    free: exact(onHand - reserved),
    forecast: exact(onHand + incoming - outgoing),
    incoming: exact(incoming),
    outgoing: exact(outgoing),
  };
}

/** Sums of quantities with two decimals, without binary dust. */
export const exact = (value: number): number => Math.round(value * 100) / 100;

/**
 * The locations that count. The context limits them by `location`, or to a warehouse by the key that this version
 * knows; the other versions' key is ignored in silence.
 */
function placesOf(env: Env): ReadonlySet<number> {
  const known = PLACES.get(env.context);
  if (known) return known;
  const places = descendants(env, 'stock.location', rootsOf(env));
  // The context object lives as long as its request.
  PLACES.set(env.context, places);
  return places;
}

function rootsOf(env: Env): number[] {
  const { location } = env.context;
  if (typeof location === 'string') return env.sudo().search('stock.location', [['complete_name', 'ilike', location]]);
  const locations = idList(location);
  if (locations.length > 0) return locations;
  const warehouses = idList(env.context[namesOf(env.version).warehouseKey]);
  const wanted = warehouses.length > 0 ? warehouses : env.sudo().search('stock.warehouse', []);
  return wanted
    .map((id) => env.table('stock.warehouse').get(id)?.view_location_id)
    .filter((id): id is number => typeof id === 'number');
}

/** A warehouse in the context that is not there: Odoo then gives no rows at all. */
export function namesUnknownPlace(env: Env): boolean {
  const { version, context } = env;
  const warehouses = idList(context[namesOf(version).warehouseKey]);
  const locations = version >= 19 ? [] : idList(context.location);
  return (
    warehouses.some((id) => !env.table('stock.warehouse').get(id)) ||
    locations.some((id) => !env.table('stock.location').get(id))
  );
}
