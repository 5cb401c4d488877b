import { describe, expect, it } from 'vitest';
import {
  chosenFailures,
  discardFailures,
  historyOf,
  listFailures,
  namesIfReachable,
  retryFailures,
} from '../../../src/lib/operations/failures.js';
import { recordRemote } from '../../../src/lib/operations/runtime-state.js';
import { awaitingOtp } from '../../../src/lib/orders/states/push.js';
import type { DeliveryOutcome } from '../../../src/lib/store/store.js';
import { openWorld } from '../../fixtures/orders-world.js';

const open = () => openWorld({ version: 18, protocol: 'json-rpc' });
const result = (
  key: string,
  outcome: DeliveryOutcome,
  more: { odooId?: number; wanted?: string; dueAt?: number; reason?: string } = {},
) => ({ key, odooId: 999_999, wanted: '5', outcome, reason: `${outcome} it`, ...more });
const order = (hashedId: string) => ({ hashedId, payload: '{}', version: '1', status: 'pending' });

describe('failures', () => {
  async function failing() {
    const world = await open();
    const { session, id } = world;
    const [variant = 0] = await world.products(['P1']);
    const { deliveries, inbox } = session.store;
    await deliveries.record(
      'price',
      [
        result(id('P1'), 'rejected', { odooId: variant }),
        result('B', 'failed', { dueAt: 999 }),
        result('held', 'braked'),
        result('fine', 'delivered'),
      ],
      30,
    );
    await deliveries.record('stock', [result('B', 'given_up'), result('D', 'discarded')], 20);
    await deliveries.noteAbsent('stock', ['absent'], 'Cartona does not list it');
    await deliveries.claim('stock', [{ key: 'underway', odooId: 1, wanted: '3' }], 10_000, 30);
    await deliveries.record(
      'order_state',
      [
        result('h1', 'rejected', { wanted: 'delivered', reason: awaitingOtp('h1') }),
        result('h2', 'rejected', { wanted: 'approved' }),
      ],
      40,
    );
    await inbox.receive([order('h2'), order('h3')], 10);
    await inbox.update('h3', { phase: 'held', reason: 'unknown product', odooName: 'S00003' });
    return { ...world, variant };
  }
  const ids = (failures: readonly { id: string }[]): string[] => failures.map((one) => one.id);

  it('are what did not get through, oldest first: nothing that is under way, unknown there, braked or fine', async () => {
    const { session, id } = await failing();
    const all = await listFailures(session);
    expect(Object.fromEntries(all.map((one) => [one.id, one.state]))).toEqual({
      'order:h3': 'held',
      'stock:B': 'given_up',
      [`price:${id('P1')}`]: 'rejected',
      'price:B': 'retrying',
      'order_state:h1': 'awaiting_otp',
      'order_state:h2': 'rejected',
    });
    expect(all.map((one) => one.since)).toEqual([10, 20, 30, 30, 40, 40]);
    expect(all.find((one) => one.id === 'price:B')).toMatchObject({ nextAt: 999, attempts: 1 });
  });

  it('are chosen by kind, product, order and age', async () => {
    const { session, id, variant } = await failing();
    expect(ids(await listFailures(session, { kind: 'order_state' })).sort()).toEqual([
      'order_state:h1',
      'order_state:h2',
    ]);
    expect(ids(await listFailures(session, { products: ['B'] })).sort()).toEqual(['price:B', 'stock:B']);
    expect(ids(await listFailures(session, { products: [`id:${variant}`] }))).toEqual([`price:${id('P1')}`]);
    expect(ids(await listFailures(session, { orders: ['h2'] }))).toEqual(['order_state:h2']);
    expect(ids(await listFailures(session, { orders: ['S00003'] }))).toEqual(['order:h3']);
    expect(ids(await listFailures(session, { before: 20 }))).toEqual(['order:h3', 'stock:B']);
    expect(ids(await listFailures(session, { kind: 'stock', discarded: true }))).toContain('stock:D');
    await expect(listFailures(session, { orders: ['h9'] })).rejects.toMatchObject({ kind: 'usage' });
  });

  it('are named by id, or by the key alone where that is clear', async () => {
    const { session } = await failing();
    expect(ids(await chosenFailures(session, ['stock:D', 'h3']))).toEqual(['stock:D', 'order:h3']);
    await expect(chosenFailures(session, ['B'])).rejects.toThrow(
      /more than one failure \(price:B, stock:B\)|more than one failure \(stock:B, price:B\)/,
    );
    await expect(chosenFailures(session, ['held'])).rejects.toThrow(/cartona approve/);
  });

  it('are tried again at once: values become due, a held order is received anew', async () => {
    const { session } = await failing();
    await retryFailures(session, await chosenFailures(session, ['stock:B', 'order:h3', 'order_state:h2']), 'mona');
    expect((await session.store.deliveries.get('stock', ['B'])).get('B')).toMatchObject({
      outcome: 'failed',
      attempts: 0,
      dueAt: expect.any(Number),
    });
    expect((await session.store.inbox.list({ hashedIds: ['h3'] }))[0]).toMatchObject({ phase: 'received' });
    const [stock] = await listFailures(session, { kind: 'stock' });
    expect(stock).toMatchObject({ id: 'stock:B', state: 'retrying', attempts: 0 });
    const [other] = await chosenFailures(session, ['price:B']);
    expect(other && (await historyOf(session, other, 5))).toMatchObject([{ action: 'retry stock', detail: 'by mona' }]);
  });

  it('are discarded but for orders, which stay at Cartona', async () => {
    const { session } = await failing();
    await expect(
      discardFailures(session, await chosenFailures(session, ['price:B', 'order:h3']), 'mona'),
    ).rejects.toThrow(/h3 stands at Cartona.*unknown product/);
    expect(ids(await listFailures(session, { kind: 'price' }))).toContain('price:B');
    expect(await discardFailures(session, await chosenFailures(session, ['price:B', 'order_state:h2']), 'mona')).toBe(
      2,
    );
    expect(ids(await listFailures(session, { kind: 'price' }))).not.toContain('price:B');
  });

  it('are told without names while Odoo cannot be asked', async () => {
    const { session, variant } = await failing();
    expect((await namesIfReachable(session, [variant])).get(variant)).toBe('Product P1');
    await recordRemote(session, 'odoo', { state: 'down', since: 1 });
    expect(await namesIfReachable(session, [variant])).toEqual(new Map());
  });
});
