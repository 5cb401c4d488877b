import { setTimeout as sleep } from 'node:timers/promises';
import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { backoffMs } from '../backoff.js';
import { CartonaError, throwIfInterrupted } from '../errors.js';
import { createExchange, type ExchangeOptions, type HttpAnswer, type HttpRequest } from './http-exchange.js';
import { FailedExchange } from './http-failures.js';
import { parseUntrustedJson, TooDeep } from './json.js';

export type { HttpAnswer, HttpRequest } from './http-exchange.js';

export interface HttpOptions extends ExchangeOptions {
  /** How the other side is called in errors: "Cartona", "Odoo". */
  readonly remote: string;
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
const LONGEST_DETAIL = 20_000;

/**
 * Whether a request that failed was certainly not taken up: nobody listened, or was asked to slow down. What was in it
 * is not to blame then.
 */
export const wasNotTaken = (error: Error): boolean =>
  error.cause instanceof FailedExchange && !error.cause.options.mayBeDone;

/**
 * The one way out of the house: bounded exchanges (see `createExchange`), bounded retries with exponential backoff and
 * full jitter, and `Retry-After` obeyed. Answers with status 2xx and 4xx (429 excepted) are returned for the caller to
 * read. Passing failures (no connection, time-out, 429, 5xx) that outlast the retries become `unreachable`, an answer
 * that is too large or damaged becomes `answer`; for a request to be done `once`, either is `outcome-unknown` unless it
 * certainly was not carried out.
 */
export function createHttp(options: HttpOptions): Http {
  const random = options.random ?? Math.random;
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  const base = options.backoffMs ?? DEFAULT_BACKOFF_MS;
  const exchange = createExchange(options);
  const place = `${options.remote} at ${options.baseUrl}`;

  async function once(request: HttpRequest): Promise<HttpAnswer> {
    const { status, contentType, body, location, retryAfter } = await exchange(request);
    if (status === 429)
      throw new FailedExchange('asks to slow down (HTTP 429)', {
        advice: 'try again later',
        mayBeDone: false,
        retryAfterMs: retryAfterMs(retryAfter),
        detail: body.slice(0, LONGEST_DETAIL),
      });
    if (status >= 500)
      throw new FailedExchange(`answers with a failure (HTTP ${status})`, {
        advice: 'try again later, and tell whoever runs it if it lasts',
        mayBeDone: true,
        retryAfterMs: retryAfterMs(retryAfter),
        detail: body.slice(0, LONGEST_DETAIL),
      });
    if (status >= 300 && status < 400)
      throw new CartonaError(
        'usage',
        `${place} redirects to ${location ?? 'another address'}; log in again with the address it redirects to.`,
      );
    return { status, contentType, body };
  }

  return async (request) => {
    let pauseMs = 0;
    const policy = retry(
      handleWhen((error) => error instanceof FailedExchange && isWorthAnother(error, request)),
      {
        maxAttempts: attempts - 1,
        // The pause is made below, where the signal ends it; the policy's own would be waited out.
        backoff: new DelegateBackoff((context) => {
          const asked =
            'error' in context.result && context.result.error instanceof FailedExchange
              ? context.result.error.options.retryAfterMs
              : undefined;
          const jittered = backoffMs(context.attempt - 1, base, LONGEST_BACKOFF_MS, random());
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
      throw error instanceof FailedExchange ? lastingFailure(error, request, place) : error;
    }
  };
}

const isWorthAnother = ({ options }: FailedExchange, request: HttpRequest): boolean =>
  options.passing !== false &&
  (request.repetition === 'repeatable' || !options.mayBeDone) &&
  (options.retryAfterMs ?? 0) <= LONGEST_RETRY_AFTER_MS;

function lastingFailure(failure: FailedExchange, request: HttpRequest, place: string): CartonaError {
  const { advice, mayBeDone, passing, retryAfterMs = 0, detail, who } = failure.options;
  const happened = `${who === undefined ? place : `${who}, which leads to ${place},`} ${failure.happened}`;
  if (request.repetition === 'once' && mayBeDone)
    return new CartonaError(
      'outcome-unknown',
      `${happened}; whether the change was made is not known and is looked up before it is tried again.`,
      detail,
    );
  const wait = retryAfterMs > LONGEST_RETRY_AFTER_MS ? ` for ${Math.ceil(retryAfterMs / 1000)} s` : '';
  const kind = passing === false && mayBeDone ? 'answer' : 'unreachable';
  return new CartonaError(kind, `${happened}${wait}; ${advice}.`, detail, { cause: failure });
}

/** `Retry-After` in either of its forms (seconds, an HTTP date), as milliseconds from now. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/**
 * Parses JSON that must be JSON: an HTML page or cut-off text becomes an `answer` error that says what came instead.
 */
export function parseJson(answer: HttpAnswer, remote: string): unknown {
  try {
    return parseUntrustedJson(answer.body);
  } catch (error) {
    const what = /^\s*</.test(answer.body)
      ? 'a web page'
      : error instanceof TooDeep
        ? `JSON that is ${error.message}`
        : 'something that is not JSON';
    throw new CartonaError(
      'answer',
      `${remote} answered with ${what} (HTTP ${answer.status}); check that the address is the API's and not a website's or a proxy's.`,
      answer.body.slice(0, 20_000),
    );
  }
}
