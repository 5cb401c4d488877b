import { expect, it } from 'vitest';
import * as cartona from '../../src/index.js';
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
