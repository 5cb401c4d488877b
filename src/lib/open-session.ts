import { CartonaError } from './common/errors.js';
import type { Session } from './session.js';
import { pathsOf } from './settings/paths.js';
import { keepPrivate } from './settings/private-files.js';
import { stateKey, type Profile, type Secrets } from './settings/profile.js';
import { loadProfile } from './settings/profiles.js';
import { loadSecrets } from './settings/secrets.js';

/** How long a request is waited for and how often it is tried; each client has its own defaults. */
export interface Timeouts {
  readonly attempts: number;
  readonly cartonaTimeoutMs: number;
  readonly odooTimeoutMs?: number;
}

/** For a person who waits at a terminal for a yes or no: asked once, and not for long. */
export const INTERACTIVE_TIMEOUTS = {
  attempts: 1,
  cartonaTimeoutMs: 10_000,
  odooTimeoutMs: 10_000,
} as const satisfies Timeouts;

export interface OpenSessionOptions {
  readonly profileName: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Session['progress'] | undefined;
  readonly now?: (() => number) | undefined;
  /** Told every secret that is read, so that whoever prints can blot it out. */
  readonly onSecret?: ((secret: string) => void) | undefined;
  readonly warn?: ((line: string) => void) | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/**
 * Opens a stored profile: its settings, its secrets, both clients and the durable rows. Does no request. The caller
 * closes `session.store`.
 * @throws CartonaError `usage` when not logged in, or when the environment names another server than the profile was
 * made for; `local` when settings, secrets or data cannot be read
 */
export async function openSession(options: OpenSessionOptions): Promise<Session> {
  const { profileName, env, signal } = options;
  const paths = pathsOf(env);
  const warn = options.warn ?? (() => undefined);
  await keepPrivate(paths, warn);
  const profile = await loadProfile(paths, profileName);
  refuseOtherServers(profileName, profile, env);
  const secrets = await loadSecrets(paths, profileName, env, warn);
  options.onSecret?.(secrets.cartonaToken);
  options.onSecret?.(secrets.odooKey);
  // Loaded here and not above: a command that fails for want of a login, and one that asks for help, pay for none of
  // it.
  const [clients, { openSqliteStore }] = await Promise.all([
    openClients(profile, secrets, signal, options.timeouts),
    import('./store/sqlite/sqlite-store.js'),
  ]);
  return {
    profileName,
    profile,
    ...clients,
    store: openSqliteStore(paths.dataFile, rowsKey(profileName, profile), {
      generationFile: paths.generationFile,
      onOtherFile: (age) => warn(OTHER_FILE[age](paths.dataFile)),
    }),
    signal,
    now: options.now ?? Date.now,
    progress: options.progress ?? (() => undefined),
  };
}

/** What a person is told of a data file that is not the one that was used last. */
const OTHER_FILE = {
  new: (path: string): string =>
    `the data file ${path} is new, although another was used here before. Prices and stock are compared with Cartona's listing first, and orders that Cartona still lists are found again in Odoo. If there is a copy, bring it back with \`cartona state restore FILE\`.`,
  older: (path: string): string =>
    `the data file ${path} is older than the one that was used last. None of its prices and stock counts as confirmed: they are compared with Cartona's listing first.`,
};

/** Both sides' clients of a profile. Does no request. */
export async function openClients(
  profile: Profile,
  secrets: Secrets,
  signal: AbortSignal | undefined,
  timeouts?: Timeouts,
): Promise<Pick<Session, 'cartona' | 'odoo'>> {
  const [{ createCartona }, { createOdoo }] = await Promise.all([
    import('./cartona/client.js'),
    import('./odoo/client.js'),
  ]);
  const { cartona, odoo } = profile;
  return {
    cartona: createCartona({
      url: cartona.url,
      token: secrets.cartonaToken,
      dialect: cartona.dialect,
      identifyBy: cartona.identifyBy,
      inFlight: cartona.inFlight,
      signal,
      ...(timeouts ? { attempts: timeouts.attempts, timeoutMs: timeouts.cartonaTimeoutMs } : {}),
    }),
    odoo: createOdoo({
      url: odoo.url,
      db: odoo.db,
      login: odoo.login,
      key: secrets.odooKey,
      uid: odoo.uid,
      protocol: odoo.protocol,
      major: odoo.version.major,
      companyId: odoo.company.id,
      signal,
      attempts: timeouts?.attempts,
      timeoutMs: timeouts?.odooTimeoutMs,
    }),
  };
}

/**
 * What is recorded holds for one pair of servers: a profile that is logged in at others later starts with rows of its
 * own.
 */
function rowsKey(profileName: string, profile: Profile): string {
  const { cartonaUrl, odooUrl, odooDb } = stateKey(profile);
  return `${profileName} ${cartonaUrl} ${odooUrl} ${odooDb}`;
}

/**
 * A profile holds what was found at one pair of servers (dialect, user id, company, field, what was confirmed); none of
 * it holds at another. So an address in the environment must be the profile's own: it never redirects a profile.
 */
function refuseOtherServers(profileName: string, profile: Profile, env: NodeJS.ProcessEnv): void {
  const bound: [string, string][] = [
    ['CARTONA_URL', profile.cartona.url],
    ['CARTONA_ODOO_URL', profile.odoo.url],
    ['CARTONA_ODOO_DB', profile.odoo.db],
    ['CARTONA_ODOO_LOGIN', profile.odoo.login],
  ];
  for (const [name, stored] of bound) {
    const given = env[name]?.trim();
    if (!given || sameAddress(given, stored)) continue;
    throw new CartonaError(
      'usage',
      `${name} is ${given}, but profile "${profileName}" was made for ${stored}; unset it, choose another profile with --profile, or run \`cartona login\` for it.`,
    );
  }
}

const sameAddress = (a: string, b: string): boolean => a.replace(/\/+$/, '') === b.replace(/\/+$/, '');
