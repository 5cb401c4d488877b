import { z } from 'zod';
import { LOGINS } from '../seed/base.js';
import { textOf } from '../orm/values.js';
import type { Circumstances, Services } from './services.js';

/** `product` is an internal reference or a barcode. */
export const productChangeSchema = z
  .strictObject({
    product: z.string().min(1),
    list_price: z.number().nonnegative().optional(),
    quantity: z.number().optional(),
    /** Where it was counted; without it the first warehouse. */
    warehouse: z.string().optional(),
  })
  .refine((change) => change.list_price !== undefined || change.quantity !== undefined, {
    message: 'says neither list_price nor quantity',
  });

export type ProductChange = z.infer<typeof productChangeSchema>;

/**
 * Changes a product as the administrator does on Odoo's screens: its sales price, and what lies in a warehouse, which is
 * counted anew there.
 * @returns what was changed, or what is wrong
 * @throws OdooError what Odoo itself refuses
 */
export function changeProduct(
  services: Services,
  { product, list_price: price, quantity, warehouse }: ProductChange,
  circumstances: Circumstances,
): { changed: Record<string, unknown> } | { error: string } {
  const [uid = 0] = services.db.table('res.users').lookup('login', LOGINS.admin);
  const call = (model: string, method: string, args: readonly unknown[], named = {}): unknown =>
    services.run({ uid, model, method, args, named }, circumstances);
  const found = call('product.product', 'search', [
    ['|', ['default_code', '=', product], ['barcode', '=', product]],
  ]) as number[];
  const [id] = found;
  if (id === undefined || found.length > 1)
    return {
      error: `${found.length === 0 ? 'no product has' : `${found.length} products have`} the reference or barcode ${product}`,
    };
  if (price !== undefined) call('product.product', 'write', [[id], { list_price: price }]);
  if (quantity === undefined) return { changed: { id, list_price: price } };
  const places = call('stock.warehouse', 'search_read', [warehouse === undefined ? [] : [['code', '=', warehouse]]], {
    fields: ['code', 'lot_stock_id'],
    order: 'id',
    limit: 1,
  }) as { code: unknown; lot_stock_id: [number, string] }[];
  const [place] = places;
  if (place === undefined) return { error: `there is no warehouse ${warehouse ?? ''}` };
  const quant = call(
    'stock.quant',
    'create',
    [{ product_id: id, location_id: place.lot_stock_id[0], inventory_quantity: quantity }],
    { context: { inventory_mode: true } },
  );
  call('stock.quant', 'action_apply_inventory', [[quant]]);
  return { changed: { id, list_price: price, quantity, warehouse: textOf(place.code) } };
}
