import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runAutomations } from '../orm/automations.js';
import { answerControl, CONTROL_PREFIX } from './control.js';
import { OdooError } from '../orm/errors.js';
import type { OdooFault } from './faults.js';
import { htmlReply, understand, type Exchange, type HttpRequest, type Reply } from './protocols.js';
import type { Traffic } from './traffic.js';
import type { Transaction } from '../orm/types.js';

/** Odoo's own limit of a request. */
const BODY_LIMIT = 128 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 120_000;
/**
 * A transaction that changes something takes a moment, so that simultaneous ones overlap as they do on a real server.
 */
const WORK_MS = 10;

/** Listens on `host:port`; port 0 takes any free one. */
export async function listen(traffic: Traffic, host: string, port: number): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    serve(traffic, request, response).catch(() => response.destroy());
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return { server, url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}` };
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

async function serve(traffic: Traffic, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  await traffic.paused;
  // The transaction begins when the request arrives: what it writes is dated so, and commits made meanwhile are not
  // seen.
  const tx = traffic.services.db.begin();
  const body = await readBody(incoming);
  if (!body) {
    send(
      response,
      htmlReply(413, 'Request Entity Too Large', 'The data value transmitted exceeds the capacity limit.'),
    );
    return;
  }
  const path = (incoming.url ?? '/').split('?', 1)[0] ?? '/';
  const request: HttpRequest = { method: incoming.method ?? 'GET', path, headers: incoming.headers, body };
  if (path.startsWith(CONTROL_PREFIX)) {
    const from = incoming.socket.remoteAddress ?? '';
    const reply = answerControl(traffic, request, incoming.url ?? '', from, tx);
    await runAutomations(tx);
    send(response, reply);
    return;
  }
  const exchange = await understand(traffic.services, request);
  const fault = traffic.faults.take({ path, model: exchange.model, method: exchange.method });
  if (fault && !passes(fault, response)) return;
  await take(traffic, exchange, fault);
  const reply = work(exchange, tx, fault);
  await runAutomations(tx);
  finish(response, reply, fault);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const part = chunk as Buffer;
    size += part.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

/** Whether the request gets through to its work; if not, the fault has answered it, or never will. */
function passes(fault: OdooFault, response: ServerResponse): boolean {
  switch (fault.kind) {
    case '500':
      send(
        response,
        htmlReply(
          500,
          'Internal Server Error',
          'The server encountered an internal error and was unable to complete your request.',
        ),
      );
      return false;
    case '502-html':
      send(response, proxyPage(502, 'Bad Gateway'));
      return false;
    case 'drop-before':
      response.destroy();
      return false;
    case 'timeout':
      return false;
    default:
      return true;
  }
}

function proxyPage(status: number, title: string): Reply {
  return {
    status,
    contentType: 'text/html',
    body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n`,
  };
}

/** Lets the time pass that the request takes. */
async function take(
  { services, latencyMs }: Traffic,
  { model = '', method = '' }: Exchange,
  fault: OdooFault | undefined,
): Promise<void> {
  const own = services.dispatcher.writes(model, method) ? WORK_MS : 0;
  const duration = Math.max(own, latencyMs) + (fault?.kind === 'latency' ? (fault.latencyMs ?? 1000) : 0);
  if (duration > 0) await sleep(duration);
}

function work(exchange: Exchange, tx: Transaction, fault: OdooFault | undefined): Reply {
  try {
    return exchange.answer({ tx, lostRace: fault?.kind === 'serialization', denied: fault?.kind === 'expired-key' });
  } catch (error) {
    // Protocols answer Odoo's failures themselves: what comes here is a fault of the sandbox.
    if (error instanceof OdooError) throw error;
    return htmlReply(
      500,
      'Internal Server Error',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
}

function finish(response: ServerResponse, reply: Reply, fault: OdooFault | undefined): void {
  if (fault?.kind === 'drop-after') response.destroy();
  else if (fault?.kind === '504-after') send(response, proxyPage(504, 'Gateway Time-out'));
  else if (fault?.kind === 'malformed')
    send(response, { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) });
  else send(response, reply);
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    'Content-Type': reply.contentType,
    'Content-Length': Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}
