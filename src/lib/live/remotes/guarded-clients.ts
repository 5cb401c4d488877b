import type { CartonaClient } from '../../cartona/client.js';
import type { OdooClient } from '../../odoo/client.js';
import type { CircuitBreaker } from './circuit-breaker.js';

/** Which requests go first when there is not room for all: orders before stock, stock before prices. */
export const PRIORITY = { orders: 0, stock: 1, price: 2, sweep: 3 } as const;
export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/** Cartona's API behind its breaker. `client` gives the client of the moment: its token may have been replaced. */
export function guardedCartona(client: () => CartonaClient, remote: CircuitBreaker, priority: Priority): CartonaClient {
  return {
    listProducts: (filter) => guardPages(() => client().listProducts(filter), remote, priority),
    updateProducts: (items) => remote.run(priority, () => client().updateProducts(items)),
    updateBaseStock: (items) => remote.run(priority, () => client().updateBaseStock(items)),
    updateOrderLines: (...args) => remote.run(priority, () => client().updateOrderLines(...args)),
    pullOrders: () => guardPages(() => client().pullOrders(), remote, priority),
    setStatus: (update) => remote.run(priority, () => client().setStatus(update)),
    acknowledge: (hashedIds) => remote.run(priority, () => client().acknowledge(hashedIds)),
  };
}

/** Odoo's API behind its breaker. */
export function guardedOdoo(client: () => OdooClient, remote: CircuitBreaker, priority: Priority): OdooClient {
  const { major, protocol, url } = client();
  return {
    major,
    protocol,
    url,
    call: (model, method, args, answer, options) =>
      remote.run(priority, () => client().call(model, method, args, answer, options)),
  };
}

async function* guardPages<T>(
  open: () => AsyncIterable<T>,
  remote: CircuitBreaker,
  priority: Priority,
): AsyncGenerator<T> {
  const pages = open()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const page = await remote.run(priority, () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  } finally {
    await pages.return?.();
  }
}
