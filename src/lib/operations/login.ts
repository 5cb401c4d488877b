import { discoverCartona } from '../cartona/discover.js';
import type { DialectName } from '../cartona/dialects.js';
import { CartonaError, isCartonaError } from '../common/errors.js';
import { discoverOdoo, type OdooFound } from '../odoo/discover.js';
import type { ProductField } from '../odoo/id-field.js';
import type { Right } from '../odoo/rights.js';
import type { Protocol } from '../odoo/transports/transports.js';
import { cartonaAddress, isUnencrypted, odooAddress, refuseUnencrypted } from '../settings/address.js';
import { profileSchema, stateKey, type Profile } from '../settings/profile.js';

/** What a person gives at login; what is left out is found, or taken over from the profile that is there. */
export interface LoginRequest {
  readonly cartonaUrl: string;
  readonly cartonaToken: string;
  readonly odooUrl: string;
  readonly odooDb: string;
  readonly odooLogin: string;
  readonly odooKey: string;
  readonly dialect?: DialectName | undefined;
  readonly protocol?: Protocol | undefined;
  /** The company's id or name. */
  readonly company?: string | undefined;
  /** `default_code`, `barcode`, or `model:name`. */
  readonly idField?: string | undefined;
  readonly identifyBy?: Profile['cartona']['identifyBy'] | undefined;
  /** The profile stored under that name, when there is one: its settings are kept. */
  readonly stored?: Profile | undefined;
  /**
   * The addresses are new, but the account and the database are those of the stored profile: what was recorded of them
   * counts on.
   */
  readonly moved?: boolean | undefined;
  /** Secrets may be sent unencrypted to any address. */
  readonly insecureHttp?: boolean | undefined;
  /** Asked before the key is sent unencrypted to a new address of Odoo in one's own network; absent: it is sent. */
  readonly agreeToUnencrypted?: ((url: string) => Promise<boolean>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LoginResult {
  readonly profile: Profile;
  readonly rights: readonly Right[];
  /** Other fields in Odoo that look as if they held the Cartona id. */
  readonly otherIdFields: readonly ProductField[];
  /** The stored profile was of other servers: what was recorded there does not count here. */
  readonly startsAnew: boolean;
}

/** A person waits at the terminal: fewer tries than a job that runs by itself. */
const ATTEMPTS = 2;

/**
 * Tests both sides and makes the profile of what was found; stores nothing.
 * @throws CartonaError what was wrong on either side, and of both where both were wrong
 */
export async function logIn(request: LoginRequest): Promise<LoginResult> {
  const cartonaUrl = cartonaAddress(request.cartonaUrl);
  const odooUrl = odooAddress(request.odooUrl);
  const { stored, signal } = request;
  await refuseUnencryptedLogin(request, cartonaUrl, odooUrl);
  const sameAddress = stored?.odoo.url === odooUrl && stored.odoo.db === request.odooDb;
  // What belongs to the database (company, field, push) goes with it to a new address.
  const sameOdoo = sameAddress || request.moved ? stored?.odoo : undefined;
  const [dialect, odoo] = await both(
    discoverCartona({
      url: cartonaUrl,
      token: request.cartonaToken,
      dialect: request.dialect,
      attempts: ATTEMPTS,
      signal,
    }),
    findOdoo({ ...request, odooUrl }, sameOdoo),
  );
  const sameServers = sameAddress && stored.cartona.url === cartonaUrl;
  const profile = profileSchema.parse({
    ...stored,
    recordedAs: sameServers ? stored.recordedAs : request.moved && stored ? stateKey(stored) : undefined,
    cartona: {
      ...stored?.cartona,
      url: cartonaUrl,
      dialect,
      ...(request.identifyBy ? { identifyBy: request.identifyBy } : {}),
    },
    odoo: {
      url: odooUrl,
      db: request.odooDb,
      login: request.odooLogin,
      uid: odoo.uid,
      version: odoo.version,
      protocol: odoo.protocol,
      company: odoo.company,
      idField: odoo.idField.field ?? null,
      ...(sameOdoo?.push === undefined ? {} : { push: sameOdoo.push }),
    },
  });
  return {
    profile,
    rights: odoo.rights,
    otherIdFields: odoo.idField.others,
    startsAnew: stored !== undefined && !sameServers && !request.moved,
  };
}

/** Addresses that the stored profile has were agreed to when they were new. */
async function refuseUnencryptedLogin(request: LoginRequest, cartonaUrl: string, odooUrl: string): Promise<void> {
  const { stored, insecureHttp, agreeToUnencrypted } = request;
  if (insecureHttp) return;
  if (stored?.cartona.url !== cartonaUrl) refuseUnencrypted(cartonaUrl, 'Cartona', []);
  if (stored?.odoo.url === odooUrl) return;
  refuseUnencrypted(odooUrl, 'Odoo', ['private']);
  if (!isUnencrypted(odooUrl) || agreeToUnencrypted === undefined || (await agreeToUnencrypted(odooUrl))) return;
  throw new CartonaError('usage', `Nothing was sent to Odoo at ${odooUrl}; log in with its https address.`);
}

/** At the same Odoo, the company and the field that the profile had are meant again, unless others are named. */
async function findOdoo(request: LoginRequest, same: Profile['odoo'] | undefined): Promise<OdooFound> {
  const access = { url: request.odooUrl, db: request.odooDb, login: request.odooLogin, key: request.odooKey };
  const options = { protocol: request.protocol, attempts: ATTEMPTS, signal: request.signal };
  const asked = { company: request.company, idField: request.idField };
  if (same === undefined) return discoverOdoo(access, { ...options, ...asked });
  try {
    const kept = {
      company: String(same.company.id),
      idField: same.idField ? `${same.idField.model}:${same.idField.name}` : undefined,
    };
    return await discoverOdoo(access, {
      ...options,
      company: asked.company ?? kept.company,
      idField: asked.idField ?? kept.idField,
    });
  } catch (error) {
    // What the profile had may be gone since (another company, a removed field): it is found anew.
    // After a move it must all be there, or it is not the same database.
    if (request.moved || !isCartonaError(error, 'usage')) throw error;
    return discoverOdoo(access, { ...options, ...asked });
  }
}

/** Waits for both, so that a person with two mistakes hears of both at once. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  const failures = [a, b].flatMap((settled): unknown[] => (settled.status === 'rejected' ? [settled.reason] : []));
  const [one, two] = failures;
  if (isCartonaError(one) && isCartonaError(two) && one.kind !== 'interrupted') {
    throw new CartonaError(
      one.kind,
      `${one.message} Also: ${two.message}`,
      [one.detail, two.detail].filter(Boolean).join('\n\n'),
    );
  }
  throw one;
}
