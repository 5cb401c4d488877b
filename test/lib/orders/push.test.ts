import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../src/lib/orders/pull.js';
import { pushStates } from '../../../src/lib/orders/push.js';
import type { Profile } from '../../../src/lib/settings/profile.js';
import { openWorld, TARGETS, targetName, type Target, type World } from './world.js';

const SEND = { dryRun: false };

async function pulled(target: Target, fields: Record<string, unknown> = {}, settings: Partial<Profile['orders']> = {}): Promise<{ world: World; id: string }> {
  const world = await openWorld(target, { orders: settings });
  await world.products(['P1']);
  const id = world.place([{ amount: 2 }, {}], fields);
  await pullOrders(world.session);
  return { world, id };
}

const act = async (world: World, id: string, method: string, context: Record<string, unknown> = {}): Promise<void> => {
  await world.call('sale.order', method, { ids: [(await world.sale(id)).id], context });
};
const confirm = (world: World, id: string): Promise<void> => act(world, id, 'action_confirm');
const cancel = (world: World, id: string): Promise<void> => act(world, id, 'action_cancel', { disable_cancel_warning: true });

/** A warehouse worker ships everything. */
async function deliver(world: World, id: string): Promise<void> {
  const { id: saleId } = await world.sale(id);
  const pickings = (await world.call('stock.picking', 'search', { domain: [['sale_id', '=', saleId]] })) as number[];
  const moves = (await world.call('stock.move', 'search_read', { domain: [['picking_id', 'in', pickings]], fields: ['product_uom_qty'] })) as { id: number; product_uom_qty: number }[];
  for (const move of moves) await world.write('stock.move', move.id, { [world.major >= 17 ? 'quantity' : 'quantity_done']: String(move.product_uom_qty) });
  await world.call('stock.picking', 'button_validate', { ids: pickings, context: { skip_sms: true, skip_backorder: true, skip_immediate: true } });
  if (world.major < 17) await act(world, id, 'action_done');
}

/** The states that the marketplace was asked for; `undefined` where it did not read the request. */
const statusCalls = (world: World, id: string): unknown[] =>
  world.market.state.requests.list().filter((request) => request.method === 'POST' && request.path.endsWith(`/${id}`)).map((request) => (request.body as { status: string } | undefined)?.status);

describe.each(TARGETS.map((target) => [targetName(target), target] as const))('pushing states from %s', (_name, target) => {
  it('a confirmed order becomes approved, a delivered one delivered, a cancelled one cancelled; a dry run tells nothing', async () => {
    const { world, id } = await pulled(target);
    expect((await pushStates(world.session, SEND)).pushed).toEqual([]);
    await confirm(world, id);
    expect((await pushStates(world.session, { dryRun: true })).pushed).toMatchObject([{ hashedId: id, from: 'pending', to: 'approved' }]);
    expect(world.at(id).status).toBe('pending');
    expect((await pushStates(world.session, SEND)).pushed).toMatchObject([{ hashedId: id, from: 'pending', to: 'approved' }]);
    expect(world.at(id).status).toBe('approved');
    await deliver(world, id);
    expect((await pushStates(world.session, SEND)).pushed).toMatchObject([{ from: 'approved', to: 'delivered' }]);
    expect(world.at(id).status).toBe('delivered');

    const other = world.place([{}]);
    await pullOrders(world.session);
    await cancel(world, other);
    await pushStates(world.session, SEND);
    expect(world.at(other)).toMatchObject({ status: 'cancelled_by_supplier', cancellation_reason: 'cannot_deliver_the_order' });
  });

  it('what was pushed comes back without an echo: it is acknowledged, and nothing is told or done again', async () => {
    const { world, id } = await pulled(target);
    await confirm(world, id);
    await pushStates(world.session, SEND);
    expect(await pullOrders(world.session)).toMatchObject({ listed: 1, applied: [{ done: [] }], acknowledged: 1, held: [] });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
    expect(await pullOrders(world.session)).toMatchObject({ listed: 0 });
    expect(statusCalls(world, id)).toEqual(['approved']);
  });

  it('delivered at once: every state on the way is told, in order', async () => {
    const { world, id } = await pulled(target, {}, { pushAssigned: true });
    await confirm(world, id);
    await deliver(world, id);
    await pushStates(world.session, SEND);
    expect(statusCalls(world, id)).toEqual(['approved', 'assigned_to_salesman', 'delivered']);
    expect(world.at(id).status).toBe('delivered');
    await pullOrders(world.session);
    expect(await world.inbox(id)).toMatchObject({ closed: true });
    expect(await pushStates(world.session, SEND)).toMatchObject({ open: 0 });
  });

  it('an order that needs the retailer\'s OTP is approved, and its delivery waits', async () => {
    const { world, id } = await pulled(target, { installment_cost: 5 });
    await confirm(world, id);
    await deliver(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'approved' }], waiting: [{ to: 'delivered', reason: expect.stringContaining('OTP') as string }], refused: [] });
    expect(statusCalls(world, id)).toEqual(['approved']);
  });
});

const TARGET: Target = { version: 18, protocol: 'json-rpc' };

describe('pushing states', () => {
  it('a refusal is recorded with its reason and not knocked at again until something changes', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.market.faults.add({ kind: '413', match: { path: id } });
    const first = await pushStates(world.session, SEND);
    expect(first).toMatchObject({ pushed: [], refused: [{ hashedId: id, to: 'approved', reason: expect.stringContaining('Too Large') as string }] });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], stillRefused: 1 });
    expect(statusCalls(world, id)).toHaveLength(1);
    world.status(id, 'pending', { distribution_route_code: 'R-9' });
    await pullOrders(world.session);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'approved' }], stillRefused: 0 });
  });

  it.each(['drop-after', 'malformed-json'] as const)('an answer that got lost (%s): Cartona\'s list tells that it was done', async (kind) => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.market.faults.add({ kind, match: { path: id } });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ hashedId: id, to: 'approved' }], unknown: [] });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [] });
    expect(statusCalls(world, id)).toEqual(['approved']);
    expect(world.at(id).status).toBe('approved');
  });

  it('a request that got lost is told again, after a look', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.market.faults.add({ kind: 'drop-before', match: { path: id } });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], unknown: [{ hashedId: id, to: 'approved' }] });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'approved' }], unknown: [] });
  });

  it('the retailer\'s cancellation crosses our approval: Cartona\'s word counts, and the pull cancels in Odoo', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.status(id, 'cancelled_by_retailer');
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [{ reason: expect.stringContaining('orders pull') as string }] });
    await pullOrders(world.session);
    expect((await world.sale(id)).state).toBe('cancel');
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
  });

  it('while the retailer edits, nothing is told', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.status(id, 'editing');
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [{ reason: 'the retailer is editing the order' }] });
    expect(statusCalls(world, id)).toEqual([]);
  });

  it('lines that the retailer changed meanwhile go first: nothing is approved unseen', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.edit(id, [{ amount: 50 }]);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [{ reason: expect.stringContaining('newer version') as string }] });
    await pullOrders(world.session);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [{ reason: expect.stringContaining('held') as string }] });
    await cancel(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'cancelled_by_supplier' }] });
  });

  it('what Cartona delivers is Cartona\'s to set, but for a cancellation', async () => {
    const { world, id } = await pulled(TARGET, { delivered_by: 'delivered_by_cartona' });
    await confirm(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [{ reason: expect.stringContaining('Cartona delivers') as string }] });
    await cancel(world, id);
    await pushStates(world.session, SEND);
    expect(world.at(id).status).toBe('cancelled_by_supplier');
  });

  it('locked at confirmation is not delivered', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    await act(world, id, 'action_lock');
    await pushStates(world.session, SEND);
    expect(world.at(id).status).toBe('approved');
  });

  it('cancelled in Odoo after Cartona had it delivered: refused here, named once', async () => {
    const { world, id } = await pulled(TARGET, { status: 'delivered' });
    await world.session.store.inbox.update(id, { closed: false });
    await act(world, id, 'action_unlock');
    await cancel(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ refused: [{ reason: expect.stringContaining('cannot be cancelled') as string }] });
    expect(await pushStates(world.session, SEND)).toMatchObject({ refused: [], stillRefused: 1 });
    expect(statusCalls(world, id)).toEqual([]);
  });
});
