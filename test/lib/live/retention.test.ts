import { describe, expect, it } from 'vitest';
import { applyRetention } from '../../../src/lib/live/retention.js';
import { openWorld } from '../../fixtures/orders-world.js';

const open = () => openWorld({ version: 18, protocol: 'json-rpc' });

describe('retention', () => {
  it('forgets the audit trail by age and events long worked off', async () => {
    const { session } = await open();
    const day = 86_400_000;
    const entry = (at: number) => ({ at, actor: 'x', system: 'odoo' as const, action: 'a', record: 'r', outcome: 'o' });
    await session.store.audit.write([entry(0), entry(20 * day)]);
    await session.store.events.keep([{ kind: 'order', hashedId: 'h', webhookId: 'w', digest: 'd', payload: '{}' }], 0);
    await session.store.events.done(
      (await session.store.events.waiting(9)).map((one) => one.id),
      90 * day,
    );
    await applyRetention({ ...session, now: () => 95 * day });
    expect(await session.store.audit.list({})).toHaveLength(1);
    const again = { kind: 'order' as const, hashedId: 'h', webhookId: 'w', digest: 'd', payload: '{}' };
    expect(await session.store.events.keep([again], 1)).toEqual([false]);
    await applyRetention({ ...session, now: () => 98 * day });
    expect(await session.store.events.keep([again], 1)).toEqual([true]);
  });

  it('forgets orders that are over on both sides, with what was told of them, and no other', async () => {
    const { session } = await open();
    const { inbox, deliveries } = session.store;
    const day = 86_400_000;
    const order = (hashedId: string) => ({ hashedId, payload: '{}', version: '1', status: 'delivered' });
    await inbox.receive([order('over'), order('open')], 0);
    await inbox.receive([order('late')], 20 * day);
    for (const hashedId of ['over', 'late']) await inbox.update(hashedId, { closed: true });
    await deliveries.record(
      'order_state',
      ['over', 'open', 'late'].map((key) => ({ key, odooId: 1, wanted: 'delivered', outcome: 'delivered' as const })),
      1,
    );
    await deliveries.record('stock', [{ key: 'over', odooId: 1, wanted: '5', outcome: 'delivered' }], 1);
    await applyRetention({ ...session, now: () => 95 * day });
    expect((await inbox.list({})).map((row) => row.hashedId).sort()).toEqual(['late', 'open']);
    expect([...(await deliveries.get('order_state', ['over', 'open', 'late'])).keys()].sort()).toEqual([
      'late',
      'open',
    ]);
    expect((await deliveries.get('stock', ['over'])).size).toBe(1);
  });
});
