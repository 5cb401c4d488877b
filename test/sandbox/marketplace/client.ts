import { afterEach } from 'vitest';
import type { Dialect } from '../../../src/sandbox/marketplace/behaviour.js';
import { PATHS, type DialectPaths } from '../../../src/sandbox/marketplace/routes/dialects.js';
import { startMarketplace, type Marketplace, type MarketplaceOptions } from '../../../src/sandbox/marketplace/server.js';
import { makeSupplier, type MarketplaceProduct, type Supplier } from '../../../src/sandbox/supplier/supplier.js';

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Speaks one dialect to a running marketplace over real HTTP. */
export class Client {
  readonly paths: DialectPaths;

  constructor(readonly marketplace: Marketplace, readonly dialect: Dialect = 'base-product') {
    this.paths = PATHS[dialect];
  }

  get headers(): Record<string, string> {
    return this.dialect === 'base-product' ? { authorization: `Bearer ${this.marketplace.token}` } : { authorizationtoken: this.marketplace.token };
  }

  async get(path: string, query: Record<string, string> = {}): Promise<Answer> {
    const text = new URLSearchParams(query).toString();
    return answerOf(await fetch(`${this.marketplace.url}${path}${text === '' ? '' : `?${text}`}`, { headers: this.headers }));
  }

  async post(path: string, body: unknown): Promise<Answer> {
    const headers = { ...this.headers, 'content-type': 'application/json' };
    return answerOf(await fetch(`${this.marketplace.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  async list(query: Record<string, string> = {}): Promise<Record<string, unknown>[]> {
    return (await this.get(this.paths.products, query)).body as Record<string, unknown>[];
  }

  async pull(query: Record<string, string> = { per_page: '100' }): Promise<Record<string, unknown>[]> {
    return (await this.get(this.paths.pullOrders, query)).body as Record<string, unknown>[];
  }

  /** The single path, which alone tells of a refusal. */
  setStatus(hashedId: string, status: string, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.post(`${this.paths.updateStatus}/${hashedId}`, { hashed_id: hashedId, status, ...more });
  }

  setStatuses(updates: unknown): Promise<Answer> {
    return this.post(this.paths.updateStatus, updates);
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

const running: Marketplace[] = [];
afterEach(async () => {
  for (const marketplace of running.splice(0)) await marketplace.close();
});

/** A marketplace that is closed after the test. */
export async function start(options: MarketplaceOptions = {}): Promise<Marketplace> {
  const marketplace = await startMarketplace(options);
  running.push(marketplace);
  return marketplace;
}

/** A marketplace and a client of its default dialect. */
export async function startWithClient(options: MarketplaceOptions = {}): Promise<{ marketplace: Marketplace; client: Client }> {
  const marketplace = await start(options);
  return { marketplace, client: new Client(marketplace) };
}

/** A supplier without orders whose marketplace holds exactly these products. */
export function supplierWith(...products: Partial<MarketplaceProduct>[]): Supplier {
  const [sample] = makeSupplier({ seed: 1, products: 1, orders: 0 }).marketplaceProducts;
  if (sample === undefined) throw new Error('the supplier of one product has nothing on the marketplace');
  const marketplaceProducts = products.map((product, index) => ({
    ...sample, supplierProductId: 501 + index, internalProductId: `CRT-${index + 1}`, baseProductId: 21 + index, unit: 'piece', unitCount: 1,
    sellingPrice: '10.00', stock: 50, inStock: true, unlimitedStock: false, isPublished: true, ...product,
  }));
  return { ...makeSupplier({ seed: 1, products: 0, orders: 0 }), marketplaceProducts };
}
