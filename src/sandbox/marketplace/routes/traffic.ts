import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Behaviour } from '../behaviour.js';
import type { Fault, Faults } from './faults.js';
import type { Presence } from './presence.js';
import type { LoggedRequest, RequestLog } from './request-log.js';

/** Paths of the sandbox's own controls: no fault befalls them, and they are not logged. */
export const CONTROL_PREFIX = '/_sandbox/';

interface Passing {
  entry: LoggedRequest;
  fault: Fault | undefined;
}

/**
 * What happens to every request on its way in and out: it is logged, delayed, counted against the rate limit, and meets
 * its fault.
 */
export class Traffic {
  readonly #passing = new WeakMap<FastifyRequest, Passing>();
  #window = { start: 0, requests: 0 };

  constructor(
    private readonly behaviour: Behaviour,
    private readonly faults: Faults,
    private readonly log: RequestLog,
    private readonly clock: () => Date,
    private readonly presence: Presence,
  ) {}

  /** Sets the hooks; before any route, so that unknown paths pass through them too. */
  watch(app: FastifyInstance): void {
    app.addHook('onRequest', async (request, reply) =>
      request.url.startsWith(CONTROL_PREFIX) ? undefined : this.#enter(request, reply),
    );
    app.addHook('preHandler', async (request) => {
      const passing = this.#passing.get(request);
      if (passing) passing.entry.body = request.body;
    });
    app.addHook('onSend', async (request, _reply, payload) => this.#spoil(request, payload));
    app.addHook('onResponse', async (request, reply) => {
      const passing = this.#passing.get(request);
      if (passing && passing.fault?.kind !== 'drop-after') passing.entry.status = reply.statusCode;
    });
  }

  /** Notes that the token was accepted. */
  authorized(request: FastifyRequest): void {
    const passing = this.#passing.get(request);
    if (passing) passing.entry.auth = true;
  }

  /** The ids whose items this request's fault refuses, if it is such a fault. */
  rejectedItems(request: FastifyRequest): ReadonlySet<string> | undefined {
    const fault = this.#passing.get(request)?.fault;
    return fault?.kind === 'item-error' ? new Set(fault.items) : undefined;
  }

  async #enter(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const path = request.url.split('?', 1)[0] ?? '';
    const waitSeconds = this.#overLimit();
    const fault = waitSeconds === undefined ? this.faults.take(request.method, path) : undefined;
    const entry = this.log.add({
      at: this.clock(),
      method: request.method,
      path,
      query: request.query as Record<string, unknown>,
      body: undefined,
      auth: false,
      status: null,
      fault: fault?.kind ?? null,
    });
    this.#passing.set(request, { entry, fault });
    const delay = this.behaviour.latencyMs + (fault?.kind === 'latency' ? (fault.latencyMs ?? 1000) : 0);
    if (delay > 0) await sleep(delay);
    await this.presence.awake();
    if (waitSeconds !== undefined)
      return reply.code(429).header('retry-after', waitSeconds).send({ error: 'Too Many Requests' });
    return fault === undefined ? undefined : refuseAtDoor(fault, request, reply);
  }

  /** Seconds until the next window when this request is one too many. */
  #overLimit(): number | undefined {
    const { rateLimit } = this.behaviour;
    if (rateLimit === null) return undefined;
    const now = this.clock().getTime();
    const length = rateLimit.seconds * 1000;
    if (now - this.#window.start >= length) this.#window = { start: now, requests: 0 };
    this.#window.requests += 1;
    return this.#window.requests > rateLimit.requests
      ? Math.max(1, Math.ceil((this.#window.start + length - now) / 1000))
      : undefined;
  }

  #spoil(request: FastifyRequest, payload: unknown): unknown {
    const kind = this.#passing.get(request)?.fault?.kind;
    if (kind === 'drop-after') request.raw.socket.destroy();
    if (kind === 'malformed-json' && typeof payload === 'string')
      return payload.slice(0, Math.max(1, Math.floor(payload.length / 2)));
    return payload;
  }
}

/** The faults before any work is done; undefined lets the request in. */
async function refuseAtDoor(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  switch (fault.kind) {
    case '429':
      if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter);
      return reply.code(429).send({ error: 'Too Many Requests' });
    case '413':
      return reply.code(413).send({ error: 'Payload Too Large' });
    case '500':
      return reply.code(500).send({ error: 'Internal Server Error' });
    case '502-html':
      return reply
        .code(502)
        .type('text/html')
        .send('<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>');
    case 'html':
      return reply
        .code(200)
        .type('text/html; charset=utf-8')
        .send('<!doctype html><html><body><form action="/login">Sign in to continue</form></body></html>');
    case 'timeout':
      return reply.hijack();
    case 'drop-before':
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    default:
      return undefined;
  }
}
