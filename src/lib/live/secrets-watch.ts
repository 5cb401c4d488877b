import { CartonaError } from '../common/errors.js';
import { openClients, type Timeouts } from '../open-session.js';
import type { Session } from '../session.js';
import { pathsOf } from '../settings/paths.js';
import type { Profile, Secrets } from '../settings/profile.js';
import { findProfile } from '../settings/profiles.js';
import { findSecrets } from '../settings/secrets.js';
import { findWebhookSecrets } from '../settings/webhook-secrets.js';
import { info, type Log } from './events.js';
import type { Clients } from './remotes/remotes.js';
import type { ReceiverSecrets } from './webhooks/receiver.js';
import { pause } from './wakeable-sleep.js';

/** How often it is looked whether secrets were replaced or taken away. */
const LOOK_MS = 5000;

/**
 * The secrets as they stand now. `clients` is absent while the credentials of both sides are the same as before.
 * `ended`: the profile is no longer there, or no longer the one that the service was started with.
 */
export type ReloadedSecrets =
  | { readonly kind: 'read'; readonly clients: Clients | undefined; readonly webhooks: ReceiverSecrets }
  | { readonly kind: 'ended'; readonly reason: string };

export interface SecretsReaderOptions {
  readonly session: Session;
  readonly env: NodeJS.ProcessEnv;
  readonly timeouts: Timeouts;
  /** Ends requests that the new clients have under way. */
  readonly signal: AbortSignal;
  /** Told of every secret before anything is done with it. */
  readonly onSecret: (secret: string | undefined) => void;
}

/** @returns reads the secrets of a running profile anew; rejects with `local` when they are not there or cannot be read */
export function secretsReader(options: SecretsReaderOptions): () => Promise<ReloadedSecrets> {
  const { session, env, timeouts, signal, onSecret } = options;
  const { profileName } = session;
  const paths = pathsOf(env);
  const ignore = (): void => undefined;
  let known: Secrets | undefined;
  return async () => {
    const profile = await findProfile(paths, profileName);
    if (profile === undefined)
      return {
        kind: 'ended',
        reason: `Profile "${profileName}" was logged out while the service ran; run \`cartona login\`, then start the service again.`,
      };
    // The new secrets belong to the new servers: they are never sent to those of the start.
    if (!isSameLogin(profile, session.profile))
      return {
        kind: 'ended',
        reason: `Profile "${profileName}" was logged in elsewhere while the service ran; start the service again.`,
      };
    const { cartonaToken, odooKey } = await findSecrets(paths, profileName, env, ignore);
    // Nobody logged out: a key store that does not answer looks the same as one that holds nothing.
    if (cartonaToken === undefined || odooKey === undefined)
      throw new CartonaError(
        'local',
        `The secrets of profile "${profileName}" are not there, or their key store does not answer; if that lasts, run \`cartona login\`.`,
      );
    const { token, signing } = await findWebhookSecrets(paths, profileName, env, ignore);
    const hintSecret = profile.odoo.push?.secret;
    for (const secret of [cartonaToken, odooKey, token, ...signing, hintSecret]) onSecret(secret);
    const same = known === undefined || (known.cartonaToken === cartonaToken && known.odooKey === odooKey);
    known = { cartonaToken, odooKey };
    return {
      kind: 'read',
      webhooks: { bearerToken: token, signingSecrets: signing, hintSecret },
      clients: same ? undefined : await openClients(session.profile, known, signal, timeouts),
    };
  };
}

const isSameLogin = (a: Profile, b: Profile): boolean =>
  a.cartona.url === b.cartona.url && a.odoo.url === b.odoo.url && a.odoo.db === b.odoo.db && a.odoo.uid === b.odoo.uid;

export interface SecretsWatchOptions {
  readonly read: () => Promise<ReloadedSecrets>;
  readonly onRead: (secrets: Extract<ReloadedSecrets, { kind: 'read' }>) => Promise<void>;
  /** They cannot be read: nobody knows whether the old ones still hold. */
  readonly onUnreadable: () => void;
  readonly onEnded: (reason: string) => void;
  readonly log: Log;
  readonly lookMs?: number;
}

/** Takes up replaced secrets until the signal. */
export async function watchSecrets(options: SecretsWatchOptions, signal: AbortSignal): Promise<void> {
  const { read, onRead, onUnreadable, onEnded, log, lookMs = LOOK_MS } = options;
  let readable = true;
  while (!signal.aborted) {
    await pause(lookMs, signal);
    if (signal.aborted) return;
    try {
      const secrets = await read();
      if (secrets.kind === 'ended') return onEnded(secrets.reason);
      await onRead(secrets);
      if (!readable) log(info('secrets', 'The secrets can be read again.'));
      readable = true;
    } catch (error) {
      onUnreadable();
      const reason = error instanceof Error ? error.message : String(error);
      if (readable)
        log({
          level: 'error',
          event: 'secrets',
          message: `${reason} Nothing is sent or received until the secrets can be read again.`,
        });
      readable = false;
    }
  }
}
