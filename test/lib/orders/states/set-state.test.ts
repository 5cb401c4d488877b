import { describe, expect, it } from 'vitest';
import type { ApiOrder } from '../../../../src/sandbox/supplier/supplier.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import { listOrders } from '../../../../src/lib/orders/overview.js';
import { setState, type StateRequest } from '../../../../src/lib/orders/states/set-state.js';
import { rawOrder } from '../../../fixtures/orders.js';
import { freshPhone, openWorld, TARGETS, targetName, type Target, type World } from '../../../fixtures/orders-world.js';

const CODE = '48215';
const delivered = (code: string): StateRequest => ({ status: 'delivered', otp: () => Promise.resolve(code) });

async function pulled(target: Target, fields: Record<string, unknown> = {}): Promise<{ world: World; id: string }> {
  const world = await openWorld(target);
  await world.products(['P1']);
  const id = world.place([{ amount: 2 }, {}], fields);
  await pullOrders(world.session);
  return { world, id };
}

/** An order with instalments, approved on both sides, which the retailer has a code for. */
async function withOtp(target: Target): Promise<{ world: World; id: string }> {
  const world = await openWorld(target);
  await world.products(['P1']);
  const raw = rawOrder([{ internal_product_id: world.id('P1') }], { installment_cost: 5, status: 'approved' });
  const order = {
    ...raw,
    hashed_id: world.id(raw.hashed_id),
    retailer: { ...raw.retailer, retailer_code: world.id('R'), retailer_number: freshPhone() },
  } as unknown as ApiOrder;
  world.market.state.orders.add(order, CODE);
  await pullOrders(world.session);
  return { world, id: order.hashed_id };
}

const asked = (world: World, id: string): unknown[] =>
  world.market.state.requests
    .list()
    .filter((request) => request.method === 'POST' && request.path.endsWith(`/${id}`))
    .map((request) => (request.body as { status: string } | undefined)?.status);
const pickingStates = async (world: World, id: string): Promise<string[]> =>
  (
    (await world.call('stock.picking', 'search_read', {
      domain: [['sale_id', '=', (await world.sale(id)).id]],
      fields: ['state'],
    })) as { state: string }[]
  ).map((one) => one.state);
const isLocked = async (world: World, id: string): Promise<boolean> => {
  const sale = await world.sale(id);
  return sale.state === 'done' || sale.locked === true;
};
const auditText = async (world: World, id: string): Promise<string> =>
  JSON.stringify(await world.session.store.audit.list({ record: id }));

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  'setting states with %s',
  (_name, target) => {
    it('the right OTP: Cartona first, then the delivery in Odoo, locked; the code is nowhere', async () => {
      const { world, id } = await withOtp(target);
      expect(await setState(world.session, 'orders deliver', id, delivered(CODE))).toMatchObject({
        from: 'approved',
        told: ['delivered'],
        done: ['deliver', 'lock'],
        waits: undefined,
      });
      expect(world.at(id).status).toBe('delivered');
      expect(await pickingStates(world, id)).toEqual(['done']);
      expect(await isLocked(world, id)).toBe(true);
      const trail = await auditText(world, id);
      for (const text of ['"orders deliver"', '"accepted"', '"deliver"']) expect(trail).toContain(text);
      expect(trail).not.toContain(CODE);
      expect(await pullOrders(world.session)).toMatchObject({ applied: [], acknowledged: 1, held: [] });
      expect(await pushStates(world.session, { dryRun: false })).toMatchObject({ pushed: [], refused: [] });
      expect(asked(world, id)).toEqual(['delivered']);
    });

    it("a wrong OTP: Cartona's reason, and Odoo as it was", async () => {
      const { world, id } = await withOtp(target);
      await expect(setState(world.session, 'orders deliver', id, delivered('11111'))).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringMatching(/wrong OTP.*\. Odoo was left as it was\.$/) as string,
      });
      expect(world.at(id).status).toBe('approved');
      expect(await pickingStates(world, id)).not.toContain('done');
      expect(await isLocked(world, id)).toBe(false);
      expect(await setState(world.session, 'orders deliver', id, delivered(CODE))).toMatchObject({
        told: ['delivered'],
      });
    });

    it('approved, cancelled: Odoo is brought along', async () => {
      const { world, id } = await pulled(target);
      expect(await setState(world.session, 'orders status', id, { status: 'approved' })).toMatchObject({
        told: ['approved'],
        done: ['confirm'],
      });
      expect((await world.sale(id)).state).toBe('sale');
      expect(
        await setState(world.session, 'orders status', (await world.sale(id)).name, {
          status: 'cancelled_by_supplier',
          reason: 'out_of_stock',
        }),
      ).toMatchObject({ told: ['cancelled_by_supplier'], done: ['changed', 'cancel'] });
      expect((await world.sale(id)).state).toBe('cancel');
      expect(world.at(id)).toMatchObject({ status: 'cancelled_by_supplier', cancellation_reason: 'out_of_stock' });
      expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 1, held: [] });
      expect(await pushStates(world.session, { dryRun: false })).toMatchObject({ pushed: [], refused: [] });
    });
  },
);

const TARGET: Target = { version: 18, protocol: 'json-rpc' };

/** An order with instalments that is a quotation still, which the retailer has a code for. */
async function pendingWithOtp(): Promise<{ world: World; id: string }> {
  const world = await openWorld(TARGET);
  await world.products(['P1']);
  const raw = rawOrder([{ internal_product_id: world.id('P1') }], { installment_cost: 5 });
  const order = {
    ...raw,
    hashed_id: world.id(raw.hashed_id),
    retailer: { ...raw.retailer, retailer_code: world.id('R'), retailer_number: freshPhone() },
  } as unknown as ApiOrder;
  world.market.state.orders.add(order, CODE);
  await pullOrders(world.session);
  return { world, id: order.hashed_id };
}

describe('the code of the retailer', () => {
  it('is waited for without the lock: orders go on being taken in meanwhile', async () => {
    const { world, id } = await withOtp(TARGET);
    let pulledMeanwhile = false;
    const otp = async (): Promise<string> => {
      await pullOrders(world.session);
      pulledMeanwhile = true;
      return CODE;
    };
    expect(await setState(world.session, 'orders deliver', id, { status: 'delivered', otp })).toMatchObject({
      told: ['delivered'],
    });
    expect(pulledMeanwhile).toBe(true);
  });

  it('that is not told: nothing was done on either side', async () => {
    const { world, id } = await pendingWithOtp();
    const otp = (): Promise<string> => Promise.reject(new Error('stopped at the question'));
    await expect(setState(world.session, 'orders deliver', id, { status: 'delivered', otp })).rejects.toThrow(
      'stopped',
    );
    expect(asked(world, id)).toEqual([]);
    expect([world.at(id).status, (await world.sale(id)).state]).toEqual(['pending', 'draft']);
    expect(await auditText(world, id)).not.toContain('orders deliver');
  });

  it('that is wrong for a pending order: the error tells what was done on the way, on both sides', async () => {
    const { world, id } = await pendingWithOtp();
    const { name } = await world.sale(id);
    await expect(setState(world.session, 'orders deliver', id, delivered('11111'))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        new RegExp(`wrong OTP.*\\. Before that Cartona set it to approved; ${name} in Odoo: confirm\\.$`),
      ) as string,
    });
    expect([world.at(id).status, (await world.sale(id)).state]).toEqual(['approved', 'sale']);
    expect(asked(world, id)).toEqual(['approved', 'delivered']);
  });
});

describe('setting states', () => {
  it.each(['drop-after', 'malformed-json'] as const)(
    'delivered, but the answer got lost (%s): the list tells, and Odoo follows',
    async (kind) => {
      const { world, id } = await withOtp(TARGET);
      world.market.faults.add({ kind, match: { path: id } });
      expect(await setState(world.session, 'orders deliver', id, delivered(CODE))).toMatchObject({
        told: ['delivered'],
        done: ['deliver', 'lock'],
      });
      expect(asked(world, id)).toEqual(['delivered']);
    },
  );

  it('the request got lost: nobody knows, Odoo is as it was, and the same again looks first', async () => {
    const { world, id } = await withOtp(TARGET);
    world.market.faults.add({ kind: 'drop-before', match: { path: id } });
    await expect(setState(world.session, 'orders deliver', id, delivered(CODE))).rejects.toMatchObject({
      kind: 'outcome-unknown',
    });
    expect(await pickingStates(world, id)).toEqual([expect.not.stringMatching('done')]);
    expect(await setState(world.session, 'orders deliver', id, delivered(CODE))).toMatchObject({
      told: ['delivered'],
      done: ['deliver', 'lock'],
    });
  });

  it('set by a run that ended before it could say so: the code is not asked for again', async () => {
    const { world, id } = await withOtp(TARGET);
    world.status(id, 'delivered');
    expect(
      await setState(world.session, 'orders deliver', id, {
        status: 'delivered',
        otp: () => Promise.reject(new Error('asked')),
      }),
    ).toMatchObject({ told: [] });
    expect(await pickingStates(world, id)).toEqual(['done']);
    expect(asked(world, id)).toEqual([]);
  });

  it('handed over in Odoo without a code: awaiting it, until the code is told', async () => {
    const { world, id } = await withOtp(TARGET);
    const sale = await world.sale(id);
    const pickings = (await world.call('stock.picking', 'search', { domain: [['sale_id', '=', sale.id]] })) as number[];
    const moves = (await world.call('stock.move', 'search_read', {
      domain: [['picking_id', 'in', pickings]],
      fields: ['product_uom_qty'],
    })) as { id: number }[];
    for (const move of moves) await world.write('stock.move', move.id, { quantity: '1' });
    await world.call('stock.picking', 'button_validate', {
      ids: pickings,
      context: { skip_sms: true, skip_backorder: true },
    });
    await pushStates(world.session, { dryRun: false });
    expect(await listOrders(world.session, {})).toMatchObject([{ awaitingOtp: true }]);
    expect(await setState(world.session, 'orders deliver', id, delivered(CODE))).toMatchObject({
      told: ['delivered'],
      done: ['lock'],
    });
    expect(await listOrders(world.session, {})).toMatchObject([
      { awaitingOtp: false, status: 'delivered', reason: undefined },
    ]);
  });

  it('an order without OTP is delivered without one, by way of approved', async () => {
    const { world, id } = await pulled(TARGET);
    expect(
      await setState(world.session, 'orders deliver', id, {
        status: 'delivered',
        otp: () => Promise.reject(new Error('asked')),
      }),
    ).toMatchObject({ told: ['approved', 'delivered'], done: ['confirm', 'deliver', 'lock'] });
    expect(asked(world, id)).toEqual(['approved', 'delivered']);
  });

  it('a code is needed and nobody gives one: said, and nothing done', async () => {
    const { world, id } = await withOtp(TARGET);
    await expect(setState(world.session, 'orders status', id, { status: 'delivered' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('orders deliver') as string,
    });
    expect(asked(world, id)).toEqual([]);
  });

  it.each<[string, Partial<ApiOrder>, StateRequest, RegExp]>([
    ['backwards', { status: 'approved' }, { status: 'pending' }, /approved already/],
    ['out of a final state', { status: 'cancelled_by_retailer' }, { status: 'approved' }, /cancelled_by_retailer/],
    [
      'cancelled already',
      { status: 'cancelled_by_retailer' },
      { status: 'cancelled_by_supplier' },
      /cancelled_by_retailer already/,
    ],
    ['while the retailer edits', { status: 'editing' }, { status: 'approved' }, /editing/],
    ['returned before it was sent', { status: 'approved' }, { status: 'returned' }, /assigned_to_salesman/],
  ])('an illegal step is refused with the reason, and Cartona not asked: %s', async (_step, change, wish, reason) => {
    const { world, id } = await pulled(TARGET);
    world.status(id, change.status ?? 'pending');
    await expect(setState(world.session, 'orders status', id, wish)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(reason) as string,
    });
    expect(asked(world, id)).toEqual([]);
  });

  it("what Cartona delivers is Cartona's to set, but for a cancellation", async () => {
    const { world, id } = await pulled(TARGET, { delivered_by: 'delivered_by_cartona' });
    await expect(setState(world.session, 'orders status', id, { status: 'approved' })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('Cartona delivers') as string,
    });
    await setState(world.session, 'orders status', id, { status: 'cancelled_by_supplier' });
    expect(world.at(id).status).toBe('cancelled_by_supplier');
  });

  it('goods that have left in Odoo are not cancelled; what came back is said, and Odoo waits for a person', async () => {
    const { world, id } = await pulled(TARGET);
    await setState(world.session, 'orders status', id, { status: 'assigned_to_salesman' });
    const sale = await world.sale(id);
    const pickings = (await world.call('stock.picking', 'search', { domain: [['sale_id', '=', sale.id]] })) as number[];
    const moves = (await world.call('stock.move', 'search_read', {
      domain: [['picking_id', 'in', pickings]],
      fields: ['product_uom_qty'],
    })) as { id: number; product_uom_qty: number }[];
    for (const move of moves) await world.write('stock.move', move.id, { quantity: String(move.product_uom_qty) });
    await world.call('stock.picking', 'button_validate', {
      ids: pickings,
      context: { skip_sms: true, skip_backorder: true },
    });
    await expect(
      setState(world.session, 'orders status', id, { status: 'cancelled_by_supplier' }),
    ).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('have left') as string });
    expect(asked(world, id)).toEqual(['approved', 'assigned_to_salesman']);
    expect(await setState(world.session, 'orders status', id, { status: 'returned' })).toMatchObject({
      told: ['returned'],
      waits: expect.stringContaining('take the goods') as string,
    });
    expect(world.at(id).status).toBe('returned');
  });

  it('an order that cannot be made in Odoo can be cancelled, and then needs nothing more', async () => {
    const world = await openWorld(TARGET);
    const id = world.place([{ internal_product_id: 'unknown' }]);
    expect(await pullOrders(world.session)).toMatchObject({ held: [{ hashedId: id }] });
    await expect(setState(world.session, 'orders status', id, { status: 'approved' })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('held') as string,
    });
    expect(await setState(world.session, 'orders status', id, { status: 'cancelled_by_supplier' })).toMatchObject({
      odooName: undefined,
      told: ['cancelled_by_supplier'],
      waits: undefined,
    });
    expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 1, held: [], stillHeld: 0 });
    expect(await world.inbox(id)).toMatchObject({ phase: 'acknowledged', closed: true });
    expect(await world.sales(id)).toEqual([]);
  });

  it('an order that nobody received', async () => {
    const world = await openWorld(TARGET);
    await expect(setState(world.session, 'orders status', 'S99999', { status: 'approved' })).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});
