import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp, parseJson } from '../../../src/lib/common/http.js';

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
  createHttp({ remote: 'Cartona', baseUrl: url, timeoutMs, attempts: 3, backoffMs: 5 });

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('the way out', () => {
  it('repeats a repeatable request after a passing failure', async () => {
    const { url, times } = await serve(answer(500), drop, answer(200, '{"ok":1}'));
    const { status, body } = await open(url)({ method: 'GET', path: '/', repetition: 'repeatable' });
    expect([status, body, times.length]).toEqual([200, '{"ok":1}', 3]);
  });

  it('gives up after a bounded number of tries, and says who did not answer and what to do', async () => {
    const { url, times } = await serve(answer(502, '<html>bad gateway</html>', { 'content-type': 'text/html' }));
    await expect(open(url)({ method: 'GET', path: '/', repetition: 'repeatable' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/HTTP 502\); check the address and the network\.$/) as string,
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
