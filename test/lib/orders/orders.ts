import { readOrder } from '../../../src/lib/cartona/client.js';
import type { CartonaOrder } from '../../../src/lib/cartona/schemas.js';

let count = 0;

/** An order as Cartona's API sends it; whatever is left out is plain. The total is the lines' unless told. */
export interface RawLine {
  id?: number | string;
  internal_product_id?: string | null;
  supplier_product_id?: number | null;
  product_name?: string;
  amount?: number;
  selling_price?: number;
  applied_supplier_discount?: number;
  applied_cartona_discount?: number;
  comment?: string | null;
}

export function rawOrder(lines: readonly RawLine[], fields: Record<string, unknown> = {}) {
  count += 1;
  const details = lines.map((line, at) => ({
    id: count * 100 + at,
    supplier_product_id: 1,
    internal_product_id: 'P1',
    base_product_id: 1,
    unit: 'piece',
    unit_count: 1,
    product_name: 'فول مدمس',
    amount: 1,
    selling_price: 10,
    applied_supplier_discount: 0,
    applied_cartona_discount: 0,
    comment: null,
    ...line,
  }));
  const piastres = details.reduce((sum, line) => sum + Math.round(line.selling_price * 100) * line.amount, 0);
  return {
    hashed_id: `order${count}`,
    supplier_code: '1',
    status: 'pending',
    edited_by_admin: false,
    delivery_day: '2026-11-25',
    delivered_by: 'delivered_by_supplier',
    pickup_date: null,
    pickup_otp: null,
    retailer_preferred_delivery_date: null,
    estimated_delivery_day: null,
    cancellation_reason: null,
    return_reason: null,
    total_price: piastres / 100,
    applied_supplier_rebate: 0,
    cartona_credit: 0,
    installment_cost: 0,
    wallet_top_up: 0,
    distribution_route_code: null,
    receipt_id: null,
    created_at: new Date(Date.UTC(2026, 10, 1) + count * 60_000).toISOString(),
    note_message: null,
    retailer: { retailer_name: 'بقالة النور', retailer_code: `R${count}`, retailer_number: `0101234${String(1000 + count)}`, retailer_number2: null, retailer_address: 'شارع فيصل', address_notes: null },
    order_details: details,
    ...fields,
  };
}

/** The same as the program reads it. */
export function order(lines: readonly RawLine[], fields: Record<string, unknown> = {}): CartonaOrder {
  const read = readOrder(rawOrder(lines, fields));
  if ('order' in read) return read.order;
  throw new Error(read.unreadable);
}
