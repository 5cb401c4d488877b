import { describe, expect, it } from 'vitest';
import { DIALECTS, type Dialect } from '../../../src/sandbox/marketplace/behaviour.js';
import { PATHS } from '../../../src/sandbox/marketplace/routes/dialects.js';
import { Client, start } from '../../fixtures/marketplace-client.js';

const other: Record<Dialect, Dialect> = { 'base-product': 'supplier-product', 'supplier-product': 'base-product' };

describe.each(DIALECTS)('the %s dialect', (dialect) => {
  it('answers every documented path to the token in its own header', async () => {
    const client = new Client(await start(), dialect);
    const { paths } = client;
    for (const path of [paths.products, paths.pullOrders]) expect((await client.get(path)).status, path).toBe(200);
    for (const path of [paths.updateProducts, paths.updateStock, paths.updateStatus, paths.updateDetails]) {
      expect((await client.post(path, [])).status, path).toBe(200);
    }
  });

  it.each(['no header', 'the other header', 'a wrong token', 'a token with something behind it', 'an empty token'])(
    'refuses %s on every path',
    async (what) => {
      const marketplace = await start();
      const ofOther = new Client(marketplace, other[dialect]).headers;
      const [name = ''] = Object.keys(new Client(marketplace, dialect).headers);
      const scheme = dialect === 'base-product' ? 'Bearer ' : '';
      const headers: Record<string, Record<string, string>> = {
        'no header': {},
        'the other header': ofOther,
        'a wrong token': { [name]: `${scheme}wrong` },
        'a token with something behind it': { [name]: `${scheme}${marketplace.token}x` },
        'an empty token': { [name]: scheme },
      };
      for (const [kind, path] of Object.entries(PATHS[dialect])) {
        const method = kind === 'products' || kind === 'pullOrders' ? 'GET' : 'POST';
        const response = await fetch(`${marketplace.url}${String(path)}`, { method, headers: headers[what] ?? {} });
        expect(response.status, `${method} ${String(path)}`).toBe(401);
      }
      expect(marketplace.state.requests.list().every((entry) => !entry.auth && entry.body === undefined)).toBe(true);
    },
  );

  it('does not exist where only the other is spoken', async () => {
    const client = new Client(await start({ dialects: [other[dialect]] }), dialect);
    expect((await client.get(client.paths.products)).status).toBe(404);
    expect((await client.get(client.paths.pullOrders)).status).toBe(404);
  });
});

describe('what no documentation names', () => {
  it('is not found', async () => {
    const client = new Client(await start());
    for (const path of ['/', '/api/v1/products', '/api/v1/base-product/1', '/api/v2/base-product'])
      expect((await client.get(path)).status, path).toBe(404);
    expect((await client.post(client.paths.products, [])).status).toBe(404);
    expect((await client.get(client.paths.updateProducts)).status).toBe(404);
  });

  it.each([['wrong=1'], ['page=0'], ['page=-1'], ['page=x'], ['per_page=1.5'], ['page=1&page=2']])(
    'is refused in a query: %s',
    async (query) => {
      const client = new Client(await start());
      expect((await client.get(`${client.paths.products}?${query}`)).status).toBe(422);
      expect((await client.get(`${client.paths.pullOrders}?${query}`)).status).toBe(422);
    },
  );

  it('is refused as a body: no JSON, another content type, no array', async () => {
    const marketplace = await start();
    const { headers, paths } = new Client(marketplace);
    const send = (type: string, body: string): Promise<Response> =>
      fetch(`${marketplace.url}${paths.updateProducts}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': type },
        body,
      });
    expect((await send('application/json', '[{')).status).toBe(400);
    expect((await send('text/csv', 'a;b')).status).toBe(415);
    expect((await send('application/json', '{}')).status).toBe(422);
  });
});

describe('the shapes of ids', () => {
  it('one dialect misspells the product id, the other mixes strings and numbers', async () => {
    const marketplace = await start();
    const right = await new Client(marketplace, 'base-product').list({ per_page: '100' });
    const misspelt = await new Client(marketplace, 'supplier-product').list({ per_page: '100' });
    expect(new Set(right.map((product) => typeof product.supplier_product_id))).toEqual(new Set(['string', 'number']));
    expect(new Set(right.map((product) => typeof product.base_product_id))).toEqual(new Set(['string', 'number']));
    expect(
      misspelt.every(
        (product) => typeof product.suppler_prodcut_id === 'number' && !('supplier_product_id' in product),
      ),
    ).toBe(true);
    expect(misspelt.map((product) => String(product.suppler_prodcut_id))).toEqual(
      right.map((product) => String(product.supplier_product_id)),
    );
  });

  it('one dialect leaves out what is not known of an order, the other answers null', async () => {
    const marketplace = await start();
    const full = await new Client(marketplace, 'base-product').pull();
    const sparse = await new Client(marketplace, 'supplier-product').pull();
    expect(full.every((order) => 'note_message' in order)).toBe(true);
    expect(sparse.some((order) => !('note_message' in order))).toBe(true);
    expect(sparse.map((order) => order.hashed_id)).toEqual(full.map((order) => order.hashed_id));
  });
});
