import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { receiveOrders } from '../../../../src/lib/orders/inbox/receive.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import { profileSchema, type Profile } from '../../../../src/lib/settings/profile.js';
import { listOrders, showOrder } from '../../../../src/lib/orders/overview.js';
import { openWorld, TARGETS, targetName, type Target, type World } from '../../../fixtures/orders-world.js';

const SEND = { dryRun: false };
const { states } = profileSchema.shape.orders.parse({});
const VIA_ASSIGNED = { ...states, toCartona: { ...states.toCartona, underWay: 'assigned_to_salesman' as const } };

async function pulled(
  target: Target,
  fields: Record<string, unknown> = {},
  settings: Partial<Profile['orders']> = {},
): Promise<{ world: World; id: string }> {
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
const cancel = (world: World, id: string): Promise<void> =>
  act(world, id, 'action_cancel', { disable_cancel_warning: true });

/** A warehouse worker ships everything. */
async function deliver(world: World, id: string): Promise<void> {
  const { id: saleId } = await world.sale(id);
  const pickings = (await world.call('stock.picking', 'search', { domain: [['sale_id', '=', saleId]] })) as number[];
  const moves = (await world.call('stock.move', 'search_read', {
    domain: [['picking_id', 'in', pickings]],
    fields: ['product_uom_qty'],
  })) as { id: number; product_uom_qty: number }[];
  for (const move of moves)
    await world.write('stock.move', move.id, {
      [world.major >= 17 ? 'quantity' : 'quantity_done']: String(move.product_uom_qty),
    });
  await world.call('stock.picking', 'button_validate', {
    ids: pickings,
    context: { skip_sms: true, skip_backorder: true, skip_immediate: true },
  });
  if (world.major < 17) await act(world, id, 'action_done');
}

/** The states that the marketplace was asked for; `undefined` where it did not read the request. */
const statusCalls = (world: World, id: string): unknown[] =>
  world.market.state.requests
    .list()
    .filter((request) => request.method === 'POST' && request.path.endsWith(`/${id}`))
    .map((request) => (request.body as { status: string } | undefined)?.status);

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  'pushing states from %s',
  (_name, target) => {
    it('a confirmed order becomes approved, a delivered one delivered, a cancelled one cancelled; a dry run tells nothing', async () => {
      const { world, id } = await pulled(target);
      expect((await pushStates(world.session, SEND)).pushed).toEqual([]);
      await confirm(world, id);
      expect((await pushStates(world.session, { dryRun: true })).pushed).toMatchObject([
        { hashedId: id, from: 'pending', to: 'approved' },
      ]);
      expect(world.at(id).status).toBe('pending');
      expect((await pushStates(world.session, SEND)).pushed).toMatchObject([
        { hashedId: id, from: 'pending', to: 'approved' },
      ]);
      expect(world.at(id).status).toBe('approved');
      await deliver(world, id);
      expect((await pushStates(world.session, SEND)).pushed).toMatchObject([{ from: 'approved', to: 'delivered' }]);
      expect(world.at(id).status).toBe('delivered');

      const other = world.place([{}]);
      await pullOrders(world.session);
      await cancel(world, other);
      await pushStates(world.session, SEND);
      expect(world.at(other)).toMatchObject({
        status: 'cancelled_by_supplier',
        cancellation_reason: 'cannot_deliver_the_order',
      });
    });

    it('a cancellation puts the goods back on sale at Cartona: their stock there is not known any more', async () => {
      const { world, id } = await pulled(target);
      const { deliveries } = world.session.store;
      await deliveries.record(
        'stock',
        [{ key: world.id('P1'), odooId: 1, wanted: '7', outcome: 'delivered' }],
        Date.now(),
      );
      await cancel(world, id);
      await pushStates(world.session, SEND);
      expect((await deliveries.get('stock', [world.id('P1')])).get(world.id('P1'))).toMatchObject({
        delivered: '7',
        deliveredAt: undefined,
        dueAt: expect.any(Number) as number,
      });
    });

    it('what was pushed comes back without an echo: it is acknowledged, and nothing is told or done again', async () => {
      const { world, id } = await pulled(target);
      await confirm(world, id);
      await pushStates(world.session, SEND);
      expect(await pullOrders(world.session)).toMatchObject({
        listed: 1,
        applied: [{ done: [] }],
        acknowledged: 1,
        held: [],
      });
      expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
      expect(await pullOrders(world.session)).toMatchObject({ listed: 0 });
      expect(statusCalls(world, id)).toEqual(['approved']);
    });

    it('delivered at once: every state on the way is told, in order', async () => {
      const { world, id } = await pulled(target, {}, { states: VIA_ASSIGNED });
      await confirm(world, id);
      await deliver(world, id);
      await pushStates(world.session, SEND);
      expect(statusCalls(world, id)).toEqual(['approved', 'assigned_to_salesman', 'delivered']);
      expect(world.at(id).status).toBe('delivered');
      await pullOrders(world.session);
      expect(await world.inbox(id)).toMatchObject({ closed: true });
      expect(await pushStates(world.session, SEND)).toMatchObject({ open: 0 });
    });

    it("an order that needs the retailer's OTP is approved, and its delivery waits", async () => {
      const { world, id } = await pulled(target, { installment_cost: 5 });
      await confirm(world, id);
      await deliver(world, id);
      expect(await pushStates(world.session, SEND)).toMatchObject({
        pushed: [{ to: 'approved' }],
        waiting: [{ to: 'delivered', reason: expect.stringContaining('OTP') as string }],
        refused: [],
      });
      expect(statusCalls(world, id)).toEqual(['approved']);
    });
  },
);

const TARGET: Target = { version: 18, protocol: 'json-rpc' };

describe('pushing states', () => {
  it('a refusal is recorded with its reason and not knocked at again until something changes', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.market.faults.add({ kind: '413', match: { path: id } });
    const first = await pushStates(world.session, SEND);
    expect(first).toMatchObject({
      pushed: [],
      refused: [{ hashedId: id, to: 'approved', reason: expect.stringContaining('Too Large') as string }],
    });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], stillRefused: 1 });
    expect(statusCalls(world, id)).toHaveLength(1);
    world.status(id, 'pending', { distribution_route_code: 'R-9' });
    await pullOrders(world.session);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'approved' }], stillRefused: 0 });
  });

  it.each(['drop-after', 'malformed-json'] as const)(
    "an answer that got lost (%s): Cartona's list tells that it was done",
    async (kind) => {
      const { world, id } = await pulled(TARGET);
      await confirm(world, id);
      world.market.faults.add({ kind, match: { path: id } });
      expect(await pushStates(world.session, SEND)).toMatchObject({
        pushed: [{ hashedId: id, to: 'approved' }],
        unknown: [],
      });
      expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [] });
      expect(statusCalls(world, id)).toEqual(['approved']);
      expect(world.at(id).status).toBe('approved');
    },
  );

  it('a request that got lost is told again, after a look', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.market.faults.add({ kind: 'drop-before', match: { path: id } });
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      unknown: [{ hashedId: id, to: 'approved' }],
    });
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'approved' }], unknown: [] });
  });

  it("the retailer's cancellation crosses our approval: Cartona's word counts, and the pull cancels in Odoo", async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.status(id, 'cancelled_by_retailer');
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: expect.stringContaining('the next pull') as string }],
    });
    await pullOrders(world.session);
    expect((await world.sale(id)).state).toBe('cancel');
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
  });

  it('while the retailer edits, nothing is told', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.status(id, 'editing');
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: 'the retailer is editing the order' }],
    });
    expect(statusCalls(world, id)).toEqual([]);
  });

  it('lines that the retailer changed meanwhile go first: nothing is approved unseen', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.edit(id, [{ amount: 50 }]);
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: expect.stringContaining('newer version') as string }],
    });
    await pullOrders(world.session);
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: expect.stringContaining('held') as string }],
    });
    await cancel(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [{ to: 'cancelled_by_supplier' }] });
  });

  it("what Cartona delivers is Cartona's to set, but for a cancellation", async () => {
    const { world, id } = await pulled(TARGET, { delivered_by: 'delivered_by_cartona' });
    await confirm(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: expect.stringContaining('Cartona delivers') as string }],
    });
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
    expect(await pushStates(world.session, SEND)).toMatchObject({
      refused: [{ reason: expect.stringContaining('cannot be cancelled') as string }],
    });
    expect(await pushStates(world.session, SEND)).toMatchObject({ refused: [], stillRefused: 1 });
    expect(statusCalls(world, id)).toEqual([]);
  });

  it("only the orders that were asked for, without reading Cartona's list first", async () => {
    const { world, id } = await pulled(TARGET);
    const other = world.place([{}]);
    await pullOrders(world.session);
    await confirm(world, id);
    await confirm(world, other);
    const lists = (): number => world.market.state.requests.list().filter((request) => request.method === 'GET').length;
    const before = lists();
    expect(await pushStates(world.session, { dryRun: false, orders: [other], receive: false })).toMatchObject({
      open: 1,
      pushed: [{ hashedId: other }],
    });
    expect(lists()).toBe(before);
    expect([world.at(id).status, world.at(other).status]).toEqual(['pending', 'approved']);
  });

  it("without the list first: the retailer's cancellation came before our approval, the refusal decides, and the pull cancels in Odoo", async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    world.status(id, 'cancelled_by_retailer');
    expect(await pushStates(world.session, { dryRun: false, orders: [id], receive: false })).toMatchObject({
      pushed: [],
      refused: [],
      waiting: [{ to: 'approved', reason: expect.stringContaining('cancelled_by_retailer') as string }],
    });
    expect(statusCalls(world, id)).toEqual(['approved']);
    expect(await pullOrders(world.session)).toMatchObject({ applied: [{ done: ['cancel'] }], held: [] });
    expect(await pushStates(world.session, { dryRun: false, receive: false })).toMatchObject({
      pushed: [],
      refused: [],
      waiting: [],
    });
    expect(world.at(id).status).toBe('cancelled_by_retailer');
    expect(statusCalls(world, id)).toEqual(['approved']);
  });

  it("without the list first: our approval came before the retailer's cancellation, which decides all the same", async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    expect(await pushStates(world.session, { dryRun: false, orders: [id], receive: false })).toMatchObject({
      pushed: [{ to: 'approved' }],
    });
    world.status(id, 'cancelled_by_retailer');
    expect(await pushStates(world.session, { dryRun: false, orders: [id], receive: false })).toMatchObject({
      pushed: [],
    });
    await pullOrders(world.session);
    expect((await world.sale(id)).state).toBe('cancel');
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
    expect(statusCalls(world, id)).toEqual(['approved']);
  });

  it('a run that ended before it had its answer: the next one looks before it tells, whatever it was asked', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    // As another process leaves it that was killed between the request and its answer.
    await world.session.store.deliveries.claim(
      'order_state',
      [{ key: id, odooId: 1, wanted: 'approved' }],
      0,
      Date.now(),
    );
    world.status(id, 'approved');
    expect(await pushStates(world.session, { dryRun: false, receive: false })).toMatchObject({
      pushed: [],
      refused: [],
      unknown: [],
    });
    expect(statusCalls(world, id)).toEqual([]);
  });

  it('what Cartona told of an order while others were told of goes first', async () => {
    const { world, id } = await pulled(TARGET);
    const later = world.place([{}]);
    await pullOrders(world.session);
    await confirm(world, id);
    await cancel(world, later);
    const { session } = world;
    const cartona: typeof session.cartona = {
      ...session.cartona,
      setStatus: async (change) => {
        const said = await session.cartona.setStatus(change);
        // While the first is told, the retailer cancels the other one, and the service reads Cartona's list.
        const other = change.hashedId === id ? later : id;
        world.status(other, 'cancelled_by_retailer');
        await receiveOrders(session);
        return said;
      },
    };
    const told = await pushStates({ ...session, cartona }, { dryRun: false, receive: false });
    expect(told).toMatchObject({
      pushed: [{}],
      refused: [],
      waiting: [{ reason: 'Cartona has changed it meanwhile' }],
    });
    const waiting = told.waiting[0]?.hashedId ?? '';
    expect(statusCalls(world, waiting)).toEqual([]);
    await pullOrders(world.session);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
    expect((await world.sale(waiting)).state).toBe('cancel');
  });

  it("an order that was over for so long that it was forgotten, and comes again, is found in Odoo and a person's to look at", async () => {
    const { world, id } = await pulled(TARGET);
    const { session } = world;
    await confirm(world, id);
    await deliver(world, id);
    await pushStates(session, SEND);
    await pullOrders(session);
    await pushStates(session, SEND);
    await session.store.inbox.prune(Date.now() + 1000);
    expect(await session.store.inbox.list({})).toEqual([]);
    world.status(id, 'returned');
    expect(await pullOrders(session)).toMatchObject({
      held: [{ hashedId: id, reason: expect.stringContaining('returned') as string }],
    });
    expect(await world.call('sale.order', 'search_count', { domain: [['client_order_ref', '=', id]] })).toBe(1);
    expect((await world.sale(id)).state).toBe('sale');
  });

  it('an order that another process is telling of is left to it', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    await world
      .machine('first')
      .store.deliveries.claim(
        'order_state',
        [{ key: id, odooId: 1, wanted: 'approved' }],
        Date.now() + 60_000,
        Date.now(),
      );
    expect(await pushStates(world.session, SEND)).toMatchObject({
      pushed: [],
      waiting: [{ reason: expect.stringContaining('another process') as string }],
    });
    expect(statusCalls(world, id)).toEqual([]);
  });

  it('awaiting the OTP is shown, and Cartona is not asked again', async () => {
    const { world, id } = await pulled(TARGET, { wallet_top_up: 20 });
    await confirm(world, id);
    await deliver(world, id);
    await pushStates(world.session, { dryRun: false, receive: false });
    await pushStates(world.session, { dryRun: false, receive: false });
    expect(statusCalls(world, id)).toEqual(['approved']);
    expect(await listOrders(world.session, {})).toMatchObject([
      {
        hashedId: id,
        awaitingOtp: true,
        status: 'approved',
        reason: expect.stringContaining(`orders deliver ${id}`) as string,
      },
    ]);
    await pullOrders(world.session);
    await pushStates(world.session, SEND);
    expect(await showOrder(world.session, id)).toMatchObject({
      awaitingOtp: true,
      closed: false,
      state: { confirmed: 'approved', wanted: 'delivered' },
    });
    expect(statusCalls(world, id)).toEqual(['approved']);
  });

  it('the newest known status is shown, also after a push', async () => {
    const { world, id } = await pulled(TARGET);
    await confirm(world, id);
    await pushStates(world.session, { dryRun: false, receive: false });
    expect(await showOrder(world.session, id)).toMatchObject({ status: 'approved', awaitingOtp: false });
    expect(await listOrders(world.session, { status: 'approved' })).toMatchObject([{ hashedId: id }]);
    expect(await listOrders(world.session, { status: 'pending' })).toEqual([]);
  });

  it.each(['approved', 'assigned_to_salesman', 'delivered', 'cancelled_by_supplier'] as const)(
    'a state that came from Cartona (%s) is not sent back',
    async (status) => {
      const { world, id } = await pulled(TARGET);
      world.status(id, status);
      await pullOrders(world.session);
      for (const receive of [true, false]) await pushStates(world.session, { dryRun: false, receive });
      expect(statusCalls(world, id)).toEqual([]);
    },
  );

  it("the settings' table decides what is told", async () => {
    const quiet = {
      ...states,
      toCartona: { ...states.toCartona, confirmed: 'nothing' as const, cancelled: 'nothing' as const },
    };
    const { world, id } = await pulled(TARGET, {}, { states: quiet });
    await confirm(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ open: 1, pushed: [], waiting: [], refused: [] });
    await cancel(world, id);
    expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], waiting: [], refused: [] });
    expect(statusCalls(world, id)).toEqual([]);
  });
});
