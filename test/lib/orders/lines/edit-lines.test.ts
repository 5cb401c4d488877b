import { describe, expect, it } from 'vitest';
import type { OrderLinesUpdate } from '../../../../src/lib/cartona/client.js';
import { showLines } from '../../../../src/lib/orders/lines/compare-lines.js';
import { pushLines, takeLines } from '../../../../src/lib/orders/lines/edit-lines.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import type { Profile } from '../../../../src/lib/settings/profile.js';
import { Killed } from '../../../fixtures/killed-clients.js';
import { loaded, openWorld, TARGETS, targetName, type Target, type World } from '../../../fixtures/orders-world.js';

const SEND = { dryRun: false };

/** An order of two lines (3 × 10 of P1, 2 × 5 of P2) that Odoo holds; P3 is sold at Cartona too, P4 is not. */
async function pulled(
  target: Target,
  fields: Record<string, unknown> = {},
  orders: Partial<Profile['orders']> = {},
): Promise<{ world: World; id: string; products: number[] }> {
  const world = await openWorld(target, { orders, sold: ['P1', 'P2', 'P3'] });
  const products = await world.products(['P1', 'P2', 'P3', 'P4']);
  await world.write('product.product', products[3] ?? 0, { x_cartona_id: '' });
  const id = world.place(
    [
      { internal_product_id: 'P1', amount: 3, selling_price: 10 },
      { internal_product_id: 'P2', amount: 2, selling_price: 5 },
    ],
    fields,
  );
  await pullOrders(world.session);
  return { world, id, products };
}

/** A salesperson changes a line of the order, by position. */
async function sell(world: World, id: string, at: number, fields: Record<string, string>): Promise<void> {
  const line = (await world.sale(id)).lines[at];
  await world.write('sale.order.line', line?.id ?? 0, {
    product_uom_qty: String(line?.product_uom_qty ?? 0),
    price_unit: String(line?.price_unit ?? 0),
    ...fields,
  });
}

async function add(
  world: World,
  id: string,
  product: number | undefined,
  quantity: number,
  price: number,
): Promise<void> {
  const { id: saleId } = await world.sale(id);
  await loaded(
    world.admin,
    'sale.order.line',
    ['order_id/.id', 'product_id/.id', 'product_uom_qty', 'price_unit', world.lineTaxes],
    [[String(saleId), String(product), String(quantity), String(price), '']],
  );
}

const atCartona = (world: World, id: string): [string | null, number, number][] =>
  world.at(id).order_details.map((line) => [line.internal_product_id, line.amount, line.selling_price]);
const inOdoo = async (world: World, id: string): Promise<[number, number, number][]> =>
  (await world.sale(id)).lines.map((line) => [line.product_id, line.product_uom_qty, line.price_unit]);
const told = (world: World): unknown[] =>
  world.market.state.requests
    .list()
    .filter((request) => request.path.endsWith('update-order-details'))
    .map((request) => request.body);
const lineAt = (world: World, id: string, at: number): number => world.at(id).order_details[at]?.id ?? 0;

/** Nothing is left to do or to tell on either side. */
async function quiet(world: World): Promise<void> {
  const requests = told(world).length;
  await pullOrders(world.session);
  expect(await pullOrders(world.session)).toMatchObject({ applied: [], held: [], stillHeld: 0 });
  expect(await pushStates(world.session, SEND)).toMatchObject({ pushed: [], refused: [], waiting: [] });
  expect(told(world)).toHaveLength(requests);
}

describe.each(TARGETS.map((target) => [targetName(target), target] as const))('lines edited in %s', (_name, target) => {
  it('a changed quantity, a changed price: shown, told, read back, and no echo', async () => {
    const {
      world,
      id,
      products: [p1, p2],
    } = await pulled(target);
    expect((await showLines(world.session, id)).lines).toMatchObject([{ equal: true }, { equal: true }]);
    await sell(world, id, 0, { product_uom_qty: '4' });
    await sell(world, id, 1, { price_unit: '4.75' });
    const first = lineAt(world, id, 0);
    const updates = [
      { id: String(first), amount: 4 },
      { id: String(lineAt(world, id, 1)), price: '4.75' },
    ];
    expect((await showLines(world.session, id)).lines.map((line) => line.update)).toEqual(updates);
    expect(await pushLines(world.session, id, { dryRun: true })).toMatchObject({ sent: updates });
    expect(told(world)).toEqual([]);
    expect(await pushLines(world.session, id, SEND)).toMatchObject({
      sent: updates,
      unseen: false,
      lines: [{ equal: true }, { equal: true }],
    });
    expect(told(world)).toEqual([
      [
        {
          hashed_id: id,
          order_details: [
            { id: first, amount: 4 },
            { id: lineAt(world, id, 1), price: 4.75 },
          ],
        },
      ],
    ]);
    expect(atCartona(world, id)).toEqual([
      [world.id('P1'), 4, 10],
      [world.id('P2'), 2, 4.75],
    ]);
    await quiet(world);
    expect(await inOdoo(world, id)).toEqual([
      [p1, 4, 10],
      [p2, 2, 4.75],
    ]);
    expect(await pushLines(world.session, id, SEND)).toMatchObject({ sent: [] });
  });

  it('a line taken off, and one set to zero on a confirmed order', async () => {
    const { world, id } = await pulled(target);
    await world.call('sale.order.line', 'unlink', { ids: [(await world.sale(id)).lines[1]?.id ?? 0] });
    await pushLines(world.session, id, SEND);
    expect(atCartona(world, id)).toEqual([[world.id('P1'), 3, 10]]);
    await quiet(world);

    const other = world.place([{ internal_product_id: 'P1' }, { internal_product_id: 'P2' }]);
    await pullOrders(world.session);
    await world.call('sale.order', 'action_confirm', { ids: [(await world.sale(other)).id] });
    await pushStates(world.session, SEND);
    await sell(world, other, 0, { product_uom_qty: '0' });
    await pushLines(world.session, other, SEND);
    expect(atCartona(world, other)).toEqual([[world.id('P2'), 1, 10]]);
    await quiet(world);
  });

  it('an added line is told, and is that line from then on', async () => {
    const {
      world,
      id,
      products: [p1, p2, p3],
    } = await pulled(target);
    await add(world, id, p3, 6, 8.5);
    expect(await pushLines(world.session, id, SEND)).toMatchObject({
      sent: [{ cartonaId: world.id('P3'), amount: 6, price: '8.5' }],
      lines: [{ equal: true }, { equal: true }, { equal: true }],
    });
    expect(atCartona(world, id)).toEqual([
      [world.id('P1'), 3, 10],
      [world.id('P2'), 2, 5],
      [world.id('P3'), 6, 8.5],
    ]);
    await quiet(world);
    world.edit(id, [undefined, undefined, { amount: 2 }]);
    await pullOrders(world.session);
    expect(await inOdoo(world, id)).toEqual([
      [p1, 3, 10],
      [p2, 2, 5],
      [p3, 2, 8.5],
    ]);
    await quiet(world);
  });

  it('a run that ends when Cartona has taken an added line: it does not become two', async () => {
    const {
      world,
      id,
      products: [p1, p2, p3],
    } = await pulled(target);
    await add(world, id, p3, 6, 8.5);
    const { cartona } = world.session;
    const updateOrderLines = async (update: OrderLinesUpdate): Promise<never> => {
      await cartona.updateOrderLines(update);
      throw new Killed();
    };
    await expect(pushLines({ ...world.session, cartona: { ...cartona, updateOrderLines } }, id, SEND)).rejects.toThrow(
      Killed,
    );
    await pullOrders(world.session);
    expect(await inOdoo(world, id)).toEqual([
      [p1, 3, 10],
      [p2, 2, 5],
      [p3, 6, 8.5],
    ]);
    expect(atCartona(world, id)).toHaveLength(3);
    await quiet(world);
  });

  it('where both changed a line, a person says whose word counts', async () => {
    const {
      world,
      id,
      products: [p1, p2],
    } = await pulled(target);
    await sell(world, id, 0, { product_uom_qty: '6' });
    await sell(world, id, 1, { product_uom_qty: '8' });
    world.edit(id, [{ amount: 4 }, { amount: 9 }]);
    expect(await pullOrders(world.session)).toMatchObject({ held: [{ hashedId: id }] });
    await expect(pushLines(world.session, id, SEND)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('--apply') as string,
    });
    const asked: unknown[] = [];
    const result = await takeLines(world.session, id, async (question) => {
      asked.push(question);
      // Nobody is waited for under the orders' lock.
      await pullOrders(world.session);
      return asked.length === 1 ? 'cartona' : 'odoo';
    });
    expect(asked).toMatchObject([
      { cartona: '4 × 10', odoo: '6 × 10' },
      { cartona: '9 × 5', odoo: '8 × 5' },
    ]);
    expect(result).toMatchObject({ decided: [{ taken: 'cartona' }, { taken: 'odoo' }], waits: undefined });
    expect(await inOdoo(world, id)).toEqual([
      [p1, 4, 10],
      [p2, 8, 5],
    ]);
    expect(await pullOrders(world.session)).toMatchObject({ held: [], stillHeld: 0, acknowledged: 1 });
    await pushLines(world.session, id, SEND);
    expect(atCartona(world, id)).toEqual([
      [world.id('P1'), 4, 10],
      [world.id('P2'), 8, 5],
    ]);
    await quiet(world);
  });
});

const TARGET: Target = { version: 18, protocol: 'json-rpc' };

describe('lines', () => {
  it.each<[string, Record<string, unknown>, (world: World, id: string) => void, RegExp]>([
    ['while the retailer edits', {}, (world, id) => world.status(id, 'editing'), /editing/],
    ['of a final order', {}, (world, id) => world.status(id, 'cancelled_by_retailer'), /final|cancelled/],
    [
      'of an order that Cartona delivers',
      { delivered_by: 'delivered_by_cartona' },
      () => undefined,
      /Cartona delivers/,
    ],
  ])('are not told %s', async (_when, fields, happen, reason) => {
    const { world, id } = await pulled(TARGET, fields);
    await sell(world, id, 0, { product_uom_qty: '4' });
    happen(world, id);
    await expect(pushLines(world.session, id, SEND)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(reason) as string,
    });
    expect(told(world)).toEqual([]);
  });

  it('what Cartona has no place for is named, and the rest is told', async () => {
    const {
      world,
      id,
      products: [, , , unmapped],
    } = await pulled(TARGET);
    await sell(world, id, 0, { product_uom_qty: '2.5' });
    await sell(world, id, 1, { product_uom_qty: '7' });
    await add(world, id, unmapped, 1, 3);
    const { lines, sent } = await pushLines(world.session, id, SEND);
    expect(sent).toHaveLength(1);
    expect(lines.map((line) => line.problem)).toEqual([
      expect.stringContaining('whole'),
      undefined,
      expect.stringContaining('no Cartona id'),
    ]);
    expect(atCartona(world, id)).toEqual([
      [world.id('P1'), 3, 10],
      [world.id('P2'), 7, 5],
    ]);
    await quiet(world);
  });

  it('a discount is not told as a price', async () => {
    const { world, id } = await pulled(TARGET);
    await sell(world, id, 0, { discount: '10' });
    expect((await showLines(world.session, id)).lines[0]).toMatchObject({
      equal: false,
      update: undefined,
      problem: expect.stringContaining('discount') as string,
    });
  });

  it('no line left: the order is to be cancelled', async () => {
    const { world, id } = await pulled(TARGET);
    await world.call('sale.order.line', 'unlink', { ids: (await world.sale(id)).lines.map((line) => line.id) });
    await expect(pushLines(world.session, id, SEND)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('cancelled_by_supplier') as string,
    });
  });

  it.each(['drop-after', 'malformed-json'] as const)(
    'an answer that got lost (%s): the list tells that it was done',
    async (kind) => {
      const { world, id } = await pulled(TARGET);
      await sell(world, id, 0, { product_uom_qty: '4' });
      world.market.faults.add({ kind, match: { path: 'update-order-details' } });
      expect(await pushLines(world.session, id, SEND)).toMatchObject({
        unseen: false,
        lines: [{ equal: true }, { equal: true }],
      });
      expect(told(world)).toHaveLength(1);
      await quiet(world);
    },
  );

  it('a request that got lost is told as unknown, and goes with the next one', async () => {
    const { world, id } = await pulled(TARGET);
    await sell(world, id, 0, { product_uom_qty: '4' });
    world.market.faults.add({ kind: 'drop-before', match: { path: 'update-order-details' } });
    await expect(pushLines(world.session, id, SEND)).rejects.toMatchObject({ kind: 'outcome-unknown' });
    expect(await pushLines(world.session, id, SEND)).toMatchObject({
      sent: [{ amount: 4 }],
      lines: [{ equal: true }, { equal: true }],
    });
  });

  it("a refusal is told in Cartona's words", async () => {
    const { world, id } = await pulled(TARGET);
    await sell(world, id, 0, { product_uom_qty: '4' });
    world.market.faults.add({ kind: '413', match: { path: 'update-order-details' } });
    await expect(pushLines(world.session, id, SEND)).rejects.toMatchObject({ kind: 'refused' });
    expect(
      (await world.session.store.audit.list({ record: id })).map((entry) => [entry.actor, entry.action, entry.outcome]),
    ).toContainEqual(['orders lines', 'lines', 'refused']);
  });

  it('--take on a confirmed order is refused', async () => {
    const { world, id } = await pulled(TARGET);
    await world.call('sale.order', 'action_confirm', { ids: [(await world.sale(id)).id] });
    world.edit(id, [{ amount: 4 }]);
    await expect(takeLines(world.session, id, () => Promise.resolve('cartona'))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no quotation') as string,
    });
  });
});
