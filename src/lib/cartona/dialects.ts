/**
 * The two dialects of the supplier API that exist in Cartona's own material: the bodies are the same, paths and the
 * authorisation header are not. `base-product` is the specification's and the default.
 */
export const DIALECTS = ['base-product', 'supplier-product'] as const;
export type DialectName = (typeof DIALECTS)[number];

export interface Dialect {
  readonly listProducts: string;
  readonly updateProducts: string;
  readonly updateStock: string;
  readonly pullOrders: string;
  readonly orderStatus: string;
  readonly orderDetails: string;
  readonly authorization: (token: string) => Record<string, string>;
}

export const dialects: Record<DialectName, Dialect> = {
  'base-product': {
    listProducts: '/api/v1/base-product',
    updateProducts: '/api/v1/base-product/bulk-update',
    updateStock: '/api/v1/base-product/bulk-update-stock',
    pullOrders: '/api/v1/orders/pull-orders',
    orderStatus: '/api/v1/orders/update-order-status',
    orderDetails: '/api/v1/orders/update-order-details',
    authorization: (token) => ({ Authorization: `Bearer ${token}` }),
  },
  'supplier-product': {
    listProducts: '/api/v1/supplier-product',
    updateProducts: '/api/v1/supplier-product/bulk-update',
    updateStock: '/api/v1/supplier-product/base-product/bulk-update-stock',
    pullOrders: '/api/v1/order/pull-orders',
    orderStatus: '/api/v1/order/update-order-status',
    orderDetails: '/api/v1/order/update-order-details',
    authorization: (token) => ({ AuthorizationToken: token }),
  },
};
