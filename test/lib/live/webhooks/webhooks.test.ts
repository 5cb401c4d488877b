import { describe, expect, it } from 'vitest';
import { ORDERS, STATUS, TOKEN, order, startGround, type Ground } from '../../../fixtures/webhook-receiver.js';

const kept = async ({ store }: Ground): Promise<unknown[]> =>
  (await store.events.waiting(1000)).map(({ kind, hashedId, webhookId }) => [kind, hashedId, webhookId]);

describe('what is taken', () => {
  it('an order and a list of them, without what is secret in them; the worker is told', async () => {
    const ground = await startGround();
    expect(await ground.post(ORDERS, order('A1'))).toMatchObject({ status: 200, body: { received: 1 } });
    expect(
      await ground.post(ORDERS, `[${order('A2')},${order('A3')}]`, {
        'content-type': 'application/json; charset=utf-8',
      }),
    ).toMatchObject({ status: 200, body: { received: 2 } });
    expect(await kept(ground)).toEqual([
      ['order', 'A1', undefined],
      ['order', 'A2', undefined],
      ['order', 'A3', undefined],
    ]);
    const [first] = await ground.store.events.waiting(1);
    expect(JSON.parse(first?.payload ?? '')).toMatchObject({
      total_price: 20.5,
      retailer: { retailer_name: 'بقالة النور' },
    });
    expect(first?.payload).not.toContain('4711');
    expect(ground.told()).toBe(2);
    expect(ground.receiver.stats).toEqual({ accepted: 3, repeats: 0, hints: 0, refused: {} });
    expect(JSON.stringify(ground.log)).not.toMatch(/4711|بقالة|a-bearer-token/);
  });

  it('a status event of every status, and the acknowledgement', async () => {
    const ground = await startGround();
    const statuses = [
      'pending',
      'editing',
      'approved',
      'assigned_to_salesman',
      'delivered',
      'cancelled_by_retailer',
      'cancelled_by_supplier',
      'returned',
      'synced',
    ];
    for (const status of statuses)
      expect((await ground.post(STATUS, JSON.stringify({ hashed_id: 'A1', status }))).status).toBe(200);
    expect(
      (await ground.store.events.waiting(100)).map(({ kind, payload }) => [kind, JSON.parse(payload) as unknown]),
    ).toEqual(statuses.map((status) => ['status', { hashed_id: 'A1', status }]));
  });

  it('a whole order at the address of status events is an order; ids may be numbers', async () => {
    const ground = await startGround();
    await ground.post(STATUS, order('A1'));
    await ground.post(ORDERS, '{"hashed_id": 77}');
    expect(await kept(ground)).toEqual([
      ['order', 'A1', undefined],
      ['order', '77', undefined],
    ]);
  });

  it('an order that nobody can read, as long as its id can be read: a person is to see it', async () => {
    const ground = await startGround();
    expect((await ground.post(ORDERS, order('A1', { status: 'teleported', total_price: 'much' }))).status).toBe(200);
    expect(await kept(ground)).toEqual([['order', 'A1', undefined]]);
  });

  it('an empty list, which is nothing', async () => {
    const ground = await startGround();
    expect(await ground.post(ORDERS, '[]')).toMatchObject({ status: 200, body: { received: 0 } });
    expect(ground.told()).toBe(0);
  });
});

describe('repeats', () => {
  it('the same webhook-id changes nothing, whatever came between', async () => {
    const ground = await startGround();
    const send = (id: string, status: string) =>
      ground.post(STATUS, JSON.stringify({ hashed_id: 'A1', status }), { 'webhook-id': id });
    for (const [id, status] of [
      ['m1', 'pending'],
      ['m2', 'editing'],
      ['m1', 'pending'],
      ['m2', 'editing'],
    ] as const)
      expect((await send(id, status)).status).toBe(200);
    expect(await kept(ground)).toEqual([
      ['status', 'A1', 'm1'],
      ['status', 'A1', 'm2'],
    ]);
    expect(ground.receiver.stats).toMatchObject({ accepted: 2, repeats: 2 });
    expect(ground.told()).toBe(2);
  });

  it('without one, the same content as the last event of the order does, however it is written', async () => {
    const ground = await startGround();
    await ground.post(STATUS, '{"hashed_id":"A1","status":"pending"}');
    await ground.post(STATUS, '{"hashed_id": "A1",\n "status": "pend\\u0069ng"}');
    await ground.post(STATUS, '{"hashed_id":"A1","status":"pending","pickup_otp":"1234"}');
    expect(await kept(ground)).toHaveLength(1);
  });

  it('so pending, editing and pending are three events', async () => {
    const ground = await startGround();
    for (const status of ['pending', 'editing', 'pending']) await ground.post(ORDERS, order('A1', { status }));
    expect(await kept(ground)).toHaveLength(3);
  });

  it('the same state at a later time is another event', async () => {
    const ground = await startGround();
    for (const updated_at of ['2026-01-01T10:00:00Z', '2026-01-01T10:00:05Z'])
      await ground.post(ORDERS, order('A1', { updated_at }));
    expect(await kept(ground)).toHaveLength(2);
  });

  it('one message that tells of one order several times tells of several events, and its repeat of none', async () => {
    const ground = await startGround();
    const body = `[${order('A1')},${order('A1', { status: 'editing' })},${order('A1')},${order('B1')}]`;
    for (let time = 0; time < 2; time += 1)
      expect((await ground.post(ORDERS, body, { 'webhook-id': 'm1' })).body).toEqual({ received: 4 });
    expect(await kept(ground)).toHaveLength(4);
    expect(ground.receiver.stats).toMatchObject({ accepted: 4, repeats: 4 });
  });
});

describe('what is refused, precisely', () => {
  const deep = `{"hashed_id":"A","x":${'['.repeat(5000)}${']'.repeat(5000)}}`;

  it.each([
    ['no JSON', ORDERS, '{"hashed_id":', /not JSON/],
    ['no UTF-8', ORDERS, Buffer.from('{"hashed_id":"\xff"}', 'latin1'), /UTF-8/],
    ['nothing', ORDERS, '', /empty/],
    ['a text', ORDERS, '"A1"', /not an order/],
    ['nothing at all in a list', ORDERS, '[null]', /Object 1 is not an order/],
    ['a list in a list', ORDERS, '[[]]', /not an order/],
    ['no id', ORDERS, order('A1', { hashed_id: undefined }), /hashed_id/],
    ['a blank id', ORDERS, order(' '), /hashed_id/],
    ['an id with a NUL', ORDERS, order('A\u0000B'), /hashed_id/],
    ['an id with half a character', ORDERS, '{"hashed_id":"\\ud800"}', /hashed_id/],
    ['an id without end', ORDERS, order('A'.repeat(201)), /hashed_id/],
    ['an id that is an object', ORDERS, order('A', { hashed_id: { $gt: '' } }), /hashed_id/],
    ['an unknown status', STATUS, '{"hashed_id":"A1","status":"teleported"}', /status/],
    ['no status', STATUS, '{"hashed_id":"A1"}', /status/],
    [
      'one bad one among good ones',
      STATUS,
      '[{"hashed_id":"A1","status":"pending"},{"hashed_id":"A2"}]',
      /Object 2 has no known status/,
    ],
    ['nesting without end', ORDERS, deep, /nested/],
  ])('%s: 400', async (_case, path, body, reason) => {
    const ground = await startGround();
    expect(await ground.post(path, body)).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(reason) },
    });
    expect(await kept(ground)).toEqual([]);
    expect(ground.receiver.stats.refused).toEqual({ malformed: 1 });
  });

  it.each([
    ['text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['something like JSON', { 'content-type': 'application/jsonp' }],
    ['nonsense', { 'content-type': ';;' }],
    ['a packed body', { 'content-encoding': 'gzip' }],
  ])('%s: 415', async (_case, headers: Record<string, string>) => {
    const ground = await startGround();
    expect(await ground.post(ORDERS, order('A1'), headers)).toMatchObject({
      status: 415,
      body: { error: expect.stringContaining('Only') },
    });
  });

  it('too much: 413, told by its length or found by reading; too many orders too', async () => {
    const ground = await startGround({ settings: { maxBodyKb: 64 } });
    const large = order('A1', { note_message: 'x'.repeat(70_000) });
    expect((await ground.post(ORDERS, large)).status).toBe(413);
    const inParts = await fetch(`${ground.receiver.url}${ORDERS}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    });
    expect(inParts.status).toBe(413);
    expect((await ground.post(ORDERS, `[${Array(1001).fill('{"hashed_id":"A"}').join(',')}]`)).status).toBe(413);
    expect(ground.receiver.stats.refused).toEqual({ 'too-large': 3 });
  });

  it('another address: 404; another method: 405 with the one that is taken', async () => {
    const ground = await startGround();
    expect((await ground.post('/cartona_integration/webhook/other', '{}')).status).toBe(404);
    expect((await ground.post('/odoo/hint/guess', '{}')).status).toBe(404);
    expect((await ground.post(`${ORDERS}%zz`, '{}')).status).toBe(400);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      const answer = await fetch(`${ground.receiver.url}${ORDERS}?a=b`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });

  it('an address that asks too often: 429 and when to come again; others and health are not touched by it', async () => {
    let now = 1_000_000;
    const ground = await startGround({
      settings: { requestsPerSecond: 2 },
      now: () => now,
      extraRoutes: (app) => app.get('/healthz', async () => ({ ok: true })),
    });
    const statuses = [];
    for (let time = 0; time < 4; time += 1) statuses.push((await ground.post(ORDERS, order('A1'))).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await ground.post(ORDERS, order('A1'))).headers.get('retry-after')).toBe('1');
    expect((await fetch(`${ground.receiver.url}/healthz`)).status).toBe(200);
    // Nobody gains a new limit by claiming to be another.
    expect((await ground.post(ORDERS, order('A1'), { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    now += 1000;
    expect((await ground.post(ORDERS, order('A1'))).status).toBe(200);
  });
});

describe('refused requests', () => {
  it('are limited by themselves: behind one proxy they take nothing from the rightful sender', async () => {
    const ground = await startGround({ settings: { requestsPerSecond: 3 }, now: () => 1_000_000 });
    const wrong: number[] = [];
    for (let time = 0; time < 10; time += 1)
      wrong.push(
        (await ground.post(ORDERS, order('A1'), { authorization: 'Bearer of-a-stranger-who-guesses' })).status,
      );
    expect(wrong).toEqual([401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
    expect((await fetch(`${ground.receiver.url}/elsewhere`)).status).toBe(429);
    const right: number[] = [];
    for (let time = 0; time < 4; time += 1) right.push((await ground.post(ORDERS, order('A1'))).status);
    expect(right).toEqual([200, 200, 200, 429]);
  });
});

describe('when nothing can be kept', () => {
  it('503 and when to come again; what was refused can come again and is kept', async () => {
    let broken = true;
    const ground: Ground = await startGround({
      keep: async (events) => {
        if (broken) throw new Error('disk is full, says /secret/path');
        return ground.store.events.keep(events, 1);
      },
    });
    const refused = await ground.post(ORDERS, order('A1'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(refused.body)).not.toContain('secret');
    expect(ground.log).toContainEqual({ kind: 'not-kept', error: expect.any(Error) });
    broken = false;
    expect((await ground.post(ORDERS, order('A1'))).status).toBe(200);
    expect(await kept(ground)).toHaveLength(1);
  });

  it('a fault in a route of another is 500 without its details', async () => {
    const ground = await startGround({
      extraRoutes: (app) =>
        app.get('/broken', async () => {
          throw new Error('SELECT secret FROM table');
        }),
    });
    const answer = await fetch(`${ground.receiver.url}/broken`);
    expect([answer.status, await answer.text()]).toEqual([
      500,
      '{"error":"The service failed here; its log tells more."}',
    ]);
    expect(ground.log).toContainEqual({ kind: 'fault', error: expect.any(Error) });
  });
});
