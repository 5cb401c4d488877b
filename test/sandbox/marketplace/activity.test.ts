import { expect, it } from 'vitest';
import { actOnce } from '../../../src/sandbox/marketplace/orders/activity.js';
import { makeRandom } from '../../../src/sandbox/random.js';
import { start, supplierWith } from '../../fixtures/marketplace-client.js';

it('retailers place, edit and cancel by themselves, and saves follow edits', async () => {
  const marketplace = await start({ supplier: supplierWith({ stock: 100_000 }, { stock: 100_000 }) });
  const market = { book: marketplace.state.orders, retailers: marketplace.retailers };
  const random = makeRandom(1);
  const seen = new Set<string>();
  market.book.watch(({ kind, record }) => seen.add(kind === 'placed' ? kind : record.order.status));
  for (let act = 0; act < 200; act += 1) actOnce(market, random);
  expect(seen).toEqual(new Set(['placed', 'editing', 'pending', 'cancelled_by_retailer']));
  const placed = market.book.size;
  expect(placed).toBeGreaterThan(80);
  expect(placed).toBeLessThan(190);
});

it('nothing happens where everything is sold out', async () => {
  const marketplace = await start({ supplier: supplierWith({ stock: 0 }) });
  const random = makeRandom(1);
  for (let act = 0; act < 20; act += 1)
    actOnce({ book: marketplace.state.orders, retailers: marketplace.retailers }, random);
  expect(marketplace.state.orders.size).toBe(0);
});

it('goes on by itself until the marketplace closes', async () => {
  const marketplace = await start({ supplier: supplierWith({ stock: 100_000 }), activity: 6000 });
  await expect.poll(() => marketplace.state.orders.size).toBeGreaterThan(3);
  await marketplace.close();
  const { size } = marketplace.state.orders;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(marketplace.state.orders.size).toBe(size);
});
