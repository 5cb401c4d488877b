import { expect, it } from 'vitest';
import * as cartona from '../../src/index.js';
import { liveSince } from '../../src/lib/operations/runtime-state.js';
import { logIn, startSandboxes } from '../fixtures/sandboxes.js';

it('another program can run the main job through the public entrance', async () => {
  const sandboxes = await startSandboxes({ products: 40, orders: 5, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
  const session = await cartona.openSession({ profileName: 'default', env: sandboxes.env });
  try {
    const prices = await cartona.syncPrices(session, { approve: async () => true });
    expect(prices.delivered).toBe(prices.differs);
    const pulled = await cartona.pullOrders(session);
    expect(pulled.listed).toBe(5);
    expect(await cartona.pushStates(session, { dryRun: true })).toMatchObject({
      dryRun: true,
      pushed: [],
      refused: [],
    });
  } finally {
    await session.store.close();
  }
  await expect(cartona.openSession({ profileName: 'nobody', env: sandboxes.env })).rejects.toSatisfy((error) =>
    cartona.isCartonaError(error, 'usage'),
  );
});

it('another program can go live and stop sending: its own complete dry runs count as reviewed', async () => {
  const sandboxes = await startSandboxes({ products: 12, orders: 0, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
  const session = await cartona.openSession({ profileName: 'default', env: sandboxes.env });
  try {
    const dryRun = { dryRun: true, approve: async () => false };
    const changes: cartona.Change[] = [];
    const prices = await cartona.syncPrices(session, { ...dryRun, onChange: (change) => changes.push(change) });
    // Neither a dry run of some products nor one that calls everything a difference shows what going live would send.
    expect(changes.length).toBeGreaterThan(0);
    await cartona.syncStock(session, { ...dryRun, products: changes.slice(0, 1).map(({ cartonaId }) => cartonaId) });
    await cartona.syncStock(session, { ...dryRun, all: true });
    await expect(cartona.requireReviews(session)).rejects.toThrow(/run `cartona sync stock --dry-run` first/);
    const stock = await cartona.syncStock(session, dryRun);
    expect(await cartona.requireReviews(session)).toMatchObject({
      price: { differs: prices.differs },
      stock: { differs: stock.differs },
    });
    await cartona.goLive(session, 'a program');
    expect(await liveSince(session)).toBeDefined();
    await cartona.stopSending(session, 'a program');
    expect(await liveSince(session)).toBeUndefined();
  } finally {
    await session.store.close();
  }
});
