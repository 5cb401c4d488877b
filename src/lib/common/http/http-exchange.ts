import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type Axios from 'axios';
import { throwIfInterrupted } from '../errors.js';
import { connectionFailure, FailedExchange } from './http-failures.js';
import { networkOf } from './network.js';
import { Redactor } from './redact.js';

// Its CommonJS build is one file and loads in half the time of its ESM sources, which every command would wait for.
const axios = createRequire(import.meta.url)('axios') as typeof Axios;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `repeatable`: doing it twice is the same as doing it once (a read, an absolute value, a create by external id), so
   * it is repeated after any passing failure. `once`: repeated only when it certainly was not carried out; when the
   * answer got lost, the error is `outcome-unknown` and the caller looks before repeating.
   */
  readonly repetition: 'repeatable' | 'once';
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface ExchangeOptions {
  readonly baseUrl: string;
  /** In which an exchange must be over as a whole, from connecting to the answer's last byte. */
  readonly timeoutMs: number;
  /** What is sent to prove who we are. */
  readonly secrets: readonly string[];
}

/** No answer is larger, unpacked: a page of orders has some 100 kB, the columns of 430,000 products some 40 MB. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** The parts of a request as it was sent that tell whether it went through a proxy; Node's types leave one out. */
type SentRequest = http.ClientRequest & { readonly agent?: unknown };

/** An answer, with the headers that decide what becomes of it. */
export interface RawAnswer extends HttpAnswer {
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
}

/**
 * Makes the function that does one exchange: it ends within the deadline as a whole, however slowly the answer
 * trickles in; the answer is bounded, and what was sent as a secret is blotted out of it on arrival, so that nothing
 * that shows or stores it can hold it. A server on this machine is never reached through a proxy.
 */
export function createExchange(options: ExchangeOptions): (request: HttpRequest) => Promise<RawAnswer> {
  // A number may as well be a telephone number or a barcode: blotted out of data it would change them.
  const redactor = new Redactor(options.secrets.filter((secret) => !/^\d*$/.test(secret)));
  const direct = networkOf(options.baseUrl) === 'loopback';
  const httpsAgent = new https.Agent({ keepAlive: true });
  const client = axios.create({
    baseURL: options.baseUrl,
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent,
    ...(direct ? { proxy: false } : {}),
    // A redirected POST would become a GET; the person should use the address that the server names.
    maxRedirects: 0,
    maxBodyLength: Infinity,
    responseType: 'stream',
    transformRequest: (body: unknown) => body,
    validateStatus: () => true,
  });

  const proxyOf = (request: unknown): string | undefined =>
    direct ? undefined : proxyName(request as SentRequest | undefined, options.baseUrl, httpsAgent);

  async function ask(request: HttpRequest, signal: AbortSignal): Promise<RawAnswer> {
    const answer = await client.request<Readable>({
      method: request.method,
      url: request.path,
      params: request.query,
      data: request.body,
      headers: {
        Accept: 'application/json, text/xml',
        ...(request.body === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json' }),
        ...request.headers,
      },
      signal,
    });
    const sent = answer.request as SentRequest;
    const proxy = proxyOf(sent);
    const fromProxy = proxy !== undefined && isFromProxy(sent, answer.status, options.baseUrl);
    const body = redactor.text(await readBounded(answer.data));
    if (fromProxy) throw proxyRefusal(proxy, answer.status, body);
    const headers = answer.headers as IncomingHttpHeaders;
    return {
      status: answer.status,
      contentType: redactor.text(headers['content-type'] ?? ''),
      body,
      location: headers.location === undefined ? undefined : redactor.text(headers.location),
      retryAfter: headers['retry-after'],
    };
  }

  return async (request) => {
    throwIfInterrupted(request.signal);
    const end = new AbortController();
    const stop = (): void => end.abort();
    request.signal?.addEventListener('abort', stop, { once: true });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end.abort();
    }, options.timeoutMs);
    try {
      return await ask(request, end.signal);
    } catch (error) {
      throwIfInterrupted(request.signal);
      if (error instanceof FailedExchange) throw error;
      if (late)
        throw new FailedExchange(`did not answer in full within ${seconds(options.timeoutMs)} s`, {
          advice: 'check the network, or try again later',
          mayBeDone: true,
        });
      const { code = axios.isAxiosError(error) ? 'no connection' : undefined, message } =
        error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code.startsWith('Z_') || code.startsWith('ERR_BROTLI'))
        throw unusable('answered with packed data that cannot be unpacked', message);
      throw connectionFailure(code, message, proxyOf((error as { request?: unknown }).request));
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', stop);
    }
  };
}

const seconds = (ms: number): number => Math.max(1, Math.round(ms / 1000));

async function readBounded(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += (part as Buffer).length;
    if (size > LARGEST_ANSWER)
      throw unusable(`answered with more than ${LARGEST_ANSWER / 1024 / 1024} MB, which is not read`);
    parts.push(part as Buffer);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

const unusable = (happened: string, detail?: string): FailedExchange =>
  new FailedExchange(happened, {
    advice: "check that the address is the API's and not a website's or a proxy's",
    mayBeDone: true,
    passing: false,
    detail,
  });

/** The proxy that a request was sent through, as a person finds it; without the login in its address. */
function proxyName(request: SentRequest | undefined, baseUrl: string, ownAgent: https.Agent): string | undefined {
  const secure = baseUrl.startsWith('https:');
  const proxied = secure ? request?.agent !== ownAgent : /^https?:/.test(request?.path ?? '');
  if (request === undefined || !proxied) return undefined;
  const variable = [secure ? 'https_proxy' : 'http_proxy', 'all_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .find((name) => process.env[name]);
  const address = variable === undefined ? '' : (process.env[variable] ?? '');
  const url = address.includes('://') ? address : `http://${address}`;
  return `The proxy${URL.canParse(url) ? ` ${new URL(url).host}` : ''} (${variable ?? 'from the environment'})`;
}

/** Whether the proxy itself answered. Through a tunnel the server's own answers come encrypted. */
const isFromProxy = (request: SentRequest, status: number, baseUrl: string): boolean =>
  status === 407 || (baseUrl.startsWith('https:') && !(request.socket instanceof TLSSocket));

const proxyRefusal = (proxy: string, status: number, body: string): FailedExchange =>
  new FailedExchange(
    status === 407 ? 'wants a login (HTTP 407)' : `does not let the request through (HTTP ${status})`,
    {
      advice:
        status === 407
          ? 'put it into its address as http://USER:PASSWORD@HOST:PORT'
          : 'check the proxy, or name the host in NO_PROXY',
      mayBeDone: false,
      passing: status >= 500,
      detail: body.slice(0, 20_000),
      who: proxy,
    },
  );
