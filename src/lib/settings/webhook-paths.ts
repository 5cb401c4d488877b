/** Where Cartona posts what; the addresses are the project's specification. */
export const WEBHOOK_PATHS = {
  order: '/cartona_integration/webhook/orders',
  status: '/cartona_integration/webhook/order_status',
} as const;
