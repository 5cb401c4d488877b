import { describe, expect, it } from 'vitest';
import { approve, brakedValues, reject } from '../../../src/lib/operations/approvals.js';
import { liveSince, recordRemote, recordReviewed } from '../../../src/lib/operations/runtime-state.js';
import {
  chosenFailures,
  discardFailures,
  historyOf,
  listFailures,
  namesIfReachable,
  retryFailures,
} from '../../../src/lib/operations/failures.js';
import { goLive, requireReviews, stopSending } from '../../../src/lib/operations/go-live.js';
import { applyRetention } from '../../../src/lib/live/retention.js';
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

describe('going live', () => {
  it('needs both complete reviews, and names the one that is missing', async () => {
    const { session } = await open();
    await expect(requireReviews(session)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/sync prices --dry-run.*sync stock --dry-run/),
    });
    await recordReviewed(session, 'price', { at: 5, differs: 3 });
    await expect(requireReviews(session)).rejects.toThrow(/run `cartona sync stock --dry-run` first/);
    await recordReviewed(session, 'stock', { at: 6, differs: 0 });
    expect(await requireReviews(session)).toEqual({ price: { at: 5, differs: 3 }, stock: { at: 6, differs: 0 } });
  });

  it('and stopping again stand on record, with who said so', async () => {
    const { session } = await open();
    await goLive({ ...session, now: () => 77 }, 'mona');
    expect(await liveSince(session)).toBe(77);
    await stopSending(session, 'ali');
    expect(await liveSince(session)).toBeUndefined();
    expect(
      (await session.store.audit.list({ action: 'go live' })).map(({ outcome, detail }) => [outcome, detail]),
    ).toEqual([
      ['not live', 'by ali'],
      ['live', 'by mona'],
    ]);
  });
});

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
    expect(stock).toBeUndefined();
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

describe('housekeeping', () => {
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
