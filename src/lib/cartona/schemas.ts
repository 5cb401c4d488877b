import { z } from 'zod';
import { idText } from '../common/ids.js';
import { canonical } from '../common/money.js';

/** Money as Cartona sends it (a number or its text), as canonical decimal text in EGP. */
const money = z
  .union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/), z.null()])
  .optional()
  .transform((value) =>
    value === undefined || value === null ? undefined : canonical(typeof value === 'string' ? value.trim() : value),
  );

const moneyOrZero = money.transform((value) => value ?? '0');
const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);
const textOrNumber = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value).trim() || undefined));
const wholeNumber = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : Number(value)));

const listedProductFields = z.object({
  id: idText,
  supplier_product_id: idText,
  suppler_prodcut_id: idText,
  internal_product_id: idText,
  base_product_id: idText,
  unit: text,
  unit_count: wholeNumber,
  base_product_name: text,
  supplier_product_name: text,
  suppler_prodcut_name: text,
  selling_price: money,
  available_stock_quantity: wholeNumber,
  is_published: z.boolean().nullish(),
});

/** One product as Cartona's listing shows it. Prices in EGP, stock in the product's own unit. */
export interface ListedProduct {
  readonly supplierProductId: string | undefined;
  readonly internalProductId: string | undefined;
  readonly baseProductId: string | undefined;
  readonly unitCount: number | undefined;
  readonly name: string | undefined;
  readonly sellingPrice: string | undefined;
  readonly stock: number | undefined;
  /** Absent where the listing does not tell. */
  readonly isPublished: boolean | undefined;
}

/** Reads one listed product; the documents' misspelt names are accepted beside the right ones. */
export const listedProduct = listedProductFields.transform((p): ListedProduct => ({
  supplierProductId: p.supplier_product_id ?? p.suppler_prodcut_id ?? p.id,
  internalProductId: p.internal_product_id,
  baseProductId: p.base_product_id,
  unitCount: p.unit_count,
  name: p.supplier_product_name ?? p.suppler_prodcut_name ?? p.base_product_name,
  sellingPrice: p.selling_price,
  stock: p.available_stock_quantity,
  isPublished: p.is_published ?? undefined,
}));

export const ORDER_STATUSES = [
  'pending',
  'editing',
  'approved',
  'assigned_to_salesman',
  'delivered',
  'cancelled_by_retailer',
  'cancelled_by_supplier',
  'returned',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Reasons that Cartona accepts for `cancelled_by_supplier`. */
export const CANCELLATION_REASONS = [
  'out_of_stock',
  'cannot_deliver_the_order',
  'supplier_asked_me_to_cancel',
  'delayed_order',
  'pending_order_without_action',
  'removed_items',
  'supplier_attitude',
  'missing_items',
  'expired_products',
  'different_prices',
  'different_products',
] as const;
export type CancellationReason = (typeof CANCELLATION_REASONS)[number];

const orderLine = z
  .object({
    id: idText,
    supplier_product_id: idText,
    internal_product_id: idText,
    base_product_id: idText,
    product_name: text,
    amount: z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]).transform((value) => canonical(value)),
    selling_price: money,
    applied_supplier_discount: moneyOrZero,
    applied_cartona_discount: moneyOrZero,
    comment: text,
  })
  .transform((line, context) => {
    if (line.id === undefined || line.selling_price === undefined) {
      context.addIssue({ code: 'custom', message: 'an order line needs an id and a selling_price' });
      return z.NEVER;
    }
    return {
      id: line.id,
      supplierProductId: line.supplier_product_id,
      internalProductId: line.internal_product_id,
      productName: line.product_name ?? '',
      amount: line.amount,
      sellingPrice: line.selling_price,
      supplierDiscount: line.applied_supplier_discount,
      cartonaDiscount: line.applied_cartona_discount,
      comment: line.comment,
    };
  });

/**
 * One line of a Cartona order. `id` is its identity (the same product can stand on two lines); prices are EGP per piece
 * after discounts.
 */
export type OrderLine = z.output<typeof orderLine>;

const retailer = z
  .object({
    retailer_name: text,
    retailer_code: textOrNumber,
    retailer_number: textOrNumber,
    retailer_number2: textOrNumber,
    retailer_address: text,
    address_notes: text,
  })
  .transform((r) => ({
    name: r.retailer_name ?? '',
    code: r.retailer_code,
    phone: r.retailer_number,
    phone2: r.retailer_number2,
    address: r.retailer_address,
    addressNotes: r.address_notes,
  }));

/** The retailer who ordered: the customer in Odoo. */
export type Retailer = z.output<typeof retailer>;

/** One order of `pull-orders`. Money is EGP, canonical decimal text; `hashedId` is the identity. */
export const cartonaOrder = z
  .object({
    hashed_id: idText,
    supplier_code: textOrNumber,
    status: z.enum(ORDER_STATUSES),
    delivered_by: z.enum(['delivered_by_supplier', 'delivered_by_cartona']).nullish(),
    delivery_day: text,
    pickup_date: text,
    pickup_otp: textOrNumber,
    retailer_preferred_delivery_date: text,
    estimated_delivery_day: text,
    cancellation_reason: text,
    return_reason: text,
    total_price: money,
    applied_supplier_rebate: moneyOrZero,
    cartona_credit: moneyOrZero,
    installment_cost: moneyOrZero,
    wallet_top_up: moneyOrZero,
    distribution_route_code: textOrNumber,
    created_at: text,
    note_message: text,
    retailer,
    order_details: z.array(orderLine),
  })
  .transform((o, context) => {
    if (o.hashed_id === undefined || o.total_price === undefined) {
      context.addIssue({ code: 'custom', message: 'an order needs a hashed_id and a total_price' });
      return z.NEVER;
    }
    return {
      hashedId: o.hashed_id,
      supplierCode: o.supplier_code,
      status: o.status,
      deliveredBy: o.delivered_by ?? ('delivered_by_supplier' as const),
      deliveryDay: o.delivery_day ?? o.estimated_delivery_day ?? o.retailer_preferred_delivery_date,
      pickupDate: o.pickup_date,
      pickupOtp: o.pickup_otp,
      cancellationReason: o.cancellation_reason,
      returnReason: o.return_reason,
      totalPrice: o.total_price,
      supplierRebate: o.applied_supplier_rebate,
      cartonaCredit: o.cartona_credit,
      installmentCost: o.installment_cost,
      walletTopUp: o.wallet_top_up,
      routeCode: o.distribution_route_code,
      createdAt: o.created_at,
      note: o.note_message,
      retailer: o.retailer,
      lines: o.order_details,
    };
  });
export type CartonaOrder = z.output<typeof cartonaOrder>;
