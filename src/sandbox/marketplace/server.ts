import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { makeRandom } from '../random.js';
import { makeSupplier, type Supplier } from '../supplier/supplier.js';
import { startActivity } from './orders/activity.js';
import { registerDialect } from './routes/api-routes.js';
import {
  changedBehaviour,
  DEFAULT_BEHAVIOUR,
  DIALECTS,
  type Behaviour,
  type BehaviourChange,
  type Dialect,
} from './behaviour.js';
import { Catalogue } from './products/catalogue.js';
import { registerControls } from './routes/control-routes.js';
import { showOrder } from './routes/dialects.js';
import { Faults } from './routes/faults.js';
import type { Market } from './market.js';
import { OrderBook } from './orders/order-book.js';
import { Presence } from './routes/presence.js';
import { Refusal } from './refusal.js';
import { RequestLog } from './routes/request-log.js';
import { RetailerSide } from './orders/retailer-side.js';
import { Traffic } from './routes/traffic.js';
import type { NewSubscriber } from './webhooks/webhook-signing.js';
import { Webhooks } from './webhooks/webhooks.js';

export interface MarketplaceOptions extends BehaviourChange {
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
  /** Who is told by webhooks; nobody unless told. */
  subscriber?: NewSubscriber;
  /** About how many acts of retailers happen by themselves in a minute; none unless told. */
  activity?: number;
  /** How many requests, and how many webhooks, the logs keep; 500 unless told, 0 for a benchmark. */
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
  readonly webhooks: Webhooks;
  /** Outages: being stopped, restarted or paused with the state as it is. */
  readonly presence: Presence;
  /** Cuts every connection, unanswered ones included, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Cartona marketplace: a real HTTP server that speaks both dialects and keeps to the order cycle. It
 * is no kinder than the documentation: what that does not name is refused.
 */
export async function startMarketplace(options: MarketplaceOptions = {}): Promise<Marketplace> {
  const {
    port = 0,
    host = '127.0.0.1',
    seed = 1,
    supplier = makeSupplier({ seed }),
    token = tokenOf(seed),
    dialects = DIALECTS,
    subscriber,
    activity = 0,
    logLimit = 500,
    clock = () => new Date(),
    ...wanted
  } = options;
  const app = Fastify({
    requestTimeout: 30_000,
    connectionTimeout: 120_000,
    bodyLimit: 2 * 1024 * 1024,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  const market = openMarket({
    supplier,
    wanted,
    seed,
    clock,
    logLimit,
    shown: dialects[0] ?? 'base-product',
    server: app.server,
  });
  const { behaviour, webhooks, presence } = market;
  const faults = new Faults(seed);
  const requests = new RequestLog(logLimit);
  const traffic = new Traffic(behaviour, faults, requests, clock, presence);
  traffic.watch(app);
  answerErrors(app);
  for (const dialect of dialects) registerDialect(app, dialect, market, traffic, token);
  registerControls(app, market, faults, requests);
  if (subscriber !== undefined) webhooks.subscribe(subscriber);
  const url = await app.listen({ port, host });
  const stopActivity = startActivity(market, makeRandom(seed + 3), activity);
  return {
    url,
    token,
    behaviour,
    faults,
    webhooks,
    presence,
    state: { products: market.catalogue, orders: market.book, requests },
    retailers: market.retailers,
    close: async () => {
      stopActivity();
      webhooks.close();
      presence.close();
      await app.close();
    },
  };
}

interface Ground {
  supplier: Supplier;
  wanted: BehaviourChange;
  seed: number;
  clock: () => Date;
  logLimit: number;
  /** In which dialect webhooks show an order. */
  shown: Dialect;
  server: Server;
}

/**
 * The state behind the routes. Each source of chance has a seed of its own, so that more draws of one leave the others
 * as they are.
 */
function openMarket({ supplier, wanted, seed, clock, logLimit, shown, server }: Ground): Market {
  const behaviour = changedBehaviour(DEFAULT_BEHAVIOUR, wanted);
  const catalogue = new Catalogue(supplier.marketplaceProducts);
  const book = new OrderBook(supplier, catalogue, behaviour, clock);
  const webhooks = new Webhooks(behaviour, (order) => showOrder(shown, order, catalogue), clock, seed + 2, logLimit);
  book.watch((event) => webhooks.tell(event));
  return {
    behaviour,
    catalogue,
    book,
    retailers: new RetailerSide(book, makeRandom(seed + 1)),
    webhooks,
    presence: new Presence(server, webhooks),
  };
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'Not Found' }));
  app.setErrorHandler(async (error, _request, reply) => {
    const status = error instanceof Refusal ? error.status : statusOf(error);
    return reply.code(status).send({ error: error instanceof Error ? error.message : 'Internal Server Error' });
  });
}

function statusOf(error: unknown): number {
  const hasStatus =
    typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number';
  return hasStatus ? Number(error.statusCode) : 500;
}

/**
 * A token in the form of the real ones, a JWT; the same for one seed, so that a sandbox started again knows its
 * clients.
 */
function tokenOf(seed: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ supplier: 'sandbox', seed })}`;
  return `${body}.${createHash('sha256').update(body).digest('base64url')}`;
}
