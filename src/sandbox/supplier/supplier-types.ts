/** Stock of one product in one of the supplier's two warehouses; decimal strings in the product's own unit. */
export interface SupplierStock {
  warehouse: 'WH1' | 'WH2';
  /** On hand: a few are fractional, a few negative. */
  quantity: string;
  /** Reserved by confirmed orders; never above what is on hand. */
  reserved: string;
}

/** One product variant as the supplier's Odoo holds it. Prices are decimal strings in EGP. */
export interface SupplierProduct {
  /** 1..n, shared by the variants of one template. */
  templateRef: number;
  /** 1..n, in the order of the list. */
  variantRef: number;
  /** The template's name as it was typed in the main language; often Arabic. */
  name: string;
  /** The Arabic translation, where the main name is English. */
  nameAr?: string;
  /** Internal reference. Unique but for one pair: see `Supplier.duplicatedReference`. */
  defaultCode: string;
  /** EAN-13, or null. */
  barcode: string | null;
  categoryName: string;
  /** The template's list price. The variant's price is `listPrice + priceExtra`. */
  listPrice: string;
  /** `'0.00'` but for variants of a multi-variant template. */
  priceExtra: string;
  /** Only on variants of a multi-variant template. */
  attributeName?: string;
  attributeValue?: string;
  active: boolean;
  saleOk: boolean;
  type: 'storable' | 'service';
  salesTaxPercent: 0 | 14;
  /** Whether the sales tax is contained in the price; meaningless at 0 %. */
  priceIncluded: boolean;
  /** No row: nothing was ever received there (always so for services). */
  stock: SupplierStock[];
  /** What the marketplace knows as `internal_product_id`; null when the product is not linked there. */
  cartonaId: string | null;
}

/** A product as the marketplace holds it for this supplier. */
export interface MarketplaceProduct {
  supplierProductId: number;
  internalProductId: string | null;
  /** Shared by siblings: the same goods in another unit. */
  baseProductId: number;
  unit: string;
  /** Base units in one of this product's units. */
  unitCount: number;
  name: string;
  /** EGP, a decimal string. */
  sellingPrice: string;
  /** EGP, a decimal string: the market's median. */
  medianPrice: string;
  taxPercentage: 0 | 14;
  /** In this product's own unit. */
  stock: number;
  unlimitedStock: boolean;
  inStock: boolean;
  isPublished: boolean;
  isBundle: boolean;
  minOrder: number;
  maxOrder: number | null;
  remindMeAtStock: number | null;
  soldAmount: number;
  notes: string | null;
  /** The Odoo variant that these goods are, linked or not; null when Odoo has no such product. */
  variantRef: number | null;
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
/** The states of an order; `synced` is an acknowledgement and not among them. */
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export interface ApiRetailer {
  retailer_name: string;
  retailer_code: string | null;
  retailer_number: string;
  retailer_number2: string | null;
  retailer_address: string;
  address_notes: string | null;
}

/**
 * A line of an order. Money in EGP per piece, after discounts. Its `id` is its identity: one product may stand on two
 * lines.
 */
export interface ApiOrderLine {
  id: number;
  supplier_product_id: number;
  internal_product_id: string | null;
  base_product_id: number;
  unit: string;
  unit_count: number;
  product_name: string;
  amount: number;
  selling_price: number;
  applied_supplier_discount: number;
  applied_cartona_discount: number;
  comment: string | null;
}

/** An order as `pull-orders` answers it. Money in EGP; instants and days in UTC. */
export interface ApiOrder {
  hashed_id: string;
  supplier_code: string;
  status: OrderStatus;
  edited_by_admin: boolean;
  delivery_day: string | null;
  delivered_by: 'delivered_by_supplier' | 'delivered_by_cartona';
  pickup_date: string | null;
  pickup_otp: string | null;
  retailer_preferred_delivery_date: string | null;
  estimated_delivery_day: string | null;
  cancellation_reason: string | null;
  return_reason: string | null;
  /** Always Σ selling_price × amount of the lines. */
  total_price: number;
  applied_supplier_rebate: number;
  cartona_credit: number;
  installment_cost: number;
  wallet_top_up: number;
  distribution_route_code: string | null;
  receipt_id: string | null;
  created_at: string;
  note_message: string | null;
  retailer: ApiRetailer;
  order_details: ApiOrderLine[];
}

/** One believable supplier: what its Odoo holds, what the marketplace holds for it, and its orders. */
export interface Supplier {
  seed: number;
  products: SupplierProduct[];
  marketplaceProducts: MarketplaceProduct[];
  orders: ApiOrder[];
  /** What the retailer would read out at the door, by `hashed_id`: only for orders that need an OTP. */
  retailerOtps: Record<string, string>;
  /** The one internal reference that two sellable products carry; null when there are too few products. */
  duplicatedReference: string | null;
}
