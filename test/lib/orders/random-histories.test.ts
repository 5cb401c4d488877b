import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../src/lib/orders/inbox/pull.js';
import { pushStates } from '../../../src/lib/orders/states/push.js';
import type { Session } from '../../../src/lib/session.js';
import { mortal } from '../../fixtures/killed-clients.js';
import { openWorld, type World } from '../../fixtures/orders-world.js';

/** One thing that happens; `order` and `line` choose among those there are. */
const happening = fc.oneof(
  { weight: 1, arbitrary: fc.record({ what: fc.constant('place' as const), lines: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('retailer edits' as const),
      order: fc.nat(1),
      line: fc.nat(1),
      amount: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('retailer adds a line' as const), order: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('retailer takes a line off' as const),
      order: fc.nat(1),
      line: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('retailer starts editing' as const, 'retailer cancels' as const),
      order: fc.nat(1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('salesperson changes a line' as const),
      order: fc.nat(1),
      line: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom('salesperson confirms' as const, 'salesperson cancels' as const),
      order: fc.nat(1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('pull' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('push' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('pull that ends' as const),
      call: fc.integer({ min: 1, max: 60 }),
      moment: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** What a history has made so far. */
class History {
  readonly orders: string[] = [];
  /** Line ids in Odoo that a salesperson set, and to what: quantities that Cartona never uses. */
  readonly byHand = new Map<number, number>();
  #quantity = 1000;

  constructor(
    private readonly world: World,
    private readonly machine: Session,
  ) {}

  async take(step: Happening): Promise<void> {
    const { world } = this;
    if (step.what === 'place') {
      this.orders.push(world.place(Array.from({ length: step.lines }, (_, at) => ({ amount: at + 1 }))));
      return;
    }
    if (step.what === 'pull') await pullOrders(this.machine);
    else if (step.what === 'push') await pushStates(this.machine, { dryRun: false });
    else if (step.what === 'pull that ends')
      await pullOrders(mortal(this.machine, { call: step.call, moment: step.moment }).session).catch(() => undefined);
    else {
      const id = this.orders[step.order % Math.max(this.orders.length, 1)];
      if (id !== undefined) await this.#actOn(id, step);
    }
    await this.check();
  }

  async #actOn(
    id: string,
    step: Exclude<Happening, { what: 'place' | 'pull' | 'push' | 'pull that ends' }>,
  ): Promise<void> {
    const { world } = this;
    const { status, order_details: lines } = world.at(id);
    const sale = (await world.sales(id))[0];
    switch (step.what) {
      case 'retailer edits':
        if (status === 'pending' && lines[step.line])
          world.edit(
            id,
            lines.map((_, at) => (at === step.line ? { amount: step.amount } : undefined)),
          );
        return;
      case 'retailer adds a line':
        if (status === 'pending') world.edit(id, [...lines.map(() => undefined), { amount: 3 }]);
        return;
      case 'retailer takes a line off':
        if (status === 'pending' && lines.length > 1 && lines[step.line])
          world.edit(
            id,
            lines.map((_, at) => (at === step.line ? null : undefined)),
          );
        return;
      case 'retailer starts editing':
        if (status === 'pending') world.status(id, 'editing');
        return;
      case 'retailer cancels':
        if (status === 'pending' || status === 'approved') world.status(id, 'cancelled_by_retailer');
        return;
      case 'salesperson changes a line': {
        const line = sale?.lines[step.line];
        if (!line || (sale.state !== 'draft' && sale.state !== 'sale')) return;
        this.byHand.set(line.id, (this.#quantity += 1));
        await world.write('sale.order.line', line.id, {
          product_uom_qty: String(this.#quantity),
          price_unit: String(line.price_unit),
        });
        return;
      }
      case 'salesperson confirms':
        if (sale?.state === 'draft') await world.call('sale.order', 'action_confirm', { ids: [sale.id] });
        return;
      case 'salesperson cancels':
        if (sale && sale.state !== 'cancel')
          await world.call('sale.order', 'action_cancel', {
            ids: [sale.id],
            context: { disable_cancel_warning: true },
          });
    }
  }

  /**
   * What holds at any time: one order, no line of a person overwritten, nothing acknowledged that Odoo does not have.
   */
  async check(): Promise<void> {
    for (const id of this.orders) {
      const sales = await this.world.sales(id);
      expect(sales.length).toBeLessThanOrEqual(1);
      if (!this.world.listed(id)) expect(sales).toHaveLength(1);
      for (const line of sales[0]?.lines ?? []) {
        const quantity = this.byHand.get(line.id);
        if (quantity !== undefined) expect(line.product_uom_qty).toBe(quantity);
      }
    }
  }

  /** Once everybody is quiet: what is not held is equal, but for what a person changed, and nothing is left to do. */
  async settle(): Promise<void> {
    const { world, machine } = this;
    for (const id of this.orders) if (world.at(id).status === 'editing') world.status(id, 'pending');
    await pullOrders(machine);
    await pushStates(machine, { dryRun: false });
    await pullOrders(machine);
    expect(await pushStates(machine, { dryRun: false })).toMatchObject({ pushed: [], refused: [], unknown: [] });
    expect(await pullOrders(machine)).toMatchObject({ applied: [], acknowledged: 0, held: [] });
    await this.check();
    const rows = new Map(
      (await machine.store.inbox.list({ hashedIds: this.orders })).map((row) => [row.hashedId, row]),
    );
    for (const id of this.orders) {
      const held = rows.get(id)?.phase === 'held';
      expect(world.listed(id)).toBe(held);
      const sale = await world.sale(id);
      const status = world.at(id).status;
      if (held || sale.state === 'cancel') {
        if (!held) expect(status).toMatch(/^cancelled/);
        continue;
      }
      expect(status).toBe(sale.state === 'sale' ? 'approved' : 'pending');
      const untouched = sale.lines.filter((line) => !this.byHand.has(line.id)).map((line) => line.product_uom_qty);
      const amounts = world.at(id).order_details.map((line) => line.amount);
      for (const quantity of untouched) expect(amounts).toContain(quantity);
      expect(sale.lines.length).toBe(amounts.length);
    }
  }
}

describe('whatever happens, in whatever order', () => {
  it("no order is doubled or lost, nobody's change is overwritten, and in the end both sides tell the same story", async () => {
    const world = await openWorld({ version: 18, protocol: 'json-rpc' });
    await world.products(['P1']);
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 6, maxLength: 20 }), async (steps) => {
        const history = new History(world, world.machine());
        history.orders.push(world.place([{ amount: 1 }, { amount: 2 }]));
        for (const step of steps) await history.take(step);
        await history.settle();
      }),
      { numRuns: Number(process.env['CARTONA_TEST_RUNS'] ?? 25) },
    );
  }, 600_000);
});
