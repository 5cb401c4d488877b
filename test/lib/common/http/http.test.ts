import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp, parseJson } from '../../../../src/lib/common/http/http.js';

const SECRET = 'tok/en+of "mine" & yours';

let server: http.Server | undefined;

/** A server that answers the given script, one entry a request (the last one for ever), and counts. */
async function serve(
  ...script: ((request: http.IncomingMessage, response: http.ServerResponse) => void)[]
): Promise<{ url: string; times: number[] }> {
  const times: number[] = [];
  server = http.createServer((request, response) => {
    times.push(Date.now());
    script[Math.min(times.length, script.length) - 1]?.(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, times };
}

const answer =
  (status: number, body = '{}', headers: http.OutgoingHttpHeaders = { 'content-type': 'application/json' }) =>
  (_: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };
const drop = (request: http.IncomingMessage): void => void request.socket.destroy();

const open = (url: string, timeoutMs = 5000) =>
  createHttp({ remote: 'Cartona', baseUrl: url, timeoutMs, secrets: [SECRET], attempts: 3, backoffMs: 5 });

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Sends a little of an answer every few milliseconds, for ever. */
const trickle =
  (head: string, piece: string) =>
  (_: http.IncomingMessage, response: http.ServerResponse): void => {
    response.socket?.write(head);
    const timer = setInterval(() => response.socket?.write(piece), 10);
    response.socket?.on('close', () => clearInterval(timer));
  };

describe('the way out', () => {
  it.each([
    ['headers', 'HTTP/1.1 200 OK\r\nx-a: ', 'a'],
    ['a body', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'],
  ])('ends an exchange whose answer trickles in: %s', async (_, head, piece) => {
    const { url, times } = await serve(trickle(head, piece));
    const asked = open(url, 300);
    await expect(asked({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('did not answer in full within') as string,
    });
    expect(times).toHaveLength(3);
    await expect(asked({ method: 'POST', path: '/', body: '{}', repetition: 'once' })).rejects.toMatchObject({
      kind: 'outcome-unknown',
    });
  });

  it('reads no more than 64 MB, unpacked, and asks for it once', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '));
    const { url, times } = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
    );
    const before = process.memoryUsage().rss;
    await expect(open(url, 100_000)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'answer',
      message: expect.stringContaining('64 MB') as string,
    });
    expect(times).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 * 1024);
    await expect(
      open(url, 100_000)({ method: 'POST', path: '/', body: '{}', repetition: 'once' }),
    ).rejects.toMatchObject({
      kind: 'outcome-unknown',
    });
  });

  it('says that packed data were damaged', async () => {
    const { url } = await serve(answer(200, 'not packed', { 'content-encoding': 'gzip' }));
    await expect(open(url)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'answer',
      message: expect.stringContaining('cannot be unpacked') as string,
    });
  });

  it.each(['['.repeat(200_000) + ']'.repeat(200_000), `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`])(
    'takes JSON of 200,000 levels for an answer that cannot be used',
    (body) => {
      expect(() => parseJson({ status: 200, contentType: 'application/json', body }, 'Cartona')).toThrow(
        expect.objectContaining({
          kind: 'answer',
          message: expect.stringContaining('nested more than 100 levels') as string,
        }),
      );
    },
  );

  it('brackets in texts are no levels', () => {
    const value = {
      note: `${'['.repeat(500)}\\"${'{'.repeat(500)}`,
      list: Array.from({ length: 300 }, () => [{ a: [] }]),
    };
    const body = JSON.stringify(value);
    expect(parseJson({ status: 200, contentType: 'application/json', body }, 'Cartona')).toEqual(value);
  });

  it('blots out what was sent as a secret, wherever it is repeated in an answer', async () => {
    const echo = {
      note: SECRET,
      url: encodeURIComponent(SECRET),
      basic: Buffer.from(`me:${SECRET}`).toString('base64'),
    };
    const { url } = await serve(
      answer(200, JSON.stringify(echo), { 'content-type': `text/${SECRET}` }),
      answer(400, JSON.stringify(echo)),
      answer(301, '', { location: `https://elsewhere.example/?t=${encodeURIComponent(SECRET)}` }),
    );
    const ask = () => open(url)({ method: 'GET', path: '/', repetition: 'repeatable' });
    for (const { body, contentType } of [await ask(), await ask()]) {
      expect(JSON.parse(body)).toEqual({
        note: '[secret]',
        url: '[secret]',
        basic: expect.stringMatching(/^\w{0,4}\[secret\]$/) as string,
      });
      expect(contentType).not.toContain('mine');
    }
    await expect(ask()).rejects.toMatchObject({ message: expect.not.stringContaining('mine') as string });
  });

  it('leaves a number alone that is the key as well: it may be a telephone number', async () => {
    const { url } = await serve(answer(200, '{"phone":"01012345678"}'));
    const ask = createHttp({ remote: 'Odoo', baseUrl: url, timeoutMs: 5000, secrets: ['01012345678'] });
    expect((await ask({ method: 'GET', path: '/', repetition: 'repeatable' })).body).toContain('01012345678');
  });

  it('repeats a repeatable request after a passing failure', async () => {
    const { url, times } = await serve(answer(500), drop, answer(200, '{"ok":1}'));
    const { status, body } = await open(url)({ method: 'GET', path: '/', repetition: 'repeatable' });
    expect([status, body, times.length]).toEqual([200, '{"ok":1}', 3]);
  });

  it('gives up after a bounded number of tries, and says who did not answer and what to do', async () => {
    const { url, times } = await serve(answer(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }));
    await expect(open(url)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/HTTP 502\); try again later/) as string,
    });
    expect(times).toHaveLength(3);
  });

  it('never repeats a write whose answer was lost: its outcome is unknown', async () => {
    const { url, times } = await serve(drop, answer(200));
    await expect(open(url)({ method: 'POST', path: '/', body: '{}', repetition: 'once' })).rejects.toMatchObject({
      kind: 'outcome-unknown',
    });
    expect(times).toHaveLength(1);
  });

  it('repeats a write that was certainly not carried out', async () => {
    const { url, times } = await serve(answer(429, '{}', { 'retry-after': '0' }), answer(200));
    expect((await open(url)({ method: 'POST', path: '/', body: '{}', repetition: 'once' })).status).toBe(200);
    expect(times).toHaveLength(2);
  });

  it('waits as long as Retry-After asks', async () => {
    const { url, times } = await serve(answer(429, '{}', { 'retry-after': '1' }), answer(200));
    await open(url)({ method: 'GET', path: '/', repetition: 'repeatable' });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('does not wait for an hour: a pause beyond its bound is told', async () => {
    const { url, times } = await serve(answer(429, '{}', { 'retry-after': '3600' }));
    await expect(open(url)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('3600 s') as string,
    });
    expect(times).toHaveLength(1);
  });

  it('times out a server that says nothing', async () => {
    const { url } = await serve(() => undefined);
    await expect(open(url, 50)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('did not answer') as string,
    });
  });

  it('does not follow a redirect, which would turn a POST into a GET', async () => {
    const { url } = await serve(answer(301, '', { location: 'https://elsewhere.example/' }));
    await expect(open(url)({ method: 'POST', path: '/', body: '{}', repetition: 'once' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('https://elsewhere.example/') as string,
    });
  });

  it('stops at once when it is asked to, in the pause before the next try too', async () => {
    const { url, times } = await serve(answer(429, '{}', { 'retry-after': '110' }));
    const stop = new AbortController();
    const request = createHttp({
      remote: 'Cartona',
      baseUrl: url,
      timeoutMs: 5000,
      secrets: [],
      attempts: 5,
      // Asked for when the pause begins; it would outlast this test.
      random: () => {
        setTimeout(() => stop.abort(), 20);
        return 1;
      },
    })({ method: 'GET', path: '/', repetition: 'repeatable', signal: stop.signal });
    await expect(request).rejects.toMatchObject({ kind: 'interrupted' });
    expect(times).toHaveLength(1);
  });

  it('says that a web page came where data were expected', () => {
    expect(() =>
      parseJson({ status: 200, contentType: 'text/html', body: '<!doctype html><p>Welcome' }, 'Odoo'),
    ).toThrow(/a web page/);
  });

  it('names the trouble when nothing listens', async () => {
    await expect(
      open('http://127.0.0.1:1')({ method: 'POST', path: '/', body: '{}', repetition: 'once' }),
    ).rejects.toMatchObject({ kind: 'unreachable', message: expect.stringContaining('nothing listens') as string });
  });
});
