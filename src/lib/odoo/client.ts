import type { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { unreadableFields } from '../common/http/unreadable.js';
import {
  createTransport,
  type NamedArguments,
  type OdooAccount,
  type Protocol,
  type TransportOptions,
} from './transports/transports.js';

export interface OdooOptions extends OdooAccount, TransportOptions {
  readonly protocol: Protocol;
  /** The major version: 16, 18, 19… */
  readonly major: number;
  /** The company whose values are meant; without it Odoo answers for whichever comes first. */
  readonly companyId?: number | undefined;
}

export interface OdooClient {
  readonly major: number;
  readonly protocol: Protocol;
  readonly url: string;
  /**
   * Calls `model.method` with arguments by name (`ids` first where the method works on records) and parses the answer.
   * Reads are repeated after passing failures; anything else is repeated only when it certainly was not done, unless
   * `repeatable` says that doing it twice is the same as once.
   * @throws CartonaError `credentials`, `refused`, `unreachable`, `outcome-unknown` (a write without an answer),
   * `answer`
   */
  call<S extends z.ZodType>(
    model: string,
    method: string,
    args: NamedArguments,
    answer: S,
    options?: { repeatable?: boolean },
  ): Promise<z.output<S>>;
}

/** Methods that change nothing. */
const READS = new Set([
  'search',
  'search_read',
  'search_count',
  'read',
  'read_group',
  'formatted_read_group',
  'fields_get',
  'name_search',
  'check_object_reference',
  'get_external_id',
  'has_group',
  'check_access_rights',
  'has_access',
  'context_get',
]);

/** Opens an Odoo over the given protocol. Does no request by itself. */
export function createOdoo(options: OdooOptions): OdooClient {
  const transport = createTransport(options.protocol, options, options);
  // Without the company Odoo takes the user's current one, which another person may change in the browser.
  const company = options.companyId === undefined ? {} : { allowed_company_ids: [options.companyId] };
  return {
    major: options.major,
    protocol: options.protocol,
    url: options.url,
    async call(model, method, args, answer, callOptions) {
      const repetition = READS.has(method) || callOptions?.repeatable ? 'repeatable' : 'once';
      const result = await transport(model, method, { ...args, context: { ...company, ...args.context } }, repetition);
      const parsed = answer.safeParse(result);
      if (parsed.success) return parsed.data;
      const [wrong] = unreadableFields(result, parsed.error);
      throw new CartonaError(
        'answer',
        `Odoo at ${options.url} was asked for ${method} of ${model}, and its answer cannot be understood (${wrong === undefined ? 'it is something else' : wrong.field === 'entry' ? `it is ${wrong.value}` : `${wrong.field} is ${wrong.value}`}); an addition to that Odoo may have changed it. A command shows the whole answer with --debug.`,
        JSON.stringify(result)?.slice(0, 2000),
      );
    },
  };
}
