import { z } from 'zod';
import { backoffMs } from '../../common/backoff.js';
import { CartonaError } from '../../common/errors.js';
import { createHttp, parseJson, type Http, type HttpAnswer, type HttpRequest } from '../../common/http/http.js';
import { readUntrustedJson, TooDeep } from '../../common/http/json.js';
import { faultError, isSerializationFailure, type OdooFault } from '../faults.js';

export const PROTOCOLS = ['xml-rpc', 'json-rpc', 'json-2'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * Arguments by name, `ids` and `context` among them: JSON-2 knows no positional ones, and the older protocols take
 * both.
 */
export type NamedArguments = Readonly<Record<string, unknown>> & {
  readonly ids?: readonly number[];
  readonly context?: Readonly<Record<string, unknown>>;
};

export interface OdooAccount {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  /** An API key or a password. JSON-2 takes an API key only. */
  readonly key: string;
  /** The user's id as `authenticate` told it; JSON-2 needs none. */
  readonly uid: number;
}

export interface TransportOptions {
  readonly timeoutMs?: number | undefined;
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `model.method` once over the wire (with the retries that `repetition` allows) and returns the raw result; a
 * method without a result gives `null`.
 */
export type Transport = (
  model: string,
  method: string,
  args: NamedArguments,
  repetition: HttpRequest['repetition'],
) => Promise<unknown>;

const DEFAULT_TIMEOUT_MS = 120_000;
/** Tries of a call whose transaction Odoo rolled back because of a concurrent one. */
const SERIALIZATION_TRIES = 5;
const LONGEST_PAUSE_MS = 10_000;

/** @param key absent where nobody proves who they are */
export function createOdooHttp(url: string, key: string | undefined, options: TransportOptions): Http {
  return createHttp({
    remote: 'Odoo',
    baseUrl: url,
    secrets: key === undefined ? [] : [key],
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
  });
}

/** The transport of a protocol. */
export function createTransport(protocol: Protocol, account: OdooAccount, options: TransportOptions): Transport {
  const http = createOdooHttp(account.url, account.key, options);
  const exchange =
    protocol === 'json-2'
      ? json2(http, account, options)
      : protocol === 'json-rpc'
        ? jsonRpc(http, account, options)
        : xmlRpc(http, account, options);
  return async (model, method, args, repetition) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await exchange(model, method, args, repetition);
      if (response.kind === 'result') return response.result;
      if (isSerializationFailure(response.fault) && attempt < SERIALIZATION_TRIES) {
        await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, 100, LONGEST_PAUSE_MS)));
        continue;
      }
      throw faultError(response.fault, `${method} ${model}`, `Odoo at ${account.url}`);
    }
  };
}

/** The answer to one RPC request: what the method returned, or Odoo's refusal. */
export type RpcResponse =
  { readonly kind: 'result'; readonly result: unknown } | { readonly kind: 'fault'; readonly fault: OdooFault };
type Exchange = (...call: Parameters<Transport>) => Promise<RpcResponse>;

/**
 * The older protocols' form. Their `create` fails ("index out of range", 18 and 19) unless its values stand as a
 * positional argument, and so do those of `write`: up to 18 its parameter has another name on some models (`values` on
 * sale.order and sale.order.line).
 */
function positional({ ids, vals_list: list, vals, ...named }: NamedArguments): [unknown[], Record<string, unknown>] {
  return [[ids, list, vals].filter((argument) => argument !== undefined), named];
}

const jsonRpcBody = z.object({
  result: z.unknown().optional(),
  error: z
    .object({
      message: z.string().default('error'),
      data: z
        .object({ name: z.string().default(''), message: z.unknown().optional(), debug: z.unknown().optional() })
        .optional(),
    })
    .optional(),
});

/** One JSON-RPC request to a service (`common`, `object`); errors come with HTTP 200. */
export async function jsonRpcCall(
  http: Http,
  service: string,
  method: string,
  args: readonly unknown[],
  repetition: HttpRequest['repetition'],
  signal: AbortSignal | undefined,
): Promise<RpcResponse> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } });
  const answer = await http({ method: 'POST', path: '/jsonrpc', body, repetition, signal });
  const read = jsonRpcBody.safeParse(answer.status === 200 ? parseJson(answer, 'Odoo') : undefined);
  if (!read.success) throw noApi(answer, 'JSON-RPC');
  const error = read.data.error;
  if (!error) return { kind: 'result', result: read.data.result ?? null };
  return {
    kind: 'fault',
    fault: {
      name: error.data?.name ?? '',
      message: asText(error.data?.message) ?? error.message,
      traceback: asText(error.data?.debug) ?? '',
    },
  };
}

function jsonRpc(http: Http, account: OdooAccount, options: TransportOptions): Exchange {
  return (model, method, args, repetition) => {
    const [positionals, named] = positional(args);
    return jsonRpcCall(
      http,
      'object',
      'execute_kw',
      [account.db, account.uid, account.key, model, method, positionals, named],
      repetition,
      options.signal,
    );
  };
}

const json2Error = z.object({
  name: z.string().default(''),
  message: z.unknown().optional(),
  debug: z.unknown().optional(),
});

function json2(http: Http, account: OdooAccount, options: TransportOptions): Exchange {
  const headers = { Authorization: `bearer ${account.key}`, 'X-Odoo-Database': account.db };
  return async (model, method, args, repetition) => {
    let answer: HttpAnswer;
    try {
      answer = await http({
        method: 'POST',
        path: `/json/2/${model}/${method}`,
        body: JSON.stringify(args),
        headers,
        repetition,
        signal: options.signal,
      });
    } catch (error) {
      // JSON-2 reports refusals by HTTP status, 5xx among them, which the HTTP client takes for a passing failure: the
      // body says which it was.
      const fault =
        error instanceof CartonaError && error.detail !== undefined ? readJson2Fault(error.detail) : undefined;
      if (!fault) throw error;
      return { kind: 'fault', fault };
    }
    if (answer.status >= 200 && answer.status < 300)
      return { kind: 'result', result: answer.body.trim() === '' ? null : parseJson(answer, 'Odoo') };
    const fault = readJson2Fault(answer.body);
    if (fault) return { kind: 'fault', fault };
    if (answer.status === 401 || answer.status === 403)
      return {
        kind: 'fault',
        fault: { name: 'AccessDenied', message: 'Access Denied', traceback: answer.body.slice(0, 2000) },
      };
    throw noApi(answer, 'JSON-2');
  };
}

function readJson2Fault(body: string): OdooFault | undefined {
  const read = json2Error.safeParse(readUntrustedJson(body));
  if (!read.success || read.data.name === '') return undefined;
  return {
    name: read.data.name,
    message: asText(read.data.message) ?? read.data.name,
    traceback: asText(read.data.debug) ?? '',
  };
}

/**
 * One XML-RPC request to a service. The body is given to the parser only when it is XML: it takes an HTML error page
 * for XML and fails in the dark.
 */
export async function xmlRpcCall(
  http: Http,
  service: string,
  method: string,
  args: readonly unknown[],
  repetition: HttpRequest['repetition'],
  signal: AbortSignal | undefined,
): Promise<RpcResponse> {
  const { serializeMethodCall, readMethodResponse } = await import('./xmlrpc-wire.js');
  const body = serializeMethodCall(method, args);
  const answer = await http({
    method: 'POST',
    path: `/xmlrpc/2/${service}`,
    body,
    contentType: 'text/xml',
    repetition,
    signal,
  });
  if (answer.status !== 200 || !/xml/i.test(answer.contentType)) throw noApi(answer, 'XML-RPC');
  const read = unlessUnreadable(answer, readMethodResponse);
  if (read.kind === 'result') return read;
  const { code, text } = read;
  // The method returned nothing, and Odoo cannot say so over XML-RPC; the work was done and committed.
  if (text.includes('cannot marshal None')) return { kind: 'result', result: null };
  // Odoo's codes: 2 warning, 3 access denied, 4 access error; 1 is anything else, with a traceback as its text.
  const name =
    code === 3
      ? 'AccessDenied'
      : code === 4
        ? 'AccessError'
        : (/^([\w.]+(?:Error|Exception|Denied|Failure)):/m.exec(text)?.[1] ?? '');
  return { kind: 'fault', fault: { name, message: text, traceback: text } };
}

/** @throws CartonaError `answer` for XML that cannot be read */
function unlessUnreadable<T>(answer: HttpAnswer, read: (xml: string) => T): T {
  try {
    return read(answer.body);
  } catch (error) {
    throw new CartonaError(
      'answer',
      `Odoo answered with XML that cannot be read (${error instanceof TooDeep ? error.message : 'it is damaged'}); check that the address is Odoo's and not a proxy's. A command shows the answer with --debug.`,
      answer.body.slice(0, 2000),
      { cause: error },
    );
  }
}

function xmlRpc(http: Http, account: OdooAccount, options: TransportOptions): Exchange {
  return (model, method, args, repetition) => {
    const [positionals, named] = positional(args);
    return xmlRpcCall(
      http,
      'object',
      'execute_kw',
      [account.db, account.uid, account.key, model, method, positionals, named],
      repetition,
      options.signal,
    );
  };
}

function noApi(answer: HttpAnswer, protocol: string): CartonaError {
  return new CartonaError(
    'answer',
    `What answers at Odoo's address is not Odoo's ${protocol} (HTTP ${answer.status}, ${answer.contentType || 'no content type'}); check the address and run \`cartona login\` again.`,
    answer.body.slice(0, 2000),
  );
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}
