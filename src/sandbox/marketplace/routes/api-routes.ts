import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { shapeAnswer, type ItemOutcome } from './answers.js';
import type { Dialect } from '../behaviour.js';
import type { BatchRules } from '../products/catalogue.js';
import { isAuthorized, PATHS, showOrder, showProduct } from './dialects.js';
import type { Market } from '../market.js';
import { parseStrictly, Refusal } from '../refusal.js';
import { updateDetails, updateStatus, updateStatusesSilently } from '../orders/supplier-side.js';
import type { Traffic } from './traffic.js';

/** No page is longer, whatever is asked for. */
const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 20;

const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number above zero')
  .transform(Number);
const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date (YYYY-MM-DD) or an ISO instant')
  .transform((text) => new Date(text));
const paging = { page: count.default(1), per_page: count.optional() };

const productQuerySchema = z.strictObject({
  ...paging,
  search_token: z.string().optional(),
  base_product_id: z.string().optional(),
  supplier_product_id: z.string().optional(),
  internal_product_id: z.string().optional(),
});
const pullQuerySchema = z.strictObject({
  ...paging,
  from: instant.optional(),
  to: instant.optional(),
  limit: count.optional(),
});

/** Registers one dialect's paths, closed to whoever does not carry the token in that dialect's header. */
export function registerDialect(
  app: FastifyInstance,
  dialect: Dialect,
  market: Market,
  traffic: Traffic,
  token: string,
): void {
  const paths = PATHS[dialect];
  void app.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (isAuthorized(dialect, request.headers, token)) traffic.authorized(request);
      else await reply.code(401).send({ error: 'Unauthorized' });
    });
    registerCatalogue(scope, dialect, market, traffic);
    registerOrders(scope, dialect, market);
    scope.post(paths.updateDetails, async (request, reply) =>
      answerBulk(market, reply, updateDetails(market.book, batchOf(market, request))),
    );
  });
}

function registerCatalogue(scope: FastifyInstance, dialect: Dialect, market: Market, traffic: Traffic): void {
  const paths = PATHS[dialect];
  scope.get(paths.products, async (request) => {
    const query = parseStrictly(productQuerySchema, request.query);
    const { start, end } = slice(market, query.page, query.per_page ?? DEFAULT_PER_PAGE);
    return market.catalogue
      .find(query)
      .slice(start, end)
      .map((product) => listedAs(market, product.internalProductId, showProduct(dialect, product)));
  });
  const rules = (request: FastifyRequest): BatchRules => ({
    ...market.behaviour,
    rejected: traffic.rejectedItems(request),
  });
  scope.post(paths.updateProducts, async (request, reply) =>
    answerBulk(market, reply, market.catalogue.update(batchOf(market, request), rules(request))),
  );
  scope.post(paths.updateStock, async (request, reply) =>
    answerBulk(market, reply, market.catalogue.updateStock(batchOf(market, request), rules(request))),
  );
}

/** An entry of the listing as the behaviour wants it shown. */
function listedAs({ behaviour }: Market, id: string | null, entry: Record<string, unknown>): unknown {
  if (id === null || !(id in behaviour.listedAs)) return entry;
  const shown = behaviour.listedAs[id];
  return typeof shown === 'object' && shown !== null ? { ...entry, ...shown } : shown;
}

function registerOrders(scope: FastifyInstance, dialect: Dialect, market: Market): void {
  const paths = PATHS[dialect];
  scope.get(paths.pullOrders, async (request) => {
    const query = parseStrictly(pullQuerySchema, request.query);
    const { page, perPage } = slice(
      market,
      query.page,
      Math.min(query.per_page ?? query.limit ?? DEFAULT_PER_PAGE, query.limit ?? MAX_PER_PAGE),
    );
    return market.book
      .pull({ page, perPage, from: query.from, to: query.to })
      .map((order) => showOrder(dialect, order, market.catalogue));
  });
  // What fails here is told to nobody: that is how the real one behaves.
  scope.post(paths.updateStatus, async (request) => {
    updateStatusesSilently(market.book, batchOf(market, request));
    return {};
  });
  scope.post<{ Params: { hashedId: string } }>(`${paths.updateStatus}/:hashedId`, async (request) => {
    const { hashedId } = request.params;
    market.book.require(hashedId);
    if (!isOf(request.body, hashedId)) throw new Refusal(`the body's hashed_id must be ${hashedId}`);
    updateStatus(market.book, request.body);
    return { success: true };
  });
}

function isOf(body: unknown, hashedId: string): boolean {
  return typeof body === 'object' && body !== null && 'hashed_id' in body && body.hashed_id === hashedId;
}

function batchOf(market: Market, request: FastifyRequest): unknown[] {
  const items = parseStrictly(z.array(z.unknown(), 'the body must be an array'), request.body);
  const { maxItems } = market.behaviour;
  if (items.length > maxItems) throw new Refusal(`at most ${maxItems} items in one request, not ${items.length}`, 413);
  return items;
}

function answerBulk(market: Market, reply: FastifyReply, outcomes: readonly ItemOutcome[]): FastifyReply {
  const { status, body } = shapeAnswer(market.behaviour.answerShape, outcomes, market.behaviour.atomicBatches);
  return reply.code(status).send(body);
}

function slice(
  market: Market,
  askedPage: number,
  askedPerPage: number,
): { page: number; perPage: number; start: number; end: number } {
  const perPage = Math.min(askedPerPage, MAX_PER_PAGE);
  const page = market.behaviour.ignorePage ? 1 : askedPage;
  return { page, perPage, start: (page - 1) * perPage, end: page * perPage };
}
