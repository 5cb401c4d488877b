import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Profile } from '../../settings/profile.js';
import { AddressConnections } from './address-connections.js';
import { RateLimit } from './rate-limit.js';
import { malformed, tooOften, type Refusal } from './refusal.js';

/** How long an idle connection is kept: whoever keeps many of them keeps others out. */
const KEEP_ALIVE_MS = 5000;

const JSON_TYPE = 'application/json; charset=utf-8';

export const NOTHING_HERE: Refusal = { status: 404, reason: 'path', message: 'There is nothing at this address.' };
const POST_ONLY: Refusal = {
  status: 405,
  reason: 'method',
  message: 'Only POST is taken here.',
  headers: { allow: 'POST' },
};
const TOO_SLOW: Refusal = { status: 408, reason: 'timeout', message: 'The request did not arrive in time.' };
const HEADERS_TOO_LARGE: Refusal = { status: 431, reason: 'headers-too-large', message: 'The headers are too large.' };

/** Refuses a request, so that it is counted and answered in one form. */
export function refuse(request: FastifyRequest, reply: FastifyReply, asked: Refusal): FastifyReply {
  const refusal = request.server.withinFailures(asked, request.ip);
  request.server.noteRefusal(refusal, request.ip);
  // What is left of a body that nobody wants is not waited for.
  if (asked.status === 413) void reply.header('connection', 'close');
  return reply
    .code(refusal.status)
    .headers({ ...refusal.headers })
    .type(JSON_TYPE)
    .send(JSON.stringify({ error: refusal.message }));
}

declare module 'fastify' {
  interface FastifyInstance {
    noteRefusal: ServerOptions['noteRefusal'];
    /** The refusal, or that there were too many of that address: its own bucket leaves who is admitted alone. */
    withinFailures: (refusal: Refusal, address: string) => Refusal;
  }
}

export interface ServerOptions {
  readonly settings: Profile['webhooks'];
  /** Paths that take POST alone. */
  readonly postOnly: readonly string[];
  /** From then on every answer closes its connection. */
  readonly isClosing: () => boolean;
  readonly now: () => number;
  /** Told of every refusal, also of those below HTTP. */
  readonly noteRefusal: (refusal: Refusal, address: string) => void;
  /** Told of every error that is this program's own. */
  readonly noteFault: (error: unknown) => void;
}

/**
 * A server that hands on bodies as raw bytes and refuses what is no sound request. Listening and routes are the
 * caller's.
 */
export async function openServer(options: ServerOptions): Promise<FastifyInstance> {
  const { settings, noteRefusal } = options;
  const { default: Fastify } = await import('fastify');
  const requestTimeout = settings.requestTimeoutSeconds * 1000;
  const headersTimeout = Math.min(settings.headersTimeoutSeconds * 1000, requestTimeout);
  const app = Fastify({
    bodyLimit: settings.maxBodyKb * 1024,
    requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Answered in this module's own form, with Retry-After.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    http: { headersTimeout, connectionsCheckingInterval: Math.min(1000, headersTimeout) },
    clientErrorHandler: (error, socket) => refuseBelowHttp(error, socket, noteRefusal),
    frameworkErrors: (_error, request, reply) => void refuse(request, reply, malformed('The address cannot be read.')),
  });
  limitConnections(app.server, settings, noteRefusal);
  app.decorate('noteRefusal', noteRefusal);
  const failures = new RateLimit(settings.requestsPerSecond);
  app.decorate('withinFailures', (refusal: Refusal, address: string) => {
    if (refusal.status === 429 || refusal.status >= 500) return refusal;
    const wait = failures.take(address, options.now());
    return wait > 0 ? tooOften(wait) : refusal;
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (options.isClosing()) void reply.header('connection', 'close');
    done();
  });
  answerTheRest(app, options);
  return app;
}

/** Closes what is beyond the limits unanswered: all connections, and those of one address. */
function limitConnections(
  server: Server,
  { connections, proxies }: Profile['webhooks'],
  noteRefusal: ServerOptions['noteRefusal'],
): void {
  const note = (message: string, address: string): void =>
    noteRefusal({ status: 0, reason: 'too-many-connections', message }, address);
  server.maxConnections = connections;
  server.on('drop', (dropped?: { remoteAddress?: string }) =>
    note(`More than ${connections} connections are open.`, dropped?.remoteAddress ?? ''),
  );
  const perAddress = new AddressConnections(connections, proxies);
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (!perAddress.open(address)) {
      socket.destroy();
      return note(`More than ${perAddress.most} connections of this address are open.`, address);
    }
    socket.once('close', () => perAddress.close(address));
  });
}

/** Requests for which there is no route, and whatever goes wrong in one. */
function answerTheRest(app: FastifyInstance, { postOnly, noteFault }: ServerOptions): void {
  // Before the body is read.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    void refuse(request, reply, postOnly.includes(request.url.split('?', 1)[0] ?? '') ? POST_ONLY : NOTHING_HERE);
  });
  app.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status === 413)
      return refuse(request, reply, { status, reason: 'too-large', message: 'The body is too large.' });
    if (status === 415)
      return refuse(request, reply, { status, reason: 'content-type', message: 'The content type cannot be read.' });
    if (status >= 400 && status < 500) return refuse(request, reply, malformed('The body did not arrive whole.'));
    noteFault(error);
    return reply.code(500).type(JSON_TYPE).send('{"error":"The service failed here; its log tells more."}');
  });
}

/** Answers what Node could not read as HTTP, or did not get in time, and closes the connection. */
function refuseBelowHttp(
  error: Error & { code?: string },
  socket: Socket,
  noteRefusal: (refusal: Refusal, address: string) => void,
): void {
  if (error.code !== 'ECONNRESET' && !socket.destroyed) {
    const refusal = belowHttp(error.code);
    noteRefusal(refusal, socket.remoteAddress ?? '');
    const body = JSON.stringify({ error: refusal.message });
    if (socket.writable) {
      socket.write(
        `HTTP/1.1 ${refusal.status} ${refusal.message.slice(0, -1)}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  }
  socket.destroy();
}

function belowHttp(code: string | undefined): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return TOO_SLOW;
  if (code === 'HPE_HEADER_OVERFLOW') return HEADERS_TOO_LARGE;
  return malformed('This is not a sound HTTP request.');
}
