import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { createHttp, type HttpAnswer } from '../common/http/http.js';
import { readUntrustedJson } from '../common/http/json.js';
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

/** A request for the listing's first page in one dialect: the response, or why there is none. */
type Probe =
  | { readonly kind: 'response'; readonly dialect: DialectName; readonly response: HttpAnswer }
  | { readonly kind: 'failure'; readonly dialect: DialectName; readonly error: unknown };

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
  const probe = async (dialect: DialectName): Promise<Probe> => {
    const { listProducts, authorization } = dialects[dialect];
    try {
      const response = await http({
        method: 'GET',
        path: listProducts,
        query: { page: 1, per_page: 1 },
        headers: authorization(options.token),
        repetition: 'repeatable',
        signal: options.signal,
      });
      return { kind: 'response', dialect, response };
    } catch (error) {
      return { kind: 'failure', dialect, error };
    }
  };
  return chooseDialect(await Promise.all((options.dialect ? [options.dialect] : DIALECTS).map(probe)), options.url);
}

/**
 * Decides from the responses, given in order of preference. A refused token proves the path only as long as no dialect
 * works: some servers refuse a token before they look whether the path exists.
 */
function chooseDialect(probes: readonly Probe[], url: string): DialectName {
  const responses = probes.flatMap((probe) => (probe.kind === 'response' ? [probe] : []));
  const works = responses.find(({ response }) => isList(response));
  if (works) return works.dialect;
  const refused = responses.find(({ response }) => response.status === 401 || response.status === 403)?.response;
  if (refused) {
    throw new CartonaError(
      'credentials',
      `Cartona at ${url} refused the token (HTTP ${refused.status}): it is wrong or has expired; get a new one from Cartona and log in again.`,
      refused.body.slice(0, 500),
    );
  }
  for (const probe of probes) if (probe.kind === 'failure') throw probe.error;
  const other = responses.find(({ response }) => response.status !== 404 && response.status !== 405)?.response;
  if (other) {
    throw new CartonaError(
      'answer',
      `Cartona at ${url} answered the product list with something else (HTTP ${other.status}, ${other.contentType || 'no content type'}); check that the address is the API's.`,
      other.body.slice(0, 2000),
    );
  }
  const tried = probes.map(({ dialect }) => dialects[dialect].listProducts).join(' or ');
  throw new CartonaError(
    'usage',
    `There is no supplier API at ${url} (no ${tried} there); check the address that Cartona gave you.`,
  );
}

const listAnswer = z.union([z.array(z.unknown()), z.object({ data: z.array(z.unknown()) })]);

function isList(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status <= 299 && listAnswer.safeParse(readUntrustedJson(answer.body)).success;
}
