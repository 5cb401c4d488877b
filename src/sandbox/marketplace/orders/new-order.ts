import type { Random } from '../../random.js';
import { ADDRESSES, SHOP_NAMES } from '../../supplier/seed-names.js';
import { totalOf } from '../../supplier/supplier-orders.js';
import type { ApiOrder, ApiOrderLine, ApiRetailer } from '../../supplier/supplier-types.js';

/** An order as it stands when it was just placed: pending, without any of the special terms. */
export function newOrder(hashedId: string, createdAt: Date, retailer: ApiRetailer, lines: ApiOrderLine[]): ApiOrder {
  return {
    hashed_id: hashedId,
    supplier_code: '1',
    status: 'pending',
    edited_by_admin: false,
    delivery_day: null,
    delivered_by: 'delivered_by_supplier',
    pickup_date: null,
    pickup_otp: null,
    retailer_preferred_delivery_date: null,
    estimated_delivery_day: null,
    cancellation_reason: null,
    return_reason: null,
    total_price: totalOf(lines),
    applied_supplier_rebate: 0,
    cartona_credit: 0,
    installment_cost: 0,
    wallet_top_up: 0,
    distribution_route_code: null,
    receipt_id: null,
    created_at: createdAt.toISOString(),
    note_message: null,
    retailer,
    order_details: lines,
  };
}

/** A shop with a code and a phone of its own. */
export function anyRetailer(random: Random): ApiRetailer {
  const number = random.int(10_000_000, 99_999_999);
  return {
    retailer_name: random.pick(SHOP_NAMES),
    retailer_code: `R${number}`,
    retailer_number: `010${number}`,
    retailer_number2: null,
    retailer_address: random.pick(ADDRESSES),
    address_notes: null,
  };
}

export function anyHashedId(random: Random): string {
  let id = '';
  while (id.length < 20) id += random.int(0, 35).toString(36);
  return id;
}
