import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDERS, SECRET, STATUS, TOKEN, order, startGround } from '../../../fixtures/webhook-receiver.js';

/** Requests in all, and how many go at a time. */
const REQUESTS = Number(process.env['CARTONA_TEST_FUZZ'] ?? 2000);
const BATCH = 100;

type Piece = string | Buffer;
const bytes = (...pieces: Piece[]): Buffer =>
  Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
const mostly = <T>(usual: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof(
    { arbitrary: usual, weight: 8 * Math.max(1, others.length) },
    ...others.map((arbitrary) => ({ arbitrary, weight: 1 })),
  );
const line = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ''));

const method = mostly(
  fc.constant('POST'),
  fc.constantFrom('GET', 'PUT', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'post', ''),
  line,
);
const path = mostly(
  fc.constantFrom(ORDERS, STATUS, `${ORDERS}?x=1`),
  fc.constantFrom(
    '/',
    '*',
    '//',
    `${ORDERS}/`,
    '/odoo/hint/',
    '/odoo/hint/the-hint-secret',
    '/odoo/hint/%zz',
    '/../..',
    'http://x/',
    '/%00',
    '/__proto__',
    `/${'a'.repeat(3000)}`,
  ),
  line,
);

/** An order with some fields that are anything. */
const item = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('A', 'B', 'C'),
      fc.dictionary(
        fc.constantFrom(
          'hashed_id',
          'status',
          'order_details',
          'retailer',
          'pickup_otp',
          'total_price',
          '__proto__',
          'constructor',
          'updated_at',
        ),
        fc.jsonValue(),
        { maxKeys: 2 },
      ),
    )
    .map(([id, changes]) => order(id, changes)),
  fc
    .record({
      hashed_id: fc.oneof(fc.string(), fc.integer(), fc.double()),
      status: fc.constantFrom('pending', 'editing', 'approved', 'teleported'),
    })
    .map((value) => JSON.stringify(value)),
  fc.json({ maxDepth: 5 }),
);
const nested = fc
  .tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[', '']))
  .map(([deep, [open = '', close = '']]) => `{"hashed_id":"A","x":${open.repeat(deep)}1${close.repeat(deep)}}`);
const body: fc.Arbitrary<Buffer> = mostly(
  item.map((text) => Buffer.from(text)),
  fc.array(item, { maxLength: 5 }).map((items) => Buffer.from(`[${items.join(',')}]`)),
  nested.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some)),
  fc.tuple(item, fc.nat(50)).map(([text, at]) => Buffer.from(text.slice(0, at))),
  fc.constantFrom(70_000, 200_000).map((size) => Buffer.from(order('A', { note_message: 'x'.repeat(size) }))),
);

const contentType = mostly(
  fc.constant('application/json'),
  fc.constantFrom(
    'application/json; charset=utf-16',
    'application/json;charset="',
    'text/plain',
    '',
    ';',
    'application/json, text/html',
  ),
  line,
);
const proof = mostly(
  fc.constantFrom<'token' | 'signature'>('token', 'signature'),
  fc.constantFrom('wrong token', 'wrong signature', 'old', 'none', 'junk'),
);

function proofHeaders(kind: string, content: Buffer, junk: string): string {
  if (kind === 'token' || kind === 'wrong token') return `Authorization: Bearer ${kind === 'token' ? TOKEN : junk}\r\n`;
  if (kind === 'none') return '';
  if (kind === 'junk') return `webhook-id: ${junk}\r\nwebhook-timestamp: ${junk}\r\nwebhook-signature: ${junk}\r\n`;
  const timestamp = String(Math.floor(Date.now() / 1000) - (kind === 'old' ? 10_000 : 0));
  const signature = createHmac('sha256', Buffer.from(SECRET.slice('whsec_'.length), 'base64'))
    .update(`m.${timestamp}.`)
    .update(content)
    .digest('base64');
  return `webhook-id: m\r\nwebhook-timestamp: ${timestamp}\r\nwebhook-signature: v1,${kind === 'wrong signature' ? junk : signature}\r\n`;
}

const framing = mostly(
  fc.constantFrom<'length' | 'chunked'>('length', 'chunked'),
  fc.constantFrom('longer', 'shorter', 'none', 'both', 'broken chunks', 'negative'),
);

function framed(kind: string, content: Buffer): { header: string; sent: Buffer } {
  const chunk = content.length === 0 ? '' : `${content.length.toString(16)}\r\n`;
  const chunks = bytes(chunk, content, content.length === 0 ? '' : '\r\n', '0\r\n\r\n');
  if (kind === 'chunked') return { header: 'Transfer-Encoding: chunked\r\n', sent: chunks };
  if (kind === 'broken chunks') return { header: 'Transfer-Encoding: chunked\r\n', sent: content };
  if (kind === 'both')
    return { header: `Transfer-Encoding: chunked\r\nContent-Length: ${content.length}\r\n`, sent: chunks };
  if (kind === 'none') return { header: '', sent: content };
  const length =
    kind === 'longer'
      ? content.length + 5
      : kind === 'shorter'
        ? Math.max(0, content.length - 3)
        : kind === 'negative'
          ? -1
          : content.length;
  return { header: `Content-Length: ${length}\r\n`, sent: content };
}

const extra = fc.oneof(
  { arbitrary: fc.constant(''), weight: 15 },
  {
    arbitrary: fc.constantFrom(
      'Expect: 100-continue\r\n',
      'Expect: x\r\n',
      'Upgrade: websocket\r\nConnection: Upgrade\r\n',
      'Content-Encoding: gzip\r\n',
      'Connection: close\r\n',
      'X-Forwarded-For: 1.2.3.4\r\n',
      'Host: y\r\n',
      `X-Long: ${'x'.repeat(17_000)}\r\n`,
      'Content-Type: text/plain\r\n',
    ),
    weight: 1,
  },
  { arbitrary: fc.tuple(line, line).map(([name, value]) => `${name}: ${value}\r\n`), weight: 1 },
);

const sound = fc
  .tuple(method, path, contentType, proof, framing, extra, line, body)
  .map(([verb, target, type, proved, frame, more, junk, content]) => {
    const { header, sent } = framed(frame, content);
    return bytes(
      `${verb} ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${proofHeaders(proved, content, junk)}${header}${more}\r\n`,
      sent,
    );
  });
/** A request in which single bytes were changed. */
const damaged = fc
  .tuple(sound, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }))
  .map(([request, changes]) => {
    const copy = Buffer.from(request);
    for (const [at, to] of changes) copy[at % Math.min(copy.length, 600)] = to;
    return copy;
  });
/** Sound in all but its size: each batch has one, for chance alone makes few of them. */
const content = Buffer.from(order('A', { note_message: 'x'.repeat(200_000) }));
const oversized = bytes(
  `POST ${ORDERS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: ${content.length}\r\n\r\n`,
  content,
);
const request = fc.oneof(
  { arbitrary: sound, weight: 9 },
  { arbitrary: damaged, weight: 2 },
  { arbitrary: fc.uint8Array({ maxLength: 400 }).map((some) => Buffer.from(some)), weight: 1 },
);

/** What the server says; whoever sent less than it announced is heard out and hangs up. */
function ask(port: number, content: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(content));
    const patience = setTimeout(() => socket.destroy(), 300);
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      if (/\r\n\r\n/.test(text) && !/^HTTP\/1\.1 100/.test(text)) socket.destroy();
    });
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(patience);
        resolve(text);
      });
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heap = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};

describe('whatever is sent', () => {
  it(
    `is never answered with 5xx, ends nothing and fills no memory (${REQUESTS} requests)`,
    { timeout: 30 * 60_000 },
    async () => {
      const statuses = new Map<number, number>();
      const faults: unknown[] = [];
      const ground = await startGround({
        signingSecrets: [SECRET],
        hintSecret: 'the-hint-secret',
        onHint: () => undefined,
        settings: { maxBodyKb: 100 },
        log: (event) => {
          if (event.kind === 'fault' || event.kind === 'not-kept') faults.push(event.error);
        },
        extraRoutes: (app) =>
          app.addHook(
            'onResponse',
            async (_request, { statusCode }) => void statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1),
          ),
      });
      const port = Number(new URL(ground.receiver.url).port);
      const runs = Math.ceil(REQUESTS / BATCH);
      let run = 0;
      let early = Infinity;
      await fc.assert(
        fc.asyncProperty(fc.array(request, { minLength: BATCH, maxLength: BATCH }), async (requests) => {
          if (++run === Math.ceil(runs / 4)) early = heap();
          const answers = await Promise.all([oversized, ...requests].map((content) => ask(port, content)));
          for (const answer of answers) expect(answer).toMatch(/^$|^HTTP\/1\.1 [1-4]/);
          expect(faults).toEqual([]);
        }),
        { numRuns: runs, interruptAfterTimeLimit: 29 * 60_000 },
      );
      expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
      // It went in deep enough to mean something: all of these were reached.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 413, 415]));
      expect(ground.receiver.stats.accepted).toBeGreaterThan(REQUESTS / 50);
      expect(heap() - early).toBeLessThan(40);
      expect((await ground.post(ORDERS, order('Z'))).status).toBe(200);
      if (process.env['CARTONA_TEST_FUZZ'])
        console.log(
          `statuses ${JSON.stringify(Object.fromEntries(statuses))}, ${JSON.stringify(ground.receiver.stats)}, heap ${early.toFixed(1)} -> ${heap().toFixed(1)} MB`,
        );
    },
  );
});
