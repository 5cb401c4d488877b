import { createHash } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { makeRandom } from '../random.js';
import { makeSupplier, type Supplier } from '../supplier.js';
import { registerDialect } from './api-routes.js';
import { behaviourSchema, DEFAULT_BEHAVIOUR, DIALECTS, type Behaviour, type Dialect } from './behaviour.js';
import { Catalogue } from './catalogue.js';
import { registerControls } from './control-routes.js';
import { Faults } from './faults.js';
import type { Market } from './market.js';
import { OrderBook } from './order-book.js';
import { Refusal } from './refusal.js';
import { RequestLog } from './request-log.js';
import { RetailerSide } from './retailer-side.js';
import { Traffic } from './traffic.js';

export interface MarketplaceOptions extends Partial<Behaviour> {
  /** 0, the default, takes any free port. */
  port?: number;
  /** 127.0.0.1 unless told. */
  host?: string;
  /** Of the supplier (unless one is given), the token (unless one is given) and the faults' choices; 1 unless told. */
  seed?: number;
  supplier?: Supplier;
  token?: string;
  /** Both unless told. */
  dialects?: readonly Dialect[];
  /** How many requests the log keeps; 500 unless told, 0 for a benchmark. */
  logLimit?: number;
  clock?: () => Date;
}

/** A running simulated marketplace. */
export interface Marketplace {
  /** Without a trailing slash. */
  readonly url: string;
  readonly token: string;
  /** Changes take effect with the next request. */
  readonly behaviour: Behaviour;
  readonly faults: Faults;
  /** For looking and, through the catalogue's and the book's methods, for staging. */
  readonly state: { readonly products: Catalogue; readonly orders: OrderBook; readonly requests: RequestLog };
  /** What retailers and Cartona's staff do. */
  readonly retailers: RetailerSide;
  /** Cuts every connection, unanswered ones included, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Cartona marketplace: a real HTTP server that speaks both dialects and keeps to the order cycle. It is no kinder
 * than the documentation: what that does not name is refused.
 */
export async function startMarketplace(options: MarketplaceOptions = {}): Promise<Marketplace> {
  const { port = 0, host = '127.0.0.1', seed = 1, supplier, token = tokenOf(seed), dialects = DIALECTS, logLimit = 500, clock = () => new Date(), ...wanted } = options;
  const behaviour: Behaviour = behaviourSchema.parse({ ...DEFAULT_BEHAVIOUR, ...wanted });
  const market = openMarket(supplier ?? makeSupplier({ seed }), behaviour, seed, clock);
  const faults = new Faults(seed);
  const requests = new RequestLog(logLimit);
  const traffic = new Traffic(behaviour, faults, requests, clock);
  const app = Fastify({ requestTimeout: 30_000, connectionTimeout: 120_000, bodyLimit: 2 * 1024 * 1024, forceCloseConnections: true, exposeHeadRoutes: false });
  traffic.watch(app);
  answerErrors(app);
  for (const dialect of dialects) registerDialect(app, dialect, market, traffic, token);
  registerControls(app, market, faults, requests);
  const url = await app.listen({ port, host });
  return {
    url, token, behaviour, faults,
    state: { products: market.catalogue, orders: market.book, requests },
    retailers: market.retailers,
    close: () => app.close(),
  };
}

function openMarket(supplier: Supplier, behaviour: Behaviour, seed: number, clock: () => Date): Market {
  const catalogue = new Catalogue(supplier.marketplaceProducts);
  const book = new OrderBook(supplier, catalogue, behaviour, clock);
  return { behaviour, catalogue, book, retailers: new RetailerSide(book, makeRandom(seed + 1)) };
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'Not Found' }));
  app.setErrorHandler(async (error, _request, reply) => {
    const status = error instanceof Refusal ? error.status : statusOf(error);
    return reply.code(status).send({ error: error instanceof Error ? error.message : 'Internal Server Error' });
  });
}

function statusOf(error: unknown): number {
  const hasStatus = typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number';
  return hasStatus ? Number(error.statusCode) : 500;
}

/** A token in the form of the real ones, a JWT; the same for one seed, so that a sandbox started again knows its clients. */
function tokenOf(seed: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ supplier: 'sandbox', seed })}`;
  return `${body}.${createHash('sha256').update(body).digest('base64url')}`;
}
