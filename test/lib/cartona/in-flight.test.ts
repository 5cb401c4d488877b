import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCartona } from '../../../src/lib/cartona/client.js';

/** Ten full pages of products; tells how many requests were under way at once at most. */
async function busyServer(): Promise<{ url: string; most: () => number; asked: () => number }> {
  let underWay = 0;
  let most = 0;
  let asked = 0;
  const server = createServer((request, response) => {
    underWay += 1;
    asked += 1;
    most = Math.max(most, underWay);
    request.resume();
    request.on('end', () => {
      void sleep(20).then(() => {
        underWay -= 1;
        const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page'));
        const size = request.method === 'GET' && page <= 10 ? 100 : 0;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify(Array.from({ length: size }, (_, at) => ({ id: page * 1000 + at }))));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, most: () => most, asked: () => asked };
}

describe('requests to Cartona under way at once', () => {
  it.each([1, 2, 3])('are never more than set (%i), pages asked for ahead included', async (inFlight) => {
    const { url, most, asked } = await busyServer();
    const cartona = createCartona({
      url,
      token: 't',
      dialect: 'base-product',
      identifyBy: 'internal_product_id',
      inFlight,
    });
    const list = async (): Promise<void> => {
      for await (const products of cartona.listProducts()) expect(products).toBeDefined();
    };
    const update = (): Promise<unknown> =>
      cartona.updateProducts([{ cartonaId: 'A', sellingPrice: '1' }]).catch(() => undefined);
    await Promise.all([list(), list(), update(), update()]);
    expect(asked()).toBeGreaterThan(20);
    expect(most()).toBe(inFlight);
  });
});
