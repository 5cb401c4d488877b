import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { applyWebhookEvents, type OrderEvent } from '../../../../src/lib/orders/inbox/webhook-events.js';
import { rawOrder } from '../../../fixtures/orders.js';
import { openWorld, type World } from '../../../fixtures/orders-world.js';

const open = (): Promise<World> => openWorld({ version: 18, protocol: 'json-rpc' });

const whole = (raw: ReturnType<typeof rawOrder>, fields: Record<string, unknown> = {}): OrderEvent => ({
  kind: 'order',
  hashedId: raw.hashed_id,
  payload: JSON.stringify({ ...raw, ...fields }),
});
const status = (hashedId: string, fields: Record<string, unknown>): OrderEvent => ({
  kind: 'status',
  hashedId,
  payload: JSON.stringify({ hashed_id: hashedId, ...fields }),
});
const at = (second: number): { updated_at: string } => ({
  updated_at: new Date(Date.UTC(2026, 10, 23, 10, 0, second)).toISOString(),
});
/** Cartona's pull list is another road: what is asked here is what events alone made known. */
const statusOf = async (world: World, id: string): Promise<string | undefined> => (await world.inbox(id))?.status;

describe('taking webhook events', () => {
  it('a new order is written down whole, and its repeat changes nothing', async () => {
    const world = await open();
    const raw = rawOrder([{}]);
    expect(await applyWebhookEvents(world.session, [whole(raw)])).toEqual({ changed: [raw.hashed_id], pull: true });
    expect(await world.inbox(raw.hashed_id)).toMatchObject({
      phase: 'received',
      status: 'pending',
      cartonaTotal: '10',
    });
    expect(await applyWebhookEvents(world.session, [whole(raw), whole(raw)])).toEqual({ changed: [], pull: false });
  });

  it('pending, editing, pending in any order with times: the last one stands', async () => {
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const world = await open();
      const raw = rawOrder([{}]);
      const events = [whole(raw, at(1)), whole(raw, { status: 'editing', ...at(2) }), whole(raw, at(3))];
      const said = [];
      for (const index of order) said.push(await applyWebhookEvents(world.session, events.slice(index, index + 1)));
      // The list has not shown the order, so it is to be read whatever is told.
      expect(said.at(0)).toEqual({ changed: [raw.hashed_id], pull: true });
      expect(await statusOf(world, raw.hashed_id)).toBe('pending');
    }
  });

  it('a status event makes the known order a newer one, with what it carries', async () => {
    const world = await open();
    const raw = rawOrder([{ amount: 3 }]);
    await applyWebhookEvents(world.session, [whole(raw), status(raw.hashed_id, { status: 'approved' })]);
    expect(await statusOf(world, raw.hashed_id)).toBe('approved');
    expect(
      await applyWebhookEvents(world.session, [
        status(raw.hashed_id, {
          status: 'cancelled_by_retailer',
          cancellation_reason: 'delayed_order',
          pickup_otp: '99',
        }),
      ]),
    ).toMatchObject({ changed: [raw.hashed_id] });
    const row = await world.inbox(raw.hashed_id);
    expect(JSON.parse(row?.payload ?? '')).toMatchObject({
      status: 'cancelled_by_retailer',
      cancellation_reason: 'delayed_order',
      order_details: [{ amount: 3 }],
    });
    expect(row?.payload).not.toContain('99"');
    // A late one from before.
    expect(await applyWebhookEvents(world.session, [status(raw.hashed_id, { status: 'approved' })])).toEqual({
      changed: [],
      pull: false,
    });
    expect(await statusOf(world, raw.hashed_id)).toBe('cancelled_by_retailer');
  });

  it('what cannot be judged asks for a pull and stops nothing', async () => {
    const world = await open();
    const [raw, other] = [rawOrder([{}]), rawOrder([{}])];
    const bad: OrderEvent[] = [
      status('nobody', { status: 'approved' }),
      { kind: 'order', hashedId: 'x', payload: '{' },
      { kind: 'status', hashedId: raw.hashed_id, payload: '[]' },
      status(raw.hashed_id, { status: 'teleported' }),
      { ...whole(raw), hashedId: 'another' },
    ];
    for (const event of bad)
      expect(await applyWebhookEvents(world.session, [event])).toEqual({ changed: [], pull: true });
    expect(await applyWebhookEvents(world.session, [...bad, whole(raw), ...bad, whole(other)])).toEqual({
      changed: [raw.hashed_id, other.hashed_id],
      pull: true,
    });
    expect(await applyWebhookEvents(world.session, [status(raw.hashed_id, { status: 'editing' })])).toEqual({
      changed: [],
      pull: true,
    });
    expect(await applyWebhookEvents(world.session, [whole(raw, { total_price: 77 })])).toEqual({
      changed: [],
      pull: true,
    });
    expect(await statusOf(world, raw.hashed_id)).toBe('pending');
    expect(await applyWebhookEvents(world.session, [status(raw.hashed_id, { status: 'synced' })])).toEqual({
      changed: [],
      pull: false,
    });
  });

  it('an order that cannot be read is kept as it came, for a person', async () => {
    const world = await open();
    const raw = rawOrder([{}]);
    expect(await applyWebhookEvents(world.session, [whole(raw, { total_price: 'a lot' })])).toEqual({
      changed: [raw.hashed_id],
      pull: true,
    });
    expect(await statusOf(world, raw.hashed_id)).toBe('unreadable');
    expect(await applyWebhookEvents(world.session, [status(raw.hashed_id, { status: 'approved' })])).toMatchObject({
      pull: true,
    });
  });

  it('what a pull has read stays, and an event from before it is not newer', async () => {
    const world = await open();
    await world.products(['P1']);
    const id = world.place([{}]);
    const raw = world.at(id) as unknown as ReturnType<typeof rawOrder>;
    await applyWebhookEvents(world.session, [whole(raw, at(1))]);
    world.status(id, 'editing');
    world.status(id, 'pending');
    await pullOrders(world.session);
    expect(await world.inbox(id)).toMatchObject({ phase: 'acknowledged' });
    expect(await applyWebhookEvents(world.session, [whole(raw, { status: 'editing', ...at(2) })])).toEqual({
      changed: [],
      pull: true,
    });
    expect(await world.inbox(id)).toMatchObject({ phase: 'acknowledged', status: 'pending' });
  });
});
