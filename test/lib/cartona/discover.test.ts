import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { discoverCartona } from '../../../src/lib/cartona/discover.js';
import {
  startMarketplace,
  type Marketplace,
  type MarketplaceOptions,
} from '../../../src/sandbox/marketplace/server.js';

async function marketplace(options: MarketplaceOptions = {}): Promise<Marketplace> {
  const server = await startMarketplace(options);
  onTestFinished(() => server.close());
  return server;
}

async function serverThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('finding the dialect', () => {
  it.each(['base-product', 'supplier-product'] as const)('a server that speaks only %s', async (dialect) => {
    const { url, token } = await marketplace({ dialects: [dialect] });
    expect(await discoverCartona({ url, token })).toBe(dialect);
  });

  it("a server that speaks both: the specification's, unless told", async () => {
    const { url, token } = await marketplace();
    expect(await discoverCartona({ url, token })).toBe('base-product');
    expect(await discoverCartona({ url, token, dialect: 'supplier-product' })).toBe('supplier-product');
  });

  it('asks for one product of the first page, once in each dialect, and changes nothing', async () => {
    const { url, token, state } = await marketplace();
    await discoverCartona({ url, token });
    const requests = state.requests.list();
    expect(requests).toHaveLength(2);
    expect(JSON.stringify(requests)).not.toContain('POST');
    expect(JSON.stringify(requests)).toMatch(/per_page/);
  });

  it('a wrong token is told from a wrong address', async () => {
    const { url } = await marketplace({ dialects: ['supplier-product'] });
    await expect(discoverCartona({ url, token: 'wrong' })).rejects.toMatchObject({ kind: 'credentials' });
    await expect(discoverCartona({ url: `${url}/nowhere`, token: 'wrong' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('no supplier API') as string,
    });
  });

  it('a token is not in the message that it was refused', async () => {
    const { url } = await marketplace();
    const failure = await discoverCartona({ url, token: 'planted-token' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'credentials' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('planted-token');
  });

  it('a server that refuses tokens before it looks at paths: the dialect that works', async () => {
    const url = await serverThat((request, response) => {
      const right =
        request.headers['authorizationtoken'] === 'good' && request.url?.startsWith('/api/v1/supplier-product');
      response
        .writeHead(right ? 200 : 401, { 'content-type': 'application/json' })
        .end(right ? '[]' : '{"error":"unauthorized"}');
    });
    expect(await discoverCartona({ url, token: 'good' })).toBe('supplier-product');
    await expect(discoverCartona({ url, token: 'bad' })).rejects.toMatchObject({ kind: 'credentials' });
  });

  it('a server that fails on the path it does not know does not hide the one it knows', async () => {
    const url = await serverThat((request, response) => {
      const known = request.url?.startsWith('/api/v1/supplier-product') === true;
      response.writeHead(known ? 200 : 500, { 'content-type': 'application/json' }).end(known ? '{"data":[]}' : '{}');
    });
    expect(await discoverCartona({ url, token: 't', attempts: 1 })).toBe('supplier-product');
  });

  it('a website is no API', async () => {
    const url = await serverThat((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
    );
    await expect(discoverCartona({ url, token: 't' })).rejects.toMatchObject({
      kind: 'answer',
      message: expect.stringContaining('text/html') as string,
    });
  });

  it('nothing there, or only failures: unreachable', async () => {
    await expect(discoverCartona({ url: 'http://127.0.0.1:1', token: 't', attempts: 1 })).rejects.toMatchObject({
      kind: 'unreachable',
    });
    const url = await serverThat((_request, response) => response.writeHead(503).end());
    await expect(discoverCartona({ url, token: 't', attempts: 1 })).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('a redirect is followed by the person, not by the token', async () => {
    const url = await serverThat((_request, response) =>
      response.writeHead(301, { location: 'https://elsewhere.example/' }).end(),
    );
    await expect(discoverCartona({ url, token: 't' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('elsewhere.example') as string,
    });
  });
});
