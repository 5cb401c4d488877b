import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { createHttp, type HttpAnswer } from '../common/http.js';
import { readUntrustedJson } from '../common/json.js';
import { DIALECTS, dialects, type DialectName } from './dialects.js';

export interface DiscoverCartonaOptions {
  readonly url: string;
  readonly token: string;
  /** Ask in this dialect only. */
  readonly dialect?: DialectName | undefined;
  readonly timeoutMs?: number;
  readonly attempts?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a server answered to the listing's first page in one dialect: an answer, or why there is none. */
export interface Asked {
  readonly dialect: DialectName;
  readonly answer: HttpAnswer | { readonly failure: unknown };
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Finds out which dialect a marketplace speaks by asking its listing in each. Where both answer, it is the
 * specification's.
 * @throws CartonaError `credentials` when the path is there but the token is refused; `usage` when there is no supplier
 * API; `unreachable`; `answer`
 */
export async function discoverCartona(options: DiscoverCartonaOptions): Promise<DialectName> {
  const http = createHttp({
    remote: 'Cartona',
    baseUrl: options.url,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    secrets: [options.token],
    attempts: options.attempts ?? 2,
  });
  const ask = async (dialect: DialectName): Promise<Asked> => {
    const { listProducts, authorization } = dialects[dialect];
    try {
      const answer = await http({
        method: 'GET',
        path: listProducts,
        query: { page: 1, per_page: 1 },
        headers: authorization(options.token),
        repetition: 'repeatable',
        signal: options.signal,
      });
      return { dialect, answer };
    } catch (failure) {
      return { dialect, answer: { failure } };
    }
  };
  return chooseDialect(await Promise.all((options.dialect ? [options.dialect] : DIALECTS).map(ask)), options.url);
}

/**
 * Decides from the answers, given in order of preference. A refused token proves the path only as long as no dialect
 * works: some servers refuse a token before they look whether the path exists.
 */
export function chooseDialect(asked: readonly Asked[], url: string): DialectName {
  const works = asked.find(({ answer }) => !('failure' in answer) && isList(answer));
  if (works) return works.dialect;
  const refused = statusIn(asked, [401, 403]);
  if (refused) {
    throw new CartonaError(
      'credentials',
      `Cartona at ${url} refused the token (HTTP ${refused.status}): it is wrong or has expired; get a new one from Cartona and log in again.`,
      refused.body.slice(0, 500),
    );
  }
  for (const { answer } of asked) if ('failure' in answer) throw answer.failure;
  const tried = asked.map(({ dialect }) => dialects[dialect].listProducts).join(' or ');
  const other = asked.flatMap(({ answer }) =>
    'failure' in answer || answer.status === 404 || answer.status === 405 ? [] : [answer],
  )[0];
  if (other) {
    throw new CartonaError(
      'answer',
      `Cartona at ${url} answered the product list with something else (HTTP ${other.status}, ${other.contentType || 'no content type'}); check that the address is the API's.`,
      other.body.slice(0, 2000),
    );
  }
  throw new CartonaError(
    'usage',
    `There is no supplier API at ${url} (no ${tried} there); check the address that Cartona gave you.`,
  );
}

function statusIn(asked: readonly Asked[], statuses: readonly number[]): HttpAnswer | undefined {
  return asked.flatMap(({ answer }) => ('failure' in answer || !statuses.includes(answer.status) ? [] : [answer]))[0];
}

const listAnswer = z.union([z.array(z.unknown()), z.object({ data: z.array(z.unknown()) })]);

function isList(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status <= 299 && listAnswer.safeParse(readUntrustedJson(answer.body)).success;
}
