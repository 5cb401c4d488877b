import { z } from 'zod';

/** Units in which the marketplace sells. */
export const UNITS = [
  'box',
  'can',
  'bottle',
  'kg',
  'piece',
  'dozen',
  'bag',
  'packet',
  'plate',
  'glass',
  'pallet',
  'jar',
  'shrink',
  'ton',
  'saddlebag',
  'roll',
  'tissue',
  'cone',
  'coil',
  'bunch',
  'strip',
  'recharge_card',
  'mat',
] as const;

/** Ids arrive as strings or numbers; inside they are strings. */
export const idSchema = z.union([z.string().min(1), z.int().min(1)]).transform(String);

const supplierCode = z.union([z.enum(['1', '2', '3']), z.int().min(1).max(3)]);
const stockQuantity = z.int('must be a whole number').min(0, 'must not be negative');

/** One item of `bulk-update`. @see the documentation's list of fields: nothing else is accepted. */
export const updateItemSchema = z.strictObject({
  supplier_code: supplierCode.optional(),
  supplier_product_id: idSchema.optional(),
  internal_product_id: idSchema.optional(),
  base_product_id: idSchema.optional(),
  unit: z.enum(UNITS, 'unknown unit').optional(),
  unit_count: z.number().positive().optional(),
  in_stock: z.boolean().optional(),
  available_stock_quantity: stockQuantity.optional(),
  min_order: z.int().min(1).optional(),
  max_order: z.int().min(1).nullable().optional(),
  is_published: z.boolean().optional(),
  selling_price: z.number('must be a number').positive('must be above zero').optional(),
  remind_me_at_stock: z.int().min(0).nullable().optional(),
  notes: z.string().nullable().optional(),
  is_unlimited_stock: z.boolean().optional(),
});
export type UpdateItem = z.infer<typeof updateItemSchema>;

/** One item of `bulk-update-stock`; the quantity is in base units. */
export const stockItemSchema = z.strictObject({
  supplier_code: supplierCode.optional(),
  base_product_id: idSchema.optional(),
  internal_product_id: idSchema.optional(),
  available_stock_quantity: stockQuantity,
});
export type StockItem = z.infer<typeof stockItemSchema>;
