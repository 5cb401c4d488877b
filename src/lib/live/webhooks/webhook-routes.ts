import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Profile } from '../../settings/profile.js';
import type { NewEvent } from '../../store/store.js';
import { admit, UNSIGNED, type Admission, type Credentials } from './authentication.js';
import { refuse } from './http-server.js';
import { readMessages } from './messages.js';
import { WEBHOOK_PATHS } from '../../settings/webhook-paths.js';
import type { RateLimit } from './rate-limit.js';
import { tooOften, type Refusal } from './refusal.js';

/** When a sender whose message could not be kept is asked to try again; seconds. */
const RETRY_AFTER = '5';

export interface WebhookRoutes {
  readonly settings: Profile['webhooks'];
  readonly limit: RateLimit;
  readonly now: () => number;
  /** As it is at the moment of a request. */
  readonly state: () => { readonly credentials: Credentials | undefined; readonly closing: boolean };
  readonly keep: (events: readonly NewEvent[]) => Promise<readonly boolean[]>;
  readonly kept: (kind: NewEvent['kind'], events: readonly NewEvent[], isNew: readonly boolean[]) => void;
  readonly notKept: (error: unknown) => void;
}

/**
 * Takes Cartona's webhooks: the headers are judged before the body is read, the signature over the raw bytes before
 * they are parsed.
 */
export function registerWebhooks(app: FastifyInstance, routes: WebhookRoutes): void {
  const signed = new WeakMap<FastifyRequest, (body: Buffer) => boolean>();
  for (const kind of ['order', 'status'] as const) {
    app.route({
      method: 'POST',
      url: WEBHOOK_PATHS[kind],
      onRequest(request, reply, done) {
        const judged = judgeHeaders(request, routes);
        if (judged.kind === 'refused') return void refuse(request, reply, judged.refusal);
        if (judged.kind === 'signed') signed.set(request, judged.isSigned);
        const over = judged.kind === 'admitted' ? overLimit(request, routes) : undefined;
        if (over) return void refuse(request, reply, over);
        done();
      },
      handler: (request, reply) => take(kind, request, reply, signed.get(request), routes),
    });
  }
}

function judgeHeaders(request: FastifyRequest, { settings, now, state }: WebhookRoutes): Admission {
  const { credentials, closing } = state();
  if (closing) return refused(CLOSING);
  if (credentials === undefined) return refused(UNKNOWN_CREDENTIALS);
  const { headers } = request;
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? ''))
    return refused({ status: 415, reason: 'content-type', message: 'Only application/json is taken here.' });
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return refused({
      status: 415,
      reason: 'content-type',
      message: 'Only bodies without a content encoding are taken here.',
      headers: { 'accept-encoding': 'identity' },
    });
  }
  if (Number(headers['content-length'] ?? 0) > settings.maxBodyKb * 1024)
    return refused({ status: 413, reason: 'too-large', message: `A body may have ${settings.maxBodyKb} KiB.` });
  return admit(headers, credentials, settings.toleranceSeconds, now());
}

/** Whoever has proved to be Cartona may send so much a second. */
function overLimit(request: FastifyRequest, { limit, now }: WebhookRoutes): Refusal | undefined {
  const wait = limit.take(request.ip, now());
  return wait > 0 ? tooOften(wait) : undefined;
}

async function take(
  kind: NewEvent['kind'],
  request: FastifyRequest,
  reply: FastifyReply,
  signed: ((body: Buffer) => boolean) | undefined,
  routes: WebhookRoutes,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (signed?.(body) === false) return refuse(request, reply, UNSIGNED);
  const over = signed && overLimit(request, routes);
  if (over) return refuse(request, reply, over);
  const webhookId = request.headers['webhook-id'];
  const read = readMessages(kind, body, typeof webhookId === 'string' && webhookId !== '' ? webhookId : undefined);
  if (read.kind === 'refused') return refuse(request, reply, read.refusal);
  try {
    const isNew = read.events.length === 0 ? [] : await routes.keep(read.events);
    routes.kept(kind, read.events, isNew);
  } catch (error) {
    routes.notKept(error);
    return refuse(request, reply, NOT_KEPT);
  }
  return reply.type('application/json; charset=utf-8').send(`{"received":${read.events.length}}`);
}

const refused = (refusal: Refusal): Admission => ({ kind: 'refused', refusal });

const CLOSING: Refusal = {
  status: 503,
  reason: 'closing',
  message: 'The service is stopping; nothing was kept, send it again.',
  headers: { 'retry-after': RETRY_AFTER },
};
const UNKNOWN_CREDENTIALS: Refusal = {
  status: 503,
  reason: 'not-kept',
  message: 'The token cannot be checked at the moment; nothing was kept, send it again.',
  headers: { 'retry-after': RETRY_AFTER },
};
const NOT_KEPT: Refusal = {
  status: 503,
  reason: 'not-kept',
  message: 'The message could not be kept; send it again.',
  headers: { 'retry-after': RETRY_AFTER },
};
