import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { webhookRequests } from '../../../src/sandbox/marketplace/webhooks/webhook-requests.js';
import { makeSupplier, type ApiOrder } from '../../../src/sandbox/supplier/supplier.js';
import { Client, start } from '../../fixtures/marketplace-client.js';

const KEY = Buffer.from('a key of thirty-two bytes or so!!');
const supplier = makeSupplier({ seed: 3, products: 60, orders: 0 });

describe('webhookRequests', () => {
  it('makes signed requests of distinct orders whose totals are those of their lines', () => {
    const requests = [
      ...webhookRequests(supplier, 2000, {
        signing: { bearer: 'shared', secrets: [`whsec_${KEY.toString('base64')}`] },
      }),
    ];
    const orders = requests.map(({ body }) => JSON.parse(body) as ApiOrder);
    expect(new Set(orders.map(({ hashed_id }) => hashed_id)).size).toBe(2000);
    const lines = orders.flatMap(({ order_details }) => order_details);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    const linked = new Map(
      supplier.marketplaceProducts.map((product) => [product.supplierProductId, product.internalProductId]),
    );
    for (const line of lines) expect(line.internal_product_id).toBe(linked.get(line.supplier_product_id));
    for (const [index, { headers, body, hashedId, path }] of requests.entries()) {
      const order = orders[index];
      expect(order?.hashed_id).toBe(hashedId);
      expect(order?.total_price).toBeCloseTo(
        order?.order_details.reduce((sum, line) => sum + line.selling_price * line.amount, 0) ?? Number.NaN,
        6,
      );
      expect(path).toBe('/cartona_integration/webhook/orders');
      const mac = createHmac('sha256', KEY)
        .update(`${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${body}`)
        .digest('base64');
      expect(headers).toMatchObject({ authorization: 'Bearer shared', 'webhook-signature': `v1,${mac}` });
    }
  });

  it('gives the same orders for the same seed, others for another', () => {
    const ids = (seed: number): string[] =>
      [...webhookRequests(supplier, 50, { seed })].map(({ hashedId }) => hashedId);
    expect(ids(4)).toEqual(ids(4));
    expect(ids(4).filter((id) => ids(5).includes(id))).toEqual([]);
  });

  it('enters the orders in the book when asked', async () => {
    const marketplace = await start({ supplier });
    const requests = [...webhookRequests(supplier, 5, { book: marketplace.state.orders })];
    expect(await new Client(marketplace).pull()).toEqual(requests.map(({ body }) => JSON.parse(body) as unknown));
  });

  it('refuses a supplier who sells nothing that is linked', () => {
    expect(() => [...webhookRequests({ marketplaceProducts: [] }, 1)]).toThrow(RangeError);
  });
});
