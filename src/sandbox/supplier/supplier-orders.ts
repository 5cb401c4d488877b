import { Decimal } from 'decimal.js';
import type { Random } from '../random.js';
import { ADDRESSES, ADDRESS_NOTES, LINE_COMMENTS, ORDER_NOTES, ROUTES, SHOP_NAMES } from './seed-names.js';
import type { ApiOrder, ApiOrderLine, ApiRetailer, MarketplaceProduct, OrderStatus } from './supplier-types.js';

/** The instant of the first order; the others follow at half-hour steps. */
const FIRST_ORDER = Date.parse('2026-10-26T06:15:00Z');
const DAY_MS = 86_400_000;

/** Σ selling_price × amount, exactly, as the JSON number the API carries. */
export function totalOf(lines: readonly Pick<ApiOrderLine, 'amount' | 'selling_price'>[]): number {
  return lines
    .reduce((sum, line) => sum.plus(new Decimal(line.selling_price).times(line.amount)), new Decimal(0))
    .toNumber();
}

/**
 * The supplier's orders, oldest first. Each special kind (offer on two lines, credit, instalments, top-up, unknown
 * product, the states) falls on fixed places, so that a hundred orders have them all.
 */
export function makeOrders(random: Random, products: readonly MarketplaceProduct[], count: number): ApiOrder[] {
  const linked = products.filter((product) => product.internalProductId !== null && product.isPublished);
  const unlinked = products.filter((product) => product.internalProductId === null);
  if (linked.length === 0) return [];
  const retailers = makeRetailers(random, Math.max(24, Math.floor(count / 4)));
  const orders: ApiOrder[] = [];
  for (let index = 0; index < count; index += 1) {
    const nextLineId = 70_000 + index * 16;
    const lines = makeLines(random, index, linked, nextLineId);
    const stranger = strangerLine(index, unlinked, nextLineId + 15);
    if (stranger) lines.push(stranger);
    orders.push(makeOrder(random, index, lines, retailerOf(retailers, random, index)));
  }
  return orders;
}

/** The retailer's OTP of each order that cannot be delivered without one. */
export function makeOtps(random: Random, orders: readonly ApiOrder[]): Record<string, string> {
  const needing = orders.filter((order) => order.installment_cost > 0 || order.wallet_top_up > 0);
  return Object.fromEntries(needing.map((order) => [order.hashed_id, String(random.int(1000, 9999))]));
}

function statusOf(index: number): OrderStatus {
  if (index % 25 === 6) return 'editing';
  if (index % 20 === 9) return 'cancelled_by_retailer';
  if (index % 14 === 11) return 'approved';
  return 'pending';
}

function makeOrder(random: Random, index: number, lines: ApiOrderLine[], retailer: ApiRetailer): ApiOrder {
  const total = totalOf(lines);
  const created = FIRST_ORDER + index * 1_800_000;
  const status = statusOf(index);
  const day = new Date(created + DAY_MS * random.int(1, 3)).toISOString().slice(0, 10);
  return {
    hashed_id: hashedId(random),
    supplier_code: index % 19 === 2 ? '2' : '1',
    status,
    edited_by_admin: index % 30 === 4,
    delivery_day: index % 5 === 0 ? null : day,
    delivered_by: index % 12 === 7 ? 'delivered_by_cartona' : 'delivered_by_supplier',
    pickup_date: index % 12 === 7 ? day : null,
    pickup_otp: index % 12 === 7 ? String(random.int(100_000, 999_999)) : null,
    retailer_preferred_delivery_date: index % 4 === 0 ? day : null,
    estimated_delivery_day: null,
    cancellation_reason: status === 'cancelled_by_retailer' ? 'delayed_order' : null,
    return_reason: null,
    total_price: total,
    applied_supplier_rebate: index % 22 === 3 ? 15 : 0,
    cartona_credit: index % 9 === 5 ? share(total, 10) : 0,
    installment_cost: index % 13 === 8 ? share(total, 40) : 0,
    wallet_top_up: index % 17 === 12 ? 100 : 0,
    distribution_route_code: index % 3 === 0 ? random.pick(ROUTES) : null,
    receipt_id: null,
    created_at: new Date(created).toISOString(),
    note_message: index % 6 === 1 ? random.pick(ORDER_NOTES) : null,
    retailer,
    order_details: lines,
  };
}

function share(total: number, percent: number): number {
  return new Decimal(total).times(percent).div(100).toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toNumber();
}

function hashedId(random: Random): string {
  let id = '';
  while (id.length < 20) id += random.int(0, 35).toString(36);
  return id;
}

function makeLines(
  random: Random,
  index: number,
  linked: readonly MarketplaceProduct[],
  firstId: number,
): ApiOrderLine[] {
  const chosen = new Set<MarketplaceProduct>();
  const wanted = Math.min(random.int(1, 6), linked.length);
  while (chosen.size < wanted) chosen.add(random.pick(linked));
  const lines: ApiOrderLine[] = [];
  for (const product of chosen) {
    const offer = lines.length === 0 && index % 8 === 3;
    const discounted = offer || random.chance(0.12);
    const amount = offer ? 5 : random.int(1, 12);
    lines.push(
      makeLine(
        product,
        firstId + lines.length,
        amount,
        discounted,
        random.chance(0.06) ? random.pick(LINE_COMMENTS) : null,
      ),
    );
    // An offer holds up to a maximum amount; what goes beyond stands on a second line at the normal price.
    if (offer) lines.push(makeLine(product, firstId + lines.length, random.int(1, 4), false, null));
  }
  return lines;
}

/** A line of the product at its present price, or with a tenth off, shared by the supplier and the marketplace. */
export function makeLine(
  product: MarketplaceProduct,
  id: number,
  amount: number,
  discounted: boolean,
  comment: string | null,
): ApiOrderLine {
  const price = new Decimal(product.sellingPrice);
  const bySupplier = discounted ? price.times('0.06').toDecimalPlaces(2, Decimal.ROUND_HALF_UP) : new Decimal(0);
  const byCartona = discounted ? price.times('0.04').toDecimalPlaces(2, Decimal.ROUND_HALF_UP) : new Decimal(0);
  return {
    id,
    supplier_product_id: product.supplierProductId,
    internal_product_id: product.internalProductId,
    base_product_id: product.baseProductId,
    unit: product.unit,
    unit_count: product.unitCount,
    product_name: product.name,
    amount,
    selling_price: price.minus(bySupplier).minus(byCartona).toNumber(),
    applied_supplier_discount: bySupplier.toNumber(),
    applied_cartona_discount: byCartona.toNumber(),
    comment,
  };
}

/** On three orders in a hundred: a product that is not linked, or one the supplier's Odoo has never heard of. */
function strangerLine(index: number, unlinked: readonly MarketplaceProduct[], id: number): ApiOrderLine | undefined {
  const product = unlinked[index % Math.max(unlinked.length, 1)];
  if (product === undefined || ![14, 40, 73].includes(index % 100)) return undefined;
  const line = makeLine(product, id, 2, false, null);
  return index % 100 === 40 ? { ...line, internal_product_id: 'CRT-999999' } : line;
}

/** The shops. The first two carry one name, but are two shops with two codes and two phones. */
function makeRetailers(random: Random, count: number): ApiRetailer[] {
  return Array.from({ length: count }, (_unused, index) => {
    const name = SHOP_NAMES[Math.max(index - 1, 0) % SHOP_NAMES.length] ?? random.pick(SHOP_NAMES);
    const lap = Math.floor(Math.max(index - 1, 0) / SHOP_NAMES.length);
    return {
      retailer_name: lap === 0 ? name : `${name} ${lap + 1}`,
      retailer_code: index % 7 === 4 ? null : `R${String(3_000 + index)}`,
      retailer_number: `01${random.pick(['0', '1', '2', '5'])}${String(10_000_000 + index * 7_919)}`,
      retailer_number2: index % 5 === 2 ? `02${String(20_000_000 + index * 131)}` : null,
      retailer_address: random.pick(ADDRESSES),
      address_notes: index % 3 === 1 ? random.pick(ADDRESS_NOTES) : null,
    };
  });
}

/** One of the shops; its phone is written in the form in which this order happens to carry it. */
function retailerOf(retailers: readonly ApiRetailer[], random: Random, index: number): ApiRetailer {
  const retailer =
    retailers[index < retailers.length ? index : random.int(0, retailers.length - 1)] ?? random.pick(retailers);
  return { ...retailer, retailer_number: writtenPhone(retailer.retailer_number, index % 5) };
}

function writtenPhone(local: string, form: number): string {
  const rest = local.slice(1);
  if (form === 1) return `+20${rest}`;
  if (form === 2) return `0020 ${rest.slice(0, 2)} ${rest.slice(2, 6)} ${rest.slice(6)}`;
  if (form === 3) return [...local].map((digit) => String.fromCharCode(0x0660 + Number(digit))).join('');
  if (form === 4) return `${local.slice(0, 4)}-${local.slice(4, 7)}-${local.slice(7)}`;
  return local;
}
