import { z } from 'zod';
import { idSchema } from '../products/catalogue-schemas.js';

const dayOrInstant = z.union(
  [z.iso.date(), z.iso.datetime({ offset: true })],
  'must be a date (YYYY-MM-DD) or an ISO instant',
);

/** Statuses that a supplier may send; `synced` is an acknowledgement, not a state. */
export const ACCEPTED_STATUSES = [
  'synced',
  'pending',
  'approved',
  'assigned_to_salesman',
  'delivered',
  'cancelled_by_supplier',
  'returned',
] as const;

/** One status update, alone on the single path or one of an array on the bulk path. */
export const statusUpdateSchema = z.strictObject({
  hashed_id: z.string().min(1),
  status: z.enum(ACCEPTED_STATUSES, 'status is not one that a supplier may set'),
  retailer_otp: z.union([z.string(), z.int().transform(String)]).optional(),
  estimated_delivery_day: dayOrInstant.optional(),
  cancellation_reason: z.string().optional(),
  delivery_day: dayOrInstant.optional(),
});
export type StatusUpdate = z.infer<typeof statusUpdateSchema>;

/** One edited line: with `id` that line is changed or cancelled, without it a line is added. */
export const lineEditSchema = z.strictObject({
  id: z
    .union([z.int(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .optional(),
  supplier_product_id: idSchema.optional(),
  internal_product_id: idSchema.optional(),
  amount: z.int('must be a whole number').min(1, 'must be at least 1').optional(),
  price: z.number().positive('must be above zero').optional(),
  cancelled: z.boolean().optional(),
  comment: z.string().nullable().optional(),
});
export type LineEdit = z.infer<typeof lineEditSchema>;

export const orderEditSchema = z.strictObject({
  hashed_id: z.string().min(1),
  order_details: z.array(lineEditSchema).min(1),
});

const retailerSchema = z.strictObject({
  retailer_name: z.string().min(1),
  retailer_code: z.string().nullable().default(null),
  retailer_number: z.string().min(1),
  retailer_number2: z.string().nullable().default(null),
  retailer_address: z.string().default('شارع فيصل، الجيزة'),
  address_notes: z.string().nullable().default(null),
});

/** A new order as a retailer places it. Whatever is left out is chosen: a shop, and a few products that are on sale. */
export const newOrderSchema = z.strictObject({
  retailer: retailerSchema.optional(),
  lines: z
    .array(
      z.strictObject({
        supplier_product_id: idSchema.optional(),
        internal_product_id: idSchema.optional(),
        amount: z.int().min(1).default(1),
        /** EGP per piece; the catalogue's price unless told. */
        selling_price: z.number().positive().optional(),
      }),
    )
    .min(1)
    .optional(),
  supplier_code: z.string().optional(),
  delivered_by: z.enum(['delivered_by_supplier', 'delivered_by_cartona']).optional(),
  delivery_day: z.iso.date().nullable().optional(),
  distribution_route_code: z.string().nullable().optional(),
  note_message: z.string().nullable().optional(),
  cartona_credit: z.number().min(0).optional(),
  installment_cost: z.number().min(0).optional(),
  wallet_top_up: z.number().min(0).optional(),
  /** What the retailer will read out at the door; chosen when the order needs one and none is given. */
  retailer_otp: z.string().optional(),
});
export type NewOrder = z.input<typeof newOrderSchema>;
