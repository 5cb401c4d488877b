import { z } from 'zod';
import { CartonaError, isCartonaError } from '../common/errors.js';
import { parseJson, type Http } from '../common/http/http.js';
import { createOdoo, type OdooClient } from './client.js';
import { faultError } from './faults.js';
import { findIdField, type IdFieldFound } from './id-field.js';
import { checkRights, type Right } from './rights.js';
import {
  createOdooHttp,
  createTransport,
  jsonRpcCall,
  xmlRpcCall,
  type Protocol,
  type RpcResponse,
  type TransportOptions,
} from './transports/transports.js';

/** How to enter an Odoo. `key` is an API key or a password. */
export interface OdooAccess {
  readonly url: string;
  readonly db: string;
  readonly login: string;
  readonly key: string;
}

export interface ConnectOptions extends TransportOptions {
  /** The protocol to use; without it the best one that works with this key is found by calling. */
  readonly protocol?: Protocol | undefined;
  /** The company's id or name; without it the user's own. */
  readonly company?: string | undefined;
}

export interface OdooVersion {
  /** 16, 18, 19… */
  readonly major: number;
  /** As the server writes it: `18.0`, `saas~18.1+e`. */
  readonly text: string;
}

/** An Odoo that was entered, and as whom. */
export interface OdooConnection {
  readonly client: OdooClient;
  readonly version: OdooVersion;
  readonly protocol: Protocol;
  readonly uid: number;
  readonly company: { readonly id: number; readonly name: string };
}

/** What `cartona login` finds out about an Odoo. */
export interface OdooFound extends Omit<OdooConnection, 'client'> {
  readonly idField: IdFieldFound;
  readonly rights: readonly Right[];
}

const FIRST_WITH_JSON2 = 19;

/**
 * Enters an Odoo and finds out what a profile holds about it.
 * @param options.idField a field that the person named for the Cartona id (see `chosenField`)
 * @throws CartonaError `unreachable`, `answer` (no Odoo there), `credentials`, `usage` (no such database, company or
 * field)
 */
export async function discoverOdoo(
  access: OdooAccess,
  options: ConnectOptions & { readonly idField?: string | undefined } = {},
): Promise<OdooFound> {
  const { client, ...connection } = await connectOdoo(access, options);
  const idField = await findIdField(client, options.idField);
  return { ...connection, idField, rights: await checkRights(client, idField.field, connection.uid) };
}

/** The version of the Odoo at an address; needs no login. Errors as `discoverOdoo`. */
export const odooVersion = (url: string, options: TransportOptions): Promise<OdooVersion> =>
  readVersion(createOdooHttp(url, undefined, options), url, options.signal);

/** Enters an Odoo: its version, the best protocol that works, the user and the company. Errors as `discoverOdoo`. */
export async function connectOdoo(access: OdooAccess, options: ConnectOptions = {}): Promise<OdooConnection> {
  const http = createOdooHttp(access.url, access.key, options);
  const version = await readVersion(http, access.url, options.signal);
  const { protocol, uid } = await enter(http, access, version, options);
  const open = (companyId?: number): OdooClient =>
    createOdoo({ ...options, ...access, uid, protocol, major: version.major, companyId });
  const company = await chooseCompany(open(), access, uid, options.company);
  return { client: open(company.id), version, protocol, uid, company };
}

const versionAnswer = z.object({ server_version: z.string() });

/** The version, by whichever of the ways is there: JSON-RPC (8–21), `/web/version` (19 and later), XML-RPC. */
async function readVersion(http: Http, url: string, signal: AbortSignal | undefined): Promise<OdooVersion> {
  const rpc = (response: RpcResponse): string =>
    versionAnswer.parse(response.kind === 'result' ? response.result : undefined).server_version;
  const ways = [
    async () => rpc(await jsonRpcCall(http, 'common', 'version', [], 'repeatable', signal)),
    async () =>
      z
        .object({ version: z.string() })
        .parse(parseJson(await http({ method: 'GET', path: '/web/version', repetition: 'repeatable', signal }), 'Odoo'))
        .version,
    async () => rpc(await xmlRpcCall(http, 'common', 'version', [], 'repeatable', signal)),
  ];
  let details = '';
  for (const way of ways) {
    try {
      const text = await way();
      return { major: majorOf(text, url), text };
    } catch (error) {
      if (!isCartonaError(error, 'answer') && !(error instanceof z.ZodError)) throw error;
      details += `${error.message}\n`;
    }
  }
  throw new CartonaError(
    'answer',
    `What answers at ${url} is not an Odoo; check the address (the one in the browser, without what follows the host name).`,
    details,
  );
}

function majorOf(text: string, url: string): number {
  const major = Number(/(\d+)/.exec(text)?.[1]);
  if (Number.isInteger(major)) return major;
  throw new CartonaError('answer', `Odoo at ${url} tells a version that cannot be read: ${text.slice(0, 40)}.`);
}

/** The first protocol, best first, over which the user can really make a call. */
async function enter(
  http: Http,
  access: OdooAccess,
  version: OdooVersion,
  options: ConnectOptions,
): Promise<{ protocol: Protocol; uid: number }> {
  if (options.protocol === 'json-2' && version.major < FIRST_WITH_JSON2)
    throw new CartonaError(
      'usage',
      `Odoo at ${access.url} is ${version.text}, and JSON-2 came with ${FIRST_WITH_JSON2}; choose json-rpc or xml-rpc, or leave the protocol out.`,
    );
  const modern: Protocol[] = version.major >= FIRST_WITH_JSON2 ? ['json-2'] : [];
  const order: Protocol[] = options.protocol ? [options.protocol] : [...modern, 'json-rpc', 'xml-rpc'];
  const failures: unknown[] = [];
  for (const protocol of order) {
    try {
      const uid =
        protocol === 'json-2' ? await enterByKey(access, options) : await authenticate(http, protocol, access, options);
      return { protocol, uid };
    } catch (error) {
      // JSON-2 takes API keys only and has no login: a password is no fault there, and the older protocols tell what
      // is.
      const worthNext =
        isCartonaError(error, 'answer') ||
        (protocol === 'json-2' && isCartonaError(error, 'credentials', 'usage', 'refused'));
      if (!worthNext) throw error;
      failures.push(error);
    }
  }
  throw failures.find((error) => !isCartonaError(error, 'answer')) ?? failures[0];
}

const loginAnswer = z.array(z.object({ login: z.string() })).length(1);
const contextAnswer = z.looseObject({ uid: z.number().int() });

async function enterByKey(access: OdooAccess, options: ConnectOptions): Promise<number> {
  const call = createTransport('json-2', { ...access, uid: 0 }, options);
  const context = contextAnswer.safeParse(await call('res.users', 'context_get', {}, 'repeatable'));
  if (!context.success)
    throw new CartonaError(
      'answer',
      `Odoo at ${access.url} does not tell whose the key is; choose another protocol with --protocol.`,
    );
  const user = loginAnswer.safeParse(
    await call('res.users', 'read', { ids: [context.data.uid], fields: ['login'] }, 'repeatable'),
  );
  const login = user.success ? user.data[0]?.login : undefined;
  if (login === access.login) return context.data.uid;
  throw new CartonaError(
    'credentials',
    `The API key given for "${access.login}" is not that user's; make a key as the user, or give the login that it belongs to.`,
  );
}

async function authenticate(
  http: Http,
  protocol: 'json-rpc' | 'xml-rpc',
  access: OdooAccess,
  options: ConnectOptions,
): Promise<number> {
  const { url, db, login, key } = access;
  const call = protocol === 'json-rpc' ? jsonRpcCall : xmlRpcCall;
  const response = await call(http, 'common', 'authenticate', [db, login, key, {}], 'repeatable', options.signal);
  if (response.kind === 'fault') throw faultError(response.fault, 'authenticate', `Odoo at ${url}`);
  const uid = z.number().int().positive().safeParse(response.result);
  if (!uid.success)
    throw new CartonaError(
      'credentials',
      `Odoo at ${url} refused the login "${login}" with this key for the database "${db}"; check all three (a key may have expired).`,
    );
  await createTransport(protocol, { ...access, uid: uid.data }, options)('res.users', 'context_get', {}, 'repeatable');
  return uid.data;
}

const companiesAnswer = z.array(z.object({ id: z.number().int(), name: z.string() }));
const userAnswer = z
  .array(z.object({ company_id: z.tuple([z.number().int(), z.string()]), company_ids: z.array(z.number().int()) }))
  .length(1);

async function chooseCompany(
  odoo: OdooClient,
  access: OdooAccess,
  uid: number,
  wanted: string | undefined,
): Promise<{ id: number; name: string }> {
  const [user] = await odoo.call(
    'res.users',
    'read',
    { ids: [uid], fields: ['company_id', 'company_ids'] },
    userAnswer,
  );
  if (user === undefined) throw new CartonaError('answer', `Odoo at ${access.url} does not know its own user ${uid}.`);
  if (wanted === undefined) return { id: user.company_id[0], name: user.company_id[1] };
  const allowed = await odoo.call('res.company', 'read', { ids: user.company_ids, fields: ['name'] }, companiesAnswer);
  const chosen = allowed.find(
    (company) => String(company.id) === wanted.trim() || company.name.toLowerCase() === wanted.trim().toLowerCase(),
  );
  if (chosen) return { id: chosen.id, name: chosen.name };
  const names = allowed.map((company) => `${company.id} (${company.name})`).join(', ');
  throw new CartonaError(
    'usage',
    `The user "${access.login}" has no company "${wanted}" in Odoo; its companies are ${names}.`,
  );
}
