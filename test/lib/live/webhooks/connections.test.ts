import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ORDERS, TOKEN, order, raw, startGround, statusOf } from '../../../fixtures/webhook-receiver.js';

const head = (length: number | string): string =>
  `POST ${ORDERS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n${typeof length === 'number' ? `Content-Length: ${length}` : length}\r\n\r\n`;

describe('what is no sound request', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['an unknown method', 'NONSENSE / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no host', `POST ${ORDERS} HTTP/1.1\r\n\r\n`, 400],
    ['two lengths', `POST ${ORDERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
    [
      'a length and parts',
      `POST ${ORDERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc`,
      400,
    ],
    ['a length that is none', head('Content-Length: many'), 400],
    ['broken parts', `${head('Transfer-Encoding: chunked')}nonsense\r\n`, 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['more body than announced', `${head(2)}[]hello\r\n\r\n`, 400],
  ])('%s', async (_case, bytes, status) => {
    const ground = await startGround();
    const answer = await raw(
      ground.receiver,
      (write) => write(bytes),
      (text) => text.includes('\r\n\r\n'),
    );
    expect(statusOf(answer)).toBe(status);
    expect((await ground.post(ORDERS, order('A1'))).status).toBe(200);
  });

  it('is counted', async () => {
    const ground = await startGround();
    await raw(ground.receiver, (write) => write('hello\r\n\r\n'));
    expect(ground.receiver.stats.refused).toEqual({ malformed: 1 });
  });
});

describe('who is slow', () => {
  const settings = { headersTimeoutSeconds: 0.2, requestTimeoutSeconds: 0.4 };

  it.each([
    ['with headers', (write: (bytes: string) => void) => write(`POST ${ORDERS} HTTP/1.1\r\nHost: x\r\n`)],
    ['with the body', (write: (bytes: string) => void) => write(`${head(1000)}[`)],
  ])('%s: 408, and the connection ends', async (_case, send) => {
    const ground = await startGround({ settings });
    expect(statusOf(await raw(ground.receiver, send))).toBe(408);
    expect(ground.receiver.stats.refused.timeout).toBe(1);
    expect(await ground.store.events.waiting(1)).toEqual([]);
  });

  it('or says nothing at all is not waited for', async () => {
    const ground = await startGround({ settings });
    await raw(ground.receiver, () => undefined);
    expect((await ground.post(ORDERS, order('A1'))).status).toBe(200);
  });

  it('with a drip of header lines is cut all the same', async () => {
    const ground = await startGround({ settings });
    let dripping: NodeJS.Timeout | undefined;
    const answer = await raw(ground.receiver, (write) => {
      write(`POST ${ORDERS} HTTP/1.1\r\nHost: x\r\n`);
      dripping = setInterval(() => write('X-Drip: 1\r\n'), 20);
    });
    clearInterval(dripping);
    expect(statusOf(answer)).toBe(408);
  });
});

describe('too many connections', () => {
  it('those beyond the limit are closed at once; when one leaves there is room again', async () => {
    const ground = await startGround({ settings: { connections: 3 } });
    const { hostname, port } = new URL(ground.receiver.url);
    const held = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(Number(port), hostname, () => resolve(socket));
            socket.on('error', () => undefined);
          }),
      ),
    );
    expect(await raw(ground.receiver, (write) => write(`${head(2)}[]`))).toBe('');
    expect(ground.receiver.stats.refused['too-many-connections']).toBe(1);
    const gone = new Promise((resolve) => held[0]?.on('close', resolve));
    held[0]?.destroy();
    await gone;
    const whenRoom = async (): Promise<string> =>
      (await raw(
        ground.receiver,
        (write) => write(`${head(2)}[]`),
        (text) => text.includes('received'),
      )) || whenRoom();
    expect(statusOf(await whenRoom())).toBe(200);
    for (const socket of held) socket.destroy();
  });
});

describe('closing', () => {
  it('lets what is under way end, takes nothing new, and leaves no connection behind', async () => {
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (release = resolve));
    const underWay = new Promise<void>((resolve) => (arrived = resolve));
    const ground: Awaited<ReturnType<typeof startGround>> = await startGround({
      keep: async (events) => {
        arrived();
        await waiting;
        return ground.store.events.keep(events, 1);
      },
    });
    const first = ground.post(ORDERS, order('A1'));
    // This one has sent its headers and half its body when closing begins.
    let finish = (): void => undefined;
    const half = raw(ground.receiver, (write) => {
      const body = order('A2');
      write(head(Buffer.byteLength(body)) + body.slice(0, 10));
      finish = () => write(body.slice(10));
    });
    await underWay;
    const closed = ground.receiver.close(10_000);
    await expect(fetch(ground.receiver.url)).rejects.toThrow();
    finish();
    release();
    expect((await first).headers.get('connection')).toBe('close');
    expect((await first).status).toBe(200);
    expect(statusOf(await half)).toBe(200);
    await closed;
    expect((await ground.store.events.waiting(10)).map(({ hashedId }) => hashedId)).toEqual(['A1', 'A2']);
  });

  it('a request on an open connection that comes too late: 503, and nothing is kept', async () => {
    const ground = await startGround();
    const answers = await raw(ground.receiver, (write) => {
      const body = order('A1');
      // Half a request keeps the connection open; the whole of it is there only after closing has begun.
      write(`POST ${ORDERS} HTTP/1.1\r\n`);
      setTimeout(() => {
        void ground.receiver.close(10_000);
        write(
          `Host: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      }, 100);
    });
    expect(statusOf(answers)).toBe(503);
    expect(answers.toLowerCase()).toMatch(/connection: close[^]*retry-after: 5/);
    expect(await ground.store.events.waiting(1)).toEqual([]);
  });

  it('what is not done by the deadline is cut', async () => {
    let arrived = (): void => undefined;
    const underWay = new Promise<void>((resolve) => (arrived = resolve));
    const ground = await startGround({
      keep: () => {
        arrived();
        return new Promise(() => undefined);
      },
    });
    const never = ground.post(ORDERS, order('A1')).catch((error: unknown) => error);
    await underWay;
    await ground.receiver.close(50);
    expect(await never).toBeInstanceOf(Error);
  });
});
