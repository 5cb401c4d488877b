import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ORDER_STATUSES } from '../../supplier/supplier-types.js';
import { behaviourChangeSchema, changedBehaviour } from '../behaviour.js';
import { faultSchema, type Faults } from './faults.js';
import type { Market } from '../market.js';
import type { OrderRecord } from '../orders/order-book.js';
import { lineEditSchema, newOrderSchema } from '../orders/order-schemas.js';
import { parseStrictly, Refusal } from '../refusal.js';
import type { RequestLog } from './request-log.js';
import { subscriberSchema } from '../webhooks/webhook-signing.js';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

const stateQuery = z.strictObject({ what: z.enum(['products', 'orders', 'requests', 'webhooks']) });
const actionBody = z.strictObject({
  reason: z.string().nullable().default(null),
  status: z.enum(ORDER_STATUSES).optional(),
  lines: z.array(lineEditSchema).default([]),
});
const restartBody = z.strictObject({ downMs: z.int().min(0).max(3_600_000).default(0) });
const ACTIONS = ['start-editing', 'finish-editing', 'cancel', 'set-status', 'admin-edit'] as const;

/**
 * The sandbox's own controls, for another process to stage what the outside world does. No token is needed, but they
 * answer to this machine only; they are no part of the marketplace's API.
 */
export function registerControls(app: FastifyInstance, market: Market, faults: Faults, log: RequestLog): void {
  void app.register(
    async (scope) => {
      scope.addHook('onRequest', async (request, reply) => {
        if (!isLocal(request))
          await reply.code(403).send({ error: 'the sandbox is controlled from its own machine only' });
      });
      scope.post('/faults', async (request) => {
        faults.add(
          ...parseStrictly(z.union([faultSchema.transform((fault) => [fault]), z.array(faultSchema)]), request.body),
        );
        return { pending: faults.pending().length };
      });
      scope.delete('/faults', async () => {
        faults.clear();
        return { pending: 0 };
      });
      scope.post('/behaviour', async (request) => {
        const change = parseStrictly(behaviourChangeSchema, request.body);
        return Object.assign(market.behaviour, changedBehaviour(market.behaviour, change));
      });
      scope.get('/state', async (request) => {
        const { what } = parseStrictly(stateQuery, request.query);
        switch (what) {
          case 'products':
            return market.catalogue.all();
          case 'orders':
            return [...market.book.all()].map((record) => showRecord(market, record));
          case 'requests':
            return log.list();
          case 'webhooks':
            return market.webhooks.log();
        }
      });
      scope.post('/orders', async (request) =>
        showRecord(market, market.retailers.place(parseStrictly(newOrderSchema, request.body ?? {}))),
      );
      scope.post<{ Params: { id: string; action: string } }>('/orders/:id/:action', async (request) => {
        act(market, request.params.id, request.params.action, request.body ?? {});
        return showRecord(market, market.book.require(request.params.id));
      });
      registerWebhookControls(scope, market);
      registerPresenceControls(scope, market);
    },
    { prefix: '/_sandbox' },
  );
}

function registerWebhookControls(scope: FastifyInstance, market: Market): void {
  scope.post('/webhooks', async (request) => {
    market.webhooks.subscribe(parseStrictly(subscriberSchema, request.body));
    return { subscribed: true };
  });
  scope.delete('/webhooks', async () => {
    market.webhooks.unsubscribe();
    return { subscribed: false };
  });
}

function registerPresenceControls(scope: FastifyInstance, { presence }: Market): void {
  scope.post('/restart', async (request, reply) => {
    const { downMs } = parseStrictly(restartBody, request.body ?? {});
    // The answer leaves before the door is shut.
    reply.raw.once('finish', () => void presence.restart({ downMs }));
    return { downMs };
  });
  scope.post('/pause', async () => {
    presence.pause();
    return { paused: true };
  });
  scope.delete('/pause', async () => {
    await presence.resume();
    return { paused: false };
  });
}

function isLocal(request: FastifyRequest): boolean {
  return LOOPBACK.test(request.socket.remoteAddress ?? '');
}

function showRecord(market: Market, record: OrderRecord): Record<string, unknown> {
  const { order, retailerOtp, version, acknowledgedVersion, updatedAt } = record;
  return {
    ...order,
    sandbox: {
      retailer_otp: retailerOtp,
      version,
      acknowledged_version: acknowledgedVersion,
      listed: market.book.isListed(order.hashed_id),
      updated_at: updatedAt,
    },
  };
}

function act(market: Market, id: string, actionText: string, body: unknown): void {
  const action = parseStrictly(z.enum(ACTIONS, `the actions on an order are ${ACTIONS.join(', ')}`), actionText);
  const { reason, status, lines } = parseStrictly(actionBody, body);
  switch (action) {
    case 'start-editing':
      return market.retailers.startEditing(id);
    case 'finish-editing':
      return market.retailers.finishEditing(id, lines);
    case 'cancel':
      return market.retailers.cancel(id, reason);
    case 'admin-edit':
      return market.retailers.editByAdmin(id, lines);
    case 'set-status':
      if (status === undefined) throw new Refusal('set-status needs a status');
      return market.retailers.setStatus(id, status, reason);
  }
}
