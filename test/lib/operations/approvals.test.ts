import { describe, expect, it } from 'vitest';
import { approve, brakedValues, reject } from '../../../src/lib/operations/approvals.js';
import type { DeliveryOutcome } from '../../../src/lib/store/store.js';
import { openWorld } from '../../fixtures/orders-world.js';

const open = () => openWorld({ version: 18, protocol: 'json-rpc' });
const result = (
  key: string,
  outcome: DeliveryOutcome,
  more: { odooId?: number; wanted?: string; dueAt?: number; reason?: string } = {},
) => ({ key, odooId: 999_999, wanted: '5', outcome, reason: `${outcome} it`, ...more });

describe('what the brake holds', () => {
  it('is chosen by flow and by any name of the product; a yes lets it go and a no drops it', async () => {
    const world = await open();
    const { session, id } = world;
    const [first = 0, second = 0] = await world.products(['P1', 'P2'], {});
    const { deliveries } = session.store;
    await deliveries.record(
      'price',
      [
        result(id('P1'), 'braked', { odooId: first }),
        result(id('P2'), 'braked', { odooId: second }),
        result('other', 'rejected'),
      ],
      10,
    );
    await deliveries.record('stock', [result(id('P1'), 'braked', { odooId: first, wanted: '0' })], 10);
    expect(await brakedValues(session, {})).toHaveLength(3);
    expect(await brakedValues(session, { flow: 'stock' })).toMatchObject([
      { flow: 'stock', key: id('P1'), wanted: '0', reason: 'braked it', since: 10 },
    ]);
    expect(await brakedValues(session, { products: [id('P2')] })).toMatchObject([{ flow: 'price', key: id('P2') }]);
    const ofFirst = await brakedValues(session, { products: [`id:${first}`] });
    expect(ofFirst.map(({ flow, key }) => [flow, key])).toEqual([
      ['price', id('P1')],
      ['stock', id('P1')],
    ]);
    await expect(brakedValues(session, { products: ['nothing'] })).rejects.toMatchObject({ kind: 'usage' });

    expect(await approve(session, ofFirst, 'mona')).toBe(2);
    expect((await deliveries.get('price', [id('P1')])).get(id('P1'))).toMatchObject({
      outcome: 'failed',
      approved: '5',
    });
    expect(await reject(session, await brakedValues(session, {}), 'mona')).toBe(1);
    expect((await deliveries.get('price', [id('P2')])).get(id('P2'))).toMatchObject({
      outcome: 'discarded',
      reason: expect.stringContaining('mona'),
    });
    expect(await brakedValues(session, {})).toEqual([]);
    expect((await session.store.audit.list({})).map(({ action, outcome }) => `${action}: ${outcome}`).sort()).toEqual([
      'approve price: approved',
      'approve stock: approved',
      'reject price: rejected',
    ]);
  });

  it('and became another value since it was shown, waits for a yes of its own', async () => {
    const { session } = await open();
    await session.store.deliveries.record('price', [result('A', 'braked')], 10);
    const shown = await brakedValues(session, {});
    await session.store.deliveries.record('price', [result('A', 'braked', { wanted: '900' })], 20);
    expect(await approve(session, shown, 'mona')).toBe(0);
    expect(await brakedValues(session, {})).toMatchObject([{ wanted: '900' }]);
  });
});
