import { describe, expect, it } from 'vitest';
import { receiveEvents } from '../../../../src/lib/orders/inbox/webhook-events.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import type { OrderEvent } from '../../../../src/lib/orders/inbox/webhook-events.js';
import { showOrder } from '../../../../src/lib/orders/overview.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import { setState } from '../../../../src/lib/orders/states/set-state.js';
import type { Session } from '../../../../src/lib/session.js';
import { rawOrder } from '../../../fixtures/orders.js';
import { openWorld, type World } from '../../../fixtures/orders-world.js';

/** A world with a clock of its own. */
async function open() {
  const world = await openWorld({ version: 18, protocol: 'json-rpc' });
  await world.products(['P1']);
  let ahead = 0;
  const session: Session = { ...world.session, now: () => Date.now() + ahead };
  return {
    ...world,
    session,
    /** What the service does: reads the list whenever it is due for what webhooks told. @returns how often it did */
    async looksWithin(ms: number): Promise<number> {
      const end = session.now() + ms;
      for (let looks = 0; ; looks += 1) {
        const due = await session.store.inbox.nextVerifyAt();
        if (due === undefined || due > end) {
          ahead += Math.max(0, end - session.now());
          return looks;
        }
        ahead += Math.max(0, due - session.now());
        await pullOrders(session);
      }
    },
  };
}
type Ground = Awaited<ReturnType<typeof open>>;

const FIVE_MINUTES = 5 * 60_000 + 1000;

const status = (hashedId: string, fields: Record<string, unknown>): OrderEvent => ({
  kind: 'status',
  hashedId,
  payload: JSON.stringify({ hashed_id: hashedId, ...fields }),
});
/** The order as Cartona has it, with these changes: what somebody who knows the token makes of it. */
const forged = (world: World | Ground, id: string, fields: Record<string, unknown>): OrderEvent => ({
  kind: 'order',
  hashedId: id,
  payload: JSON.stringify({ ...world.at(id), ...fields }),
});

/** An order that Cartona has listed and was told is taken: its list shows it no more. */
async function acknowledged(ground: Ground, fields: Record<string, unknown> = {}): Promise<string> {
  const id = ground.place([{ amount: 2 }], fields);
  await pullOrders(ground.session);
  expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', listed: true });
  return id;
}

describe('what only a webhook tells', () => {
  it('an order that the list has not shown is a quotation at once and is confirmed when the list shows it', async () => {
    const ground = await open();
    const id = ground.place([{ amount: 2 }], { status: 'approved', delivered_by: 'delivered_by_cartona' });
    expect(await receiveEvents(ground.session, [forged(ground, id, {})])).toMatchObject({ pull: true });
    expect(await ground.sale(id)).toMatchObject({ state: 'draft' });
    expect((await showOrder(ground.session, id)).webhook).toMatchObject({ kind: 'order' });
    await pullOrders(ground.session);
    expect(await ground.sale(id)).toMatchObject({ state: 'sale' });
    expect((await showOrder(ground.session, id)).webhook).toBeUndefined();
    expect(ground.listed(id)).toBe(false);
  });

  it('an order that Cartona does not know stays a quotation, is never acknowledged and waits for a person', async () => {
    const ground = await open();
    const events = (['pending', 'approved', 'delivered', 'cancelled_by_retailer'] as const).map((state) => {
      const raw = rawOrder([{ internal_product_id: ground.id('P1'), selling_price: 0.01 }], { status: state });
      return { kind: 'order' as const, hashedId: raw.hashed_id, payload: JSON.stringify(raw) };
    });
    await receiveEvents(ground.session, events);
    expect(await ground.looksWithin(FIVE_MINUTES)).toBe(3);
    const ids = events.map((event) => event.hashedId);
    const sales = await Promise.all(ids.map((id) => ground.sales(id)));
    expect(sales.map((rows) => rows.map((row) => row.state))).toEqual([['draft'], ['draft'], [], []]);
    for (const id of ids)
      expect(await ground.inbox(id)).toMatchObject({
        phase: 'held',
        reason: expect.stringContaining('only a webhook'),
      });
    expect((await ground.session.store.inbox.summary()).map(({ phase, count }) => [phase, count])).toEqual([
      ['held', 4],
    ]);
    // A person who believes it confirms it in Odoo, and Cartona is asked.
    const [sale] = sales[0] ?? [];
    await ground.call('sale.order', 'action_confirm', { ids: [sale?.id] });
    await pullOrders(ground.session);
    expect(await ground.inbox(ids[0] ?? '')).toMatchObject({ phase: 'applied' });
    expect((await pushStates(ground.session, { dryRun: false })).refused).toMatchObject([{ hashedId: ids[0] }]);
  });

  it("a final state that Cartona's list contradicts never reaches Odoo", async () => {
    const ground = await open();
    for (const told of ['delivered', 'cancelled_by_retailer', 'cancelled_by_supplier', 'returned']) {
      const id = ground.place([{ amount: 2 }]);
      await receiveEvents(ground.session, [forged(ground, id, {})]);
      await receiveEvents(ground.session, [status(id, { status: told, delivered_by: 'delivered_by_cartona' })]);
      await ground.looksWithin(FIVE_MINUTES);
      expect(await ground.sale(id)).toMatchObject({ state: 'draft' });
      expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', status: 'pending' });
      expect((await showOrder(ground.session, id)).status).toBe('pending');
    }
  });

  it("what is not Cartona's to do, or other content, waits for a person where the list shows nothing", async () => {
    const ground = await open();
    const tellings: ((id: string) => OrderEvent)[] = [
      (id) => status(id, { status: 'delivered' }),
      (id) => status(id, { status: 'approved' }),
      (id) => status(id, { status: 'delivered', delivered_by: 'delivered_by_cartona' }),
      (id) => forged(ground, id, { status: 'approved', delivered_by: 'delivered_by_cartona' }),
      (id) => forged(ground, id, { status: 'approved', total_price: 0.02 }),
    ];
    for (const telling of tellings) {
      const id = await acknowledged(ground);
      expect(await receiveEvents(ground.session, [telling(id)])).toMatchObject({ changed: [], pull: true });
      expect((await showOrder(ground.session, id)).webhook).toMatchObject({ kind: 'unverified' });
      expect(await ground.looksWithin(299_000)).toBe(2);
      expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', status: 'pending' });
      expect(await ground.looksWithin(2000)).toBe(1);
      expect(await ground.sale(id)).toMatchObject({ state: 'draft' });
      expect(await ground.inbox(id)).toMatchObject({
        phase: 'held',
        status: 'pending',
        reason: expect.stringContaining("Cartona's list does not show"),
      });
      // A person looked, and says that it is not so.
      await setState(ground.session, 'test', id, { status: 'pending' });
      await pullOrders(ground.session);
      expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', unverifiedPayload: undefined });
    }
  });

  it('where a person did in Odoo what the webhook told, the order waits no more', async () => {
    const ground = await open();
    const id = await acknowledged(ground);
    await receiveEvents(ground.session, [status(id, { status: 'approved' })]);
    await ground.looksWithin(FIVE_MINUTES);
    expect(await ground.inbox(id)).toMatchObject({ phase: 'held' });
    await ground.call('sale.order', 'action_confirm', { ids: [(await ground.sale(id)).id] });
    await pullOrders(ground.session);
    expect((await pushStates(ground.session, { dryRun: false })).pushed).toMatchObject([
      { hashedId: id, to: 'approved' },
    ]);
    expect(ground.at(id).status).toBe('approved');
  });

  it('a cancellation is applied where the list shows nothing, and marked', async () => {
    const ground = await open();
    const id = await acknowledged(ground);
    await receiveEvents(ground.session, [status(id, { status: 'cancelled_by_retailer' })]);
    expect(await ground.sale(id)).toMatchObject({ state: 'draft' });
    expect(await ground.looksWithin(FIVE_MINUTES)).toBe(3);
    expect(await ground.sale(id)).toMatchObject({ state: 'cancel' });
    const shown = await showOrder(ground.session, id);
    expect(shown).toMatchObject({ status: 'cancelled_by_retailer', webhook: { kind: 'applied' } });
    expect(shown.history.filter((entry) => entry.detail?.includes('webhook alone'))).toMatchObject([
      { action: 'state', from: 'pending', to: 'cancelled_by_retailer', outcome: 'told by webhook' },
      { action: 'cancel', system: 'odoo' },
    ]);
  });

  it('where Cartona delivers, its steps count at once, and its last one where the list shows nothing, marked', async () => {
    const ground = await open();
    const id = await acknowledged(ground, { delivered_by: 'delivered_by_cartona' });
    await receiveEvents(ground.session, [status(id, { status: 'approved' })]);
    expect(await ground.sale(id)).toMatchObject({ state: 'sale' });
    await receiveEvents(ground.session, [status(id, { status: 'delivered' })]);
    await ground.looksWithin(299_000);
    expect(await ground.sale(id)).toMatchObject({ locked: false });
    await ground.looksWithin(2000);
    expect(await ground.sale(id)).toMatchObject({ state: 'sale', locked: true });
    expect((await showOrder(ground.session, id)).webhook).toEqual({ kind: 'applied' });
  });

  it('what the list shows counts as the list shows it', async () => {
    const ground = await open();
    const id = await acknowledged(ground);
    ground.status(id, 'approved');
    await receiveEvents(ground.session, [status(id, { status: 'approved' })]);
    expect(await ground.sale(id)).toMatchObject({ state: 'draft' });
    await ground.looksWithin(0);
    expect(await ground.sale(id)).toMatchObject({ state: 'sale' });
    expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', webhookAlone: false });
    ground.edit(id, [{ amount: 9 }]);
    await receiveEvents(ground.session, [status(id, { status: 'delivered' })]);
    await ground.looksWithin(0);
    expect(await ground.inbox(id)).toMatchObject({ status: 'approved', unverifiedPayload: undefined });
  });

  it('our own telling that comes back by webhook and not by the list asks nobody', async () => {
    const ground = await open();
    const id = await acknowledged(ground);
    await receiveEvents(ground.session, [status(id, { status: 'approved' })]);
    await ground.session.store.deliveries.recordObserved(
      'order_state',
      [{ key: id, delivered: 'approved' }],
      ground.session.now(),
    );
    await ground.looksWithin(FIVE_MINUTES);
    expect(await ground.inbox(id)).toMatchObject({ phase: 'acknowledged', unverifiedPayload: undefined });
  });
});
