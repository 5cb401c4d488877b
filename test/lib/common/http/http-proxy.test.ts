import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttp, type HttpAnswer } from '../../../../src/lib/common/http/http.js';
import { connectionFailure } from '../../../../src/lib/common/http/http-failures.js';

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A proxy that counts what reaches it and answers all of it with one status. */
async function startProxy(status: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status).end('the proxy says so');
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function useProxy(address: string): void {
  for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, address);
  for (const name of ['no_proxy', 'NO_PROXY', 'all_proxy', 'ALL_PROXY']) vi.stubEnv(name, '');
}

const ask = (baseUrl: string): Promise<HttpAnswer> =>
  createHttp({ remote: 'Cartona', baseUrl, timeoutMs: 5000, secrets: ['the-token'], attempts: 1 })({
    method: 'GET',
    path: '/',
    headers: { Authorization: 'the-token' },
    repetition: 'repeatable',
  });

describe('a proxy', () => {
  it('never gets what is meant for this machine', async () => {
    const proxy = await startProxy(200);
    const own = await startProxy(204);
    useProxy(proxy.url);
    expect((await ask(own.url)).status).toBe(204);
    expect((await ask(own.url.replace('127.0.0.1', 'localhost'))).status).toBe(204);
    expect([proxy.asked, own.asked]).toEqual([[], ['GET /', 'GET /']]);
  });

  it.each(['http://cartona.invalid', 'https://cartona.invalid'])(
    'that cannot be reached is named, without its login, instead of the server: %s',
    async (url) => {
      useProxy('http://me:planted-word@127.0.0.1:1');
      await expect(ask(url)).rejects.toMatchObject({
        kind: 'unreachable',
        message: expect.stringMatching(
          /^The proxy 127\.0\.0\.1:1 \(https?_proxy\).*nothing listens.*check the proxy/,
        ) as string,
      });
    },
  );

  it.each([
    [
      'https://cartona.invalid',
      403,
      /^The proxy 127\S+ \(https_proxy\).*does not let the request through \(HTTP 403\)/,
    ],
    ['https://cartona.invalid', 407, /^The proxy .*wants a login/],
    ['http://cartona.invalid', 407, /^The proxy .*wants a login/],
  ])('that refuses is not taken for the server: %s, %i', async (url, status, words) => {
    const proxy = await startProxy(status);
    useProxy(proxy.url);
    await expect(ask(url)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(words) as string,
    });
    expect(proxy.asked).toHaveLength(1);
  });

  it('passes on what the server answered', async () => {
    const proxy = await startProxy(404);
    useProxy(proxy.url);
    expect((await ask('http://cartona.invalid')).status).toBe(404);
    expect(proxy.asked).toEqual(['GET http://cartona.invalid/']);
  });
});

describe('a certificate that is not trusted', () => {
  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])(
    "leads to the variable for an authority of one's own: %s",
    (code) => {
      const { happened, options } = connectionFailure(code, '', undefined);
      expect(happened).toMatch(/^cannot be trusted \(its certificate/);
      expect(options).toMatchObject({
        mayBeDone: false,
        passing: false,
        advice: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
      });
    },
  );
});
