import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiOrder, MarketplaceProduct } from '../../supplier/supplier-types.js';
import type { Dialect } from '../behaviour.js';
import type { Catalogue } from '../products/catalogue.js';

/** The paths of one dialect, as both are documented. */
export interface DialectPaths {
  products: string;
  updateProducts: string;
  updateStock: string;
  pullOrders: string;
  updateStatus: string;
  updateDetails: string;
}

export const PATHS: Readonly<Record<Dialect, DialectPaths>> = {
  'base-product': {
    products: '/api/v1/base-product',
    updateProducts: '/api/v1/base-product/bulk-update',
    updateStock: '/api/v1/base-product/bulk-update-stock',
    pullOrders: '/api/v1/orders/pull-orders',
    updateStatus: '/api/v1/orders/update-order-status',
    updateDetails: '/api/v1/orders/update-order-details',
  },
  'supplier-product': {
    products: '/api/v1/supplier-product',
    updateProducts: '/api/v1/supplier-product/bulk-update',
    updateStock: '/api/v1/supplier-product/base-product/bulk-update-stock',
    pullOrders: '/api/v1/order/pull-orders',
    updateStatus: '/api/v1/order/update-order-status',
    updateDetails: '/api/v1/order/update-order-details',
  },
};

/** Whether the request carries the token in this dialect's own header; compared in constant time. */
export function isAuthorized(dialect: Dialect, headers: IncomingHttpHeaders, token: string): boolean {
  const given =
    dialect === 'base-product' ? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] : headers.authorizationtoken;
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A product as the dialect's listing shows it: one misspells its names, and ids are numbers here and strings there. */
export function showProduct(dialect: Dialect, product: MarketplaceProduct): Record<string, unknown> {
  const asText = product.supplierProductId % 2 === 1;
  const named =
    dialect === 'base-product'
      ? {
          supplier_product_id: asText ? String(product.supplierProductId) : product.supplierProductId,
          supplier_product_name: product.name,
        }
      : { suppler_prodcut_id: product.supplierProductId, suppler_prodcut_name: product.name };
  return {
    ...named,
    internal_product_id: product.internalProductId,
    base_product_id: asText ? product.baseProductId : String(product.baseProductId),
    base_product_name: product.name,
    unit: product.unit,
    unit_count: product.unitCount,
    median_price: Number(product.medianPrice),
    tax_percentage: product.taxPercentage,
    selling_price: Number(product.sellingPrice),
    available_stock_quantity: product.stock,
    remind_me_at_stock: product.remindMeAtStock,
    max_order: product.maxOrder,
    min_order: product.minOrder,
    in_stock: product.inStock,
    is_bundle: product.isBundle,
    is_published: product.isPublished,
    sold_amount: product.soldAmount,
    notes: product.notes,
  };
}

/**
 * An order as the dialect's pull shows it. A line shows the present link of its product; one dialect leaves out what is
 * not known.
 */
export function showOrder(dialect: Dialect, order: ApiOrder, catalogue: Catalogue): unknown {
  const order_details = order.order_details.map((line) => ({
    ...line,
    internal_product_id:
      line.internal_product_id ?? catalogue.bySupplierProductId(line.supplier_product_id)?.internalProductId ?? null,
  }));
  if (dialect === 'base-product') return { ...order, order_details };
  return withoutNulls({
    ...order,
    retailer: withoutNulls(order.retailer),
    order_details: order_details.map((line) =>
      withoutNulls({ ...line, id: String(line.id), supplier_product_id: String(line.supplier_product_id) }),
    ),
  });
}

function withoutNulls(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
