import type { ApiOrder } from '../../supplier/supplier-types.js';
import type { OrderEvent } from '../orders/order-book.js';
import type { WebhookBehaviour } from './webhook-behaviour.js';

/** Where each kind of event is posted, after the subscriber's address. */
export const WEBHOOK_PATHS = {
  orders: '/cartona_integration/webhook/orders',
  order_status: '/cartona_integration/webhook/order_status',
} as const;
export type WebhookKind = keyof typeof WEBHOOK_PATHS;

export interface WebhookMessage {
  readonly kind: WebhookKind;
  /**
   * The body exactly as it is signed and sent, at every attempt: what the order was at the event, whatever it is by
   * then.
   */
  readonly body: string;
}

type Form = Pick<WebhookBehaviour, 'ordersAs' | 'statusBody' | 'updatedAt'>;

/**
 * What the subscriber is told. A placed order goes to `orders`; every later change, one of lines alone too, is a status
 * event.
 * @param show gives the order as the API answers it
 */
export function webhookMessage(
  { kind, record }: OrderEvent,
  form: Form,
  show: (order: ApiOrder) => unknown,
): WebhookMessage {
  const { order, updatedAt } = record;
  if (kind === 'placed')
    return { kind: 'orders', body: JSON.stringify(form.ordersAs === 'array' ? [show(order)] : show(order)) };
  const told = form.statusBody === 'order' ? show(order) : statusOf(order);
  return {
    kind: 'order_status',
    body: JSON.stringify({ ...(told as object), ...(form.updatedAt ? { updated_at: updatedAt.toISOString() } : {}) }),
  };
}

function statusOf({ hashed_id, status, cancellation_reason }: ApiOrder): object {
  return { hashed_id, status, ...(cancellation_reason === null ? {} : { cancellation_reason }) };
}
