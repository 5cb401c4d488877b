import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WebhookBehaviour } from '../../../src/sandbox/marketplace/webhooks/webhook-behaviour.js';
import type { NewSubscriber } from '../../../src/sandbox/marketplace/webhooks/webhook-signing.js';
import type { Marketplace } from '../../../src/sandbox/marketplace/server.js';
import { Client, start, supplierWith } from '../../fixtures/marketplace-client.js';
import { startReceiver, type Received, type Receiver } from '../../fixtures/marketplace-receiver.js';

const KEY = Buffer.from('a key of thirty-two bytes or so!!');
const SECRET = `whsec_${KEY.toString('base64')}`;

/** A marketplace of plenty that tells a receiver. */
async function pair(
  webhooks: Partial<WebhookBehaviour> = {},
  {
    signing = {},
    answer,
    seed = 1,
  }: { signing?: Omit<NewSubscriber, 'url'>; answer?: Parameters<typeof startReceiver>[0]; seed?: number } = {},
): Promise<{ marketplace: Marketplace; receiver: Receiver }> {
  const receiver = await startReceiver(answer);
  const supplier = supplierWith({ stock: 100_000 }, { stock: 100_000 });
  const marketplace = await start({
    supplier,
    seed,
    webhooks: { backoffMs: 1, ...webhooks },
    subscriber: { url: `${receiver.url}/`, ...signing },
  });
  return { marketplace, receiver };
}

/** Places so many orders and waits until all is told; gives their ids. */
async function place(marketplace: Marketplace, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => marketplace.retailers.place().order.hashed_id);
  await marketplace.webhooks.quiet();
  return ids;
}

/** The keys' verdict by the text of the Standard Webhooks specification, without the code under test. */
function verifies({ headers, raw }: Received, key: Buffer): boolean {
  const mac = createHmac('sha256', key)
    .update(`${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`)
    .update(raw, 'utf8')
    .digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${mac}`);
}

async function control(
  marketplace: Marketplace,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${marketplace.url}/_sandbox${path}`, { method, ...sent });
  return { status: response.status, body: await response.json() };
}

describe('what is told', () => {
  it('a new order is the order that a pull would show, alone or in an array', async () => {
    const { marketplace, receiver } = await pair();
    await place(marketplace, 1);
    marketplace.behaviour.webhooks.ordersAs = 'array';
    await place(marketplace, 1);
    const [first, second] = await new Client(marketplace).pull();
    expect(receiver.received.map(({ path }) => path)).toEqual(Array(2).fill('/cartona_integration/webhook/orders'));
    expect(receiver.received.map(({ body }) => body)).toEqual([first, [second]]);
  });

  it('every later act of retailers and of the staff is a status event, a change of lines alone too', async () => {
    const { marketplace, receiver } = await pair();
    const [id = ''] = await place(marketplace, 1);
    marketplace.retailers.startEditing(id);
    marketplace.retailers.finishEditing(id, [{ internal_product_id: 'CRT-2', amount: 3 }]);
    marketplace.retailers.editByAdmin(id, [{ internal_product_id: 'CRT-1', amount: 1 }]);
    marketplace.retailers.cancel(id, 'delayed_order');
    await marketplace.webhooks.quiet();
    expect(receiver.told()).toEqual([
      `${id} new`,
      `${id} editing`,
      `${id} pending`,
      `${id} pending`,
      `${id} cancelled_by_retailer`,
    ]);
    expect(receiver.received.at(-1)).toMatchObject({ path: '/cartona_integration/webhook/order_status' });
    expect(receiver.received.at(-1)?.body).toEqual({
      hashed_id: id,
      status: 'cancelled_by_retailer',
      cancellation_reason: 'delayed_order',
    });
  });

  it('a status event may carry its time and the whole order, as both were at the event', async () => {
    const { marketplace, receiver } = await pair({ updatedAt: true, statusBody: 'order' });
    const [id = ''] = await place(marketplace, 1);
    marketplace.webhooks.pause();
    marketplace.retailers.startEditing(id);
    const editing = marketplace.state.orders.require(id).updatedAt.toISOString();
    marketplace.retailers.finishEditing(id, [{ internal_product_id: 'CRT-2', amount: 3, price: 7 }]);
    marketplace.webhooks.resume();
    await marketplace.webhooks.quiet();
    const [pulled] = await new Client(marketplace).pull();
    const [, first, second] = receiver.received;
    expect(first?.body).toMatchObject({ hashed_id: id, status: 'editing', updated_at: editing });
    expect(second?.body).toEqual({
      ...pulled,
      updated_at: marketplace.state.orders.require(id).updatedAt.toISOString(),
    });
    expect(first?.body['total_price']).not.toBe(second?.body['total_price']);
  });

  it('what the supplier changed through the API is told only as an echo', async () => {
    const { marketplace, receiver } = await pair();
    const [one = '', two = ''] = await place(marketplace, 2);
    const client = new Client(marketplace);
    await client.setStatus(one, 'approved');
    marketplace.behaviour.webhooks.echo = true;
    await client.setStatus(two, 'approved');
    const [line] = marketplace.state.orders.require(two).order.order_details;
    await client.post(client.paths.updateDetails, [{ hashed_id: two, order_details: [{ id: line?.id, amount: 9 }] }]);
    await client.setStatus(two, 'synced');
    await marketplace.webhooks.quiet();
    expect(receiver.told().slice(2)).toEqual([`${two} approved`, `${two} approved`]);
  });
});

describe('signing', () => {
  const SIGNINGS: readonly (readonly [string, { bearer?: string; secrets?: string[] }, readonly [boolean, boolean]])[] =
    [
      ['nothing', {}, [false, false]],
      ['a bearer token', { bearer: 'shared' }, [true, false]],
      ['a signature', { secrets: [SECRET] }, [false, true]],
      ['both', { bearer: 'shared', secrets: [SECRET] }, [true, true]],
    ];
  it.each(SIGNINGS)('%s', async (_name, signing, [hasBearer, hasSignature]) => {
    const { marketplace, receiver } = await pair({}, { signing });
    await place(marketplace, 1);
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing came');
    expect(request.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(request.headers.authorization).toBe(hasBearer ? 'Bearer shared' : undefined);
    expect('webhook-id' in request.headers).toBe(hasSignature);
    expect(verifies(request, KEY)).toBe(hasSignature);
    expect(verifies(request, Buffer.from('another key'))).toBe(false);
    expect(verifies({ ...request, raw: `${request.raw} ` }, KEY)).toBe(false);
  });

  it('while keys are exchanged, each of them verifies; the time is of the attempt', async () => {
    const next = Buffer.from('the next key');
    const { marketplace, receiver } = await pair(
      {},
      { signing: { secrets: [`whsec_${next.toString('base64')}`, SECRET] } },
    );
    await place(marketplace, 1);
    const [request] = receiver.received;
    if (request === undefined) throw new Error('nothing came');
    expect([KEY, next].map((key) => verifies(request, key))).toEqual([true, true]);
    expect(String(request.headers['webhook-timestamp'])).toMatch(/^\d{10}$/);
  });
});

describe('delivery', () => {
  it('repeats a share of the events under their ids', async () => {
    const { marketplace, receiver } = await pair({ repeat: 0.5 }, { signing: { secrets: [SECRET] } });
    const ids = await place(marketplace, 40);
    const times = new Map<string, string[]>();
    for (const { headers, body } of receiver.received) {
      const id = String(headers['webhook-id']);
      times.set(id, [...(times.get(id) ?? []), String(body['hashed_id'])]);
    }
    expect([...times.values()].map(([first]) => first)).toEqual(ids);
    for (const orders of times.values()) expect(new Set(orders).size).toBe(1);
    expect(new Set([...times.values()].map((orders) => orders.length))).toEqual(new Set([1, 2, 3]));
  });

  it('sends in order, until a share is held back behind later events', async () => {
    const { marketplace, receiver } = await pair({ holdMs: 600_000 });
    expect(receiver.told()).toEqual([]);
    const inOrder = await place(marketplace, 20);
    expect(receiver.told()).toEqual(inOrder.map((id) => `${id} new`));
    marketplace.behaviour.webhooks.reorder = 0.3;
    const ids = await place(marketplace, 40);
    const told = receiver.told().slice(20);
    expect(told).not.toEqual(ids.map((id) => `${id} new`));
    expect([...told].sort()).toEqual(ids.map((id) => `${id} new`).sort());
  });

  it('an event that is held back comes after a later one, and by itself where none comes', async () => {
    const { marketplace, receiver } = await pair({ reorder: 1, holdMs: 600_000 });
    const held = marketplace.retailers.place().order.hashed_id;
    marketplace.behaviour.webhooks.reorder = 0;
    const later = Array.from({ length: 3 }, () => marketplace.retailers.place().order.hashed_id);
    await expect.poll(() => receiver.received.length).toBe(4);
    expect(receiver.told()[0]).toBe(`${later[0]} new`);
    expect(receiver.told()).toContain(`${held} new`);
    Object.assign(marketplace.behaviour.webhooks, { reorder: 1, holdMs: 1 });
    const alone = marketplace.retailers.place().order.hashed_id;
    await expect.poll(() => receiver.told().at(-1)).toBe(`${alone} new`);
  });

  it('loses a share of the events, the same with the same seed', async () => {
    const lost = async (seed: number): Promise<boolean[]> => {
      const { marketplace, receiver } = await pair({ loss: 0.4 }, { seed });
      const ids = await place(marketplace, 30);
      const told = new Set(receiver.told());
      const outcomes = marketplace.webhooks.log().map(({ outcome }) => outcome === 'lost');
      expect(ids.map((id) => !told.has(`${id} new`))).toEqual(outcomes);
      return outcomes;
    };
    const [one, same, other] = [await lost(5), await lost(5), await lost(6)];
    expect(new Set(one)).toEqual(new Set([true, false]));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('tries again what was not answered with a 2xx, under the same id, and in the end gives up', async () => {
    const { marketplace, receiver } = await pair(
      { retries: 2 },
      { signing: { secrets: [SECRET] }, answer: (nth) => (nth === 1 ? 500 : nth === 2 ? 302 : nth === 3 ? 200 : 503) },
    );
    await place(marketplace, 1);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await place(marketplace, 1);
    expect(marketplace.webhooks.log()).toMatchObject([
      { attempts: 3, lastStatus: 200, outcome: 'delivered' },
      { attempts: 3, lastStatus: 503, outcome: 'given-up' },
    ]);
  });

  it('takes no answer in time for a failure', async () => {
    const { marketplace, receiver } = await pair(
      { retries: 1, timeoutMs: 100 },
      { answer: (nth) => (nth === 1 ? undefined : 200) },
    );
    await place(marketplace, 1);
    expect(receiver.received).toHaveLength(2);
    expect(marketplace.webhooks.log()).toMatchObject([{ attempts: 2, lastStatus: 200, outcome: 'delivered' }]);
  });

  it('has no more requests under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const { marketplace } = await pair(
      { concurrency: 3 },
      {
        answer: async () => {
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise((resolve) => setTimeout(resolve, 20));
          underWay -= 1;
          return 200;
        },
      },
    );
    await place(marketplace, 12);
    expect(most).toBe(3);
  });
});

describe('outages', () => {
  it('a restart cuts the connections and keeps port, state and what is to be told', async () => {
    const { marketplace, receiver } = await pair();
    const client = new Client(marketplace);
    marketplace.faults.add({ kind: 'timeout' });
    const unanswered = client.pull().then(
      () => 'answered',
      () => 'cut',
    );
    await expect.poll(() => marketplace.state.requests.total).toBe(1);
    await marketplace.presence.stop();
    expect(await unanswered).toBe('cut');
    await expect(client.pull()).rejects.toThrow();
    const { hashed_id: id } = marketplace.retailers.place().order;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(receiver.received).toEqual([]);
    await marketplace.presence.resume();
    expect(await client.pull()).toMatchObject([{ hashed_id: id }]);
    await marketplace.webhooks.quiet();
    expect(receiver.told()).toEqual([`${id} new`]);
    await marketplace.presence.restart({ downMs: 5 });
    expect(await client.pull()).toMatchObject([{ hashed_id: id }]);
  });

  it('a webhook that a stop cut is sent again', async () => {
    const { marketplace, receiver } = await pair({ retries: 0 }, { answer: (nth) => (nth === 1 ? undefined : 200) });
    const { hashed_id: id } = marketplace.retailers.place().order;
    await expect.poll(() => receiver.received.length).toBe(1);
    await marketplace.presence.restart();
    await marketplace.webhooks.quiet();
    expect(receiver.told()).toEqual([`${id} new`, `${id} new`]);
  });

  it('a pause answers nothing until it ends; a marketplace that is down or paused can be closed', async () => {
    const { marketplace } = await pair();
    const client = new Client(marketplace);
    marketplace.presence.pause();
    let answered = false;
    const pulling = client.pull().then(() => (answered = true));
    await expect.poll(() => marketplace.state.requests.total).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    await marketplace.presence.resume();
    expect(await pulling).toBe(true);
    marketplace.presence.pause();
    await marketplace.presence.stop();
    const restarting = marketplace.presence.restart({ downMs: 600_000 });
    await marketplace.close();
    await restarting;
    await expect(client.pull()).rejects.toThrow();
  });
});

describe('the controls', () => {
  it('subscribe, change the behaviour, show the log, and unsubscribe', async () => {
    const receiver = await startReceiver();
    const marketplace = await start({ supplier: supplierWith({}) });
    marketplace.retailers.place();
    expect(marketplace.webhooks.log()).toEqual([]);
    expect(
      await control(marketplace, 'POST', '/webhooks', { url: receiver.url, bearer: 'shared', secrets: [SECRET] }),
    ).toMatchObject({ status: 200, body: { subscribed: true } });
    expect((await control(marketplace, 'POST', '/behaviour', { webhooks: { ordersAs: 'array' } })).body).toMatchObject({
      webhooks: { ordersAs: 'array', retries: 5 },
      maxItems: 100,
    });
    const [id] = await place(marketplace, 1);
    expect(receiver.received).toMatchObject([
      { headers: { authorization: 'Bearer shared' }, body: [{ hashed_id: id }] },
    ]);
    const shown = await control(marketplace, 'GET', '/state?what=webhooks');
    expect(shown.body).toMatchObject([
      {
        id: receiver.received[0]?.headers['webhook-id'],
        kind: 'orders',
        hashedId: id,
        attempts: 1,
        lastStatus: 204,
        outcome: 'delivered',
      },
    ]);
    expect((await control(marketplace, 'DELETE', '/webhooks')).body).toEqual({ subscribed: false });
    await place(marketplace, 1);
    expect(receiver.received).toHaveLength(1);
    for (const body of [
      { url: 'ftp://x' },
      { url: receiver.url, secrets: ['plain'] },
      { url: receiver.url, colour: 'red' },
    ]) {
      expect((await control(marketplace, 'POST', '/webhooks', body)).status).toBe(422);
    }
    expect((await control(marketplace, 'POST', '/behaviour', { webhooks: { loss: 2 } })).status).toBe(422);
  });

  it('what waits when the subscriber goes is given up', async () => {
    const { marketplace, receiver } = await pair();
    marketplace.webhooks.pause();
    marketplace.retailers.place();
    marketplace.webhooks.unsubscribe();
    marketplace.webhooks.resume();
    await marketplace.webhooks.quiet();
    expect(receiver.received).toEqual([]);
    expect(marketplace.webhooks.log()).toMatchObject([{ attempts: 0, lastStatus: null, outcome: 'given-up' }]);
  });

  it('pause, wake and restart', async () => {
    const { marketplace } = await pair();
    const client = new Client(marketplace);
    expect((await control(marketplace, 'POST', '/pause')).body).toEqual({ paused: true });
    const pulling = client.pull();
    await expect.poll(() => marketplace.state.requests.total).toBe(1);
    expect((await control(marketplace, 'DELETE', '/pause')).body).toEqual({ paused: false });
    expect(await pulling).toEqual([]);
    expect((await control(marketplace, 'POST', '/restart', { downMs: 300 })).body).toEqual({ downMs: 300 });
    await expect
      .poll(
        () =>
          client.pull().then(
            () => 'up',
            () => 'down',
          ),
        { interval: 5 },
      )
      .toBe('down');
    await expect
      .poll(() =>
        client.pull().then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('up');
  });
});
