import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type Axios from 'axios';
import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { CartonaError, throwIfInterrupted } from './errors.js';

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

export interface HttpOptions {
  /** How the other side is called in errors: "Cartona", "Odoo". */
  readonly remote: string;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  /** Tries in all, first one included. */
  readonly attempts?: number;
  /** The first back-off bound; it doubles with every try, and a random part of it is waited (full jitter). */
  readonly backoffMs?: number;
  readonly random?: () => number;
}

export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_BACKOFF_MS = 400;
const LONGEST_BACKOFF_MS = 20_000;
/** A server that asks for a longer pause than this is not waited for by a command: the person is told. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Failures of the connection that happen before a request can have reached anybody. */
const NOTHING_LEFT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** A passing failure of one try, kept until the policy decides whether there is another. */
class PassingFailure extends Error {
  constructor(
    readonly said: string,
    readonly mayBeDone: boolean,
    readonly retryAfterMs: number | undefined,
    readonly detail: string | undefined,
  ) {
    super(said);
  }
}

/**
 * Whether a request that failed was certainly not taken up: nobody listened, or was asked to slow down. What was in it
 * is not to blame then.
 */
export const wasNotTaken = (error: Error): boolean => error.cause instanceof PassingFailure && !error.cause.mayBeDone;

/**
 * The one way out of the house: requests with a time-out, bounded retries with exponential backoff and full jitter, and
 * `Retry-After` obeyed. Answers with status 2xx and 4xx (429 excepted) are returned for the caller to read; passing
 * failures (no connection, time-out, 429, 5xx) that outlast the retries become `unreachable` or `outcome-unknown`.
 */
export function createHttp(options: HttpOptions): Http {
  const random = options.random ?? Math.random;
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  const base = options.backoffMs ?? DEFAULT_BACKOFF_MS;
  const client = axios.create({
    baseURL: options.baseUrl,
    timeout: options.timeoutMs,
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({ keepAlive: true }),
    // A redirected POST would become a GET; the person should use the address that the server names.
    maxRedirects: 0,
    maxBodyLength: Infinity,
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    transformRequest: (body: unknown) => body,
    validateStatus: () => true,
  });

  async function once(request: HttpRequest): Promise<HttpAnswer> {
    throwIfInterrupted(request.signal);
    try {
      const answer = await client.request<unknown>({
        method: request.method,
        url: request.path,
        params: request.query,
        data: request.body,
        headers: {
          Accept: 'application/json, text/xml',
          ...(request.body === undefined ? {} : { 'Content-Type': request.contentType ?? 'application/json' }),
          ...request.headers,
        },
        ...(request.signal ? { signal: request.signal } : {}),
      });
      const body = typeof answer.data === 'string' ? answer.data : '';
      const contentType = String(answer.headers['content-type'] ?? '');
      if (answer.status === 429 || answer.status >= 500) {
        throw new PassingFailure(
          answer.status === 429 ? 'asks to slow down (HTTP 429)' : `answers with a failure (HTTP ${answer.status})`,
          answer.status !== 429,
          retryAfter(answer.headers['retry-after']),
          body.slice(0, 20_000),
        );
      }
      if (answer.status >= 300 && answer.status < 400) {
        const target = String(answer.headers.location ?? 'another address');
        throw new CartonaError(
          'usage',
          `${options.remote} at ${options.baseUrl} redirects to ${target}; log in again with the address it redirects to.`,
        );
      }
      return { status: answer.status, contentType, body };
    } catch (error) {
      throwIfInterrupted(request.signal);
      if (!axios.isAxiosError(error)) throw error;
      const code = error.code ?? 'no connection';
      const timedOut = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
      const said = timedOut
        ? `did not answer within ${Math.round(options.timeoutMs / 1000)} s`
        : `cannot be reached (${connectionTrouble(code)})`;
      throw new PassingFailure(said, !NOTHING_LEFT.has(code), undefined, error.message);
    }
  }

  return async (request) => {
    let pauseMs = 0;
    const policy = retry(
      handleWhen(
        (error) =>
          error instanceof PassingFailure &&
          (request.repetition === 'repeatable' || !error.mayBeDone) &&
          (error.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS,
      ),
      {
        maxAttempts: attempts - 1,
        // The pause is made below, where the signal ends it; the policy's own would be waited out.
        backoff: new DelegateBackoff((context) => {
          const asked =
            'error' in context.result && context.result.error instanceof PassingFailure
              ? context.result.error.retryAfterMs
              : undefined;
          const jittered = random() * Math.min(LONGEST_BACKOFF_MS, base * 2 ** (context.attempt - 1));
          // On top of what was asked for, so that many clients do not return at the same moment.
          pauseMs = asked === undefined ? jittered : asked + jittered;
          return 0;
        }),
      },
    );
    try {
      return await policy.execute(async ({ attempt }) => {
        if (attempt > 0) await sleep(pauseMs, undefined, { signal: request.signal });
        return once(request);
      }, request.signal);
    } catch (error) {
      throwIfInterrupted(request.signal);
      if (!(error instanceof PassingFailure)) throw error;
      const place = `${options.remote} at ${options.baseUrl}`;
      if (request.repetition === 'once' && error.mayBeDone) {
        throw new CartonaError(
          'outcome-unknown',
          `${place} ${error.said}; whether the change was made is not known and is looked up before it is tried again.`,
          error.detail,
        );
      }
      const wait =
        error.retryAfterMs !== undefined && error.retryAfterMs > LONGEST_RETRY_AFTER_MS
          ? ` for ${Math.ceil(error.retryAfterMs / 1000)} s`
          : '';
      throw new CartonaError(
        'unreachable',
        `${place} ${error.said}${wait}; check the address and the network.`,
        error.detail,
        { cause: error },
      );
    }
  };
}

/** `Retry-After` in either of its forms (seconds, an HTTP date), as milliseconds from now. */
function retryAfter(header: unknown): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function connectionTrouble(code: string): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing listens at that address',
    ENOTFOUND: 'no such host name',
    EAI_AGAIN: 'the host name cannot be looked up now',
    ECONNRESET: 'the connection was dropped',
    EHOSTUNREACH: 'no route to that host',
    ENETUNREACH: 'no network',
    EPROTO: 'it does not speak HTTPS as asked',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
    CERT_HAS_EXPIRED: 'its certificate has expired',
  };
  return words[code] ?? code;
}

/**
 * Parses JSON that must be JSON: an HTML page or cut-off text becomes an `answer` error that says what came instead.
 */
export function parseJson(answer: HttpAnswer, remote: string): unknown {
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    const what = /^\s*</.test(answer.body) ? 'a web page' : 'something that is not JSON';
    throw new CartonaError(
      'answer',
      `${remote} answered with ${what} (HTTP ${answer.status}); check that the address is the API's and not a website's or a proxy's.`,
      answer.body.slice(0, 20_000),
    );
  }
}
