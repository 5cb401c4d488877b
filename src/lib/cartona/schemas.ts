import { z } from 'zod';
import { idText } from '../common/ids.js';
import { canonical, isAmount } from '../common/money.js';
import { excerpt, unreadableFields, type UnreadableField } from '../common/http/unreadable.js';

/** Money as Cartona sends it (a number or its text), as canonical decimal text in EGP. */
const figure = z.union([
  z.number(),
  z
    .string()
    .refine(isAmount)
    .transform((text) => text.trim()),
]);
const money = figure
  .nullish()
  .transform((value) => (value === undefined || value === null ? undefined : canonical(value)));

const moneyOrZero = money.transform((value) => value ?? '0');
const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);
const textOrNumber = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value).trim() || undefined));
const number = figure
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : Number(value)));
/** A name is for reading only. */
const name = text.catch(undefined);

const listedProductFields = z.object({
  id: idText,
  supplier_product_id: idText,
  suppler_prodcut_id: idText,
  internal_product_id: idText,
  base_product_id: idText,
  unit_count: number,
  base_product_name: name,
  supplier_product_name: name,
  suppler_prodcut_name: name,
  selling_price: money,
  median_price: money,
  available_stock_quantity: number,
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
  /** What others ask for it there. */
  readonly medianPrice: string | undefined;
  readonly stock: number | undefined;
  /** Absent where the listing does not tell. */
  readonly isPublished: boolean | undefined;
  /** Fields that hold something else than they should; they are absent above. */
  readonly unreadable: readonly UnreadableField[];
}

/** The documents' misspelt names are accepted beside the right ones. */
const listedProduct = listedProductFields.transform((p): Omit<ListedProduct, 'unreadable'> => ({
  supplierProductId: p.supplier_product_id ?? p.suppler_prodcut_id ?? p.id,
  internalProductId: p.internal_product_id,
  baseProductId: p.base_product_id,
  unitCount: p.unit_count,
  name: p.supplier_product_name ?? p.suppler_prodcut_name ?? p.base_product_name,
  sellingPrice: p.selling_price,
  medianPrice: p.median_price,
  stock: p.available_stock_quantity,
  isPublished: p.is_published ?? undefined,
}));

/** Reads one entry of the listing. What cannot be read of it is named; the rest of it counts. */
export function readListedProduct(entry: unknown): ListedProduct {
  const read = listedProduct.safeParse(entry);
  if (read.success) return { ...read.data, unreadable: [] };
  const fields = z.record(z.string(), z.unknown()).safeParse(entry);
  if (!fields.success) return { ...listedProduct.parse({}), unreadable: [{ field: 'entry', value: excerpt(entry) }] };
  const unreadable = unreadableFields(entry, read.error);
  const bad = new Set(unreadable.map(({ field }) => field));
  return {
    ...listedProduct.parse(Object.fromEntries(Object.entries(fields.data).filter(([field]) => !bad.has(field)))),
    unreadable,
  };
}

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
    amount: figure.transform((value) => canonical(value)),
    selling_price: money,
    applied_supplier_discount: moneyOrZero,
    applied_cartona_discount: moneyOrZero,
    comment: text,
  })
  .transform((line, context) => {
    if (line.id === undefined || line.selling_price === undefined) {
      const field = line.id === undefined ? 'id' : 'selling_price';
      context.addIssue({ code: 'custom', path: [field], message: 'an order line needs it' });
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

/**
 * An order's `hashed_id`. It stands in the address of the single-order path, where `.` and `..` would name another one
 * however they are encoded; control characters and halves of characters are no part of an id. `undefined` for these.
 */
export const orderIdText = idText.transform((id) =>
  id === undefined || /^\.{1,2}$|\p{Cc}|\p{Cs}/u.test(id) ? undefined : id,
);

/**
 * An order's body without the pickup code, a secret between the driver and the shop: it is never read, and left out of
 * whatever is kept.
 */
export const withoutPickupOtp = (body: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...body,
  pickup_otp: undefined,
});

/** One order of `pull-orders`. Money is EGP, canonical decimal text; `hashedId` is the identity. */
export const cartonaOrder = z
  .object({
    hashed_id: orderIdText,
    supplier_code: textOrNumber,
    status: z.enum(ORDER_STATUSES),
    delivered_by: z.enum(['delivered_by_supplier', 'delivered_by_cartona']).nullish(),
    delivery_day: text,
    pickup_date: text,
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
      const field = o.hashed_id === undefined ? 'hashed_id' : 'total_price';
      context.addIssue({ code: 'custom', path: [field], message: 'an order needs it' });
      return z.NEVER;
    }
    return {
      hashedId: o.hashed_id,
      supplierCode: o.supplier_code,
      status: o.status,
      deliveredBy: o.delivered_by ?? ('delivered_by_supplier' as const),
      deliveryDay: o.delivery_day ?? o.estimated_delivery_day ?? o.retailer_preferred_delivery_date,
      pickupDate: o.pickup_date,
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

const orderedLine = z.object({
  supplier_product_id: idText,
  internal_product_id: idText,
  amount: figure.transform((value) => canonical(value)),
});
const orderedLines = z.object({ order_details: z.array(z.unknown()) });

/** How much of which products an order takes: of one that cannot be read whole, the lines that tell it. */
export function readOrderedLines(
  order: unknown,
): Pick<OrderLine, 'supplierProductId' | 'internalProductId' | 'amount'>[] {
  const lines = orderedLines.safeParse(order);
  return (lines.success ? lines.data.order_details : []).flatMap((line) => {
    const read = orderedLine.safeParse(line);
    if (!read.success) return [];
    const { supplier_product_id: supplierProductId, internal_product_id: internalProductId, amount } = read.data;
    return [{ supplierProductId, internalProductId, amount }];
  });
}
