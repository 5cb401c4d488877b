import { randomBytes } from 'node:crypto';
import { CartonaError } from '../common/errors.js';
import type { Paths } from './paths.js';
import { findStored, removeSecrets, store, type SecretPlace } from './secrets.js';
import { signingKey } from './signing-secret.js';

/** With what Cartona proves at the webhook receiver that it is Cartona. */
export interface WebhookSecrets {
  /** Sent as `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** Keys of Standard Webhooks, `whsec_` and base64; several while one is exchanged for another. */
  readonly signing: readonly string[];
}

export const TOKEN_VARIABLE = 'CARTONA_WEBHOOK_TOKEN';
export const SECRETS_VARIABLE = 'CARTONA_WEBHOOK_SECRETS';

const SHORTEST_TOKEN = 16;

/** The webhook secrets that the environment gives; they win over the stored ones, each kind as a whole. */
export function environmentWebhookSecrets(env: NodeJS.ProcessEnv): {
  readonly token: string | undefined;
  readonly signing: readonly string[] | undefined;
} {
  const signing = listed(env[SECRETS_VARIABLE] ?? '');
  return { token: env[TOKEN_VARIABLE]?.trim() || undefined, signing: signing.length === 0 ? undefined : signing };
}

/**
 * A profile's webhook secrets: the environment's, else the stored ones. None at all is no error: the receiver then
 * refuses everything.
 * @throws CartonaError `local` when they cannot be read; `usage` when one has not the form it must have
 */
export async function findWebhookSecrets(
  paths: Paths,
  profileName: string,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<WebhookSecrets> {
  const given = environmentWebhookSecrets(env);
  const stored =
    given.token !== undefined && given.signing !== undefined
      ? undefined
      : await storedWebhookSecrets(paths, profileName, warn);
  const token = given.token ?? stored?.token;
  const signing = given.signing ?? stored?.signing ?? [];
  for (const secret of signing) signingKey(secret);
  return { token: token === undefined ? undefined : requireToken(token), signing };
}

/** The stored ones alone: what a command changes. */
export async function storedWebhookSecrets(
  paths: Paths,
  profileName: string,
  warn: (line: string) => void,
): Promise<WebhookSecrets> {
  const { webhookToken, webhookSecrets } = await findStored(
    paths,
    profileName,
    ['webhookToken', 'webhookSecrets'],
    warn,
  );
  return { token: webhookToken, signing: listed(webhookSecrets ?? '') };
}

/**
 * Stores a new bearer token in the place of the old. @throws CartonaError `usage` when it is too short or cannot stand
 * in a header
 */
export async function saveWebhookToken(
  paths: Paths,
  profileName: string,
  token: string,
  warn: (line: string) => void,
): Promise<SecretPlace> {
  return store(paths, profileName, { webhookToken: requireToken(token) }, warn);
}

/** Stores the signing secrets that hold from now on; none removes them. */
export async function saveSigningSecrets(
  paths: Paths,
  profileName: string,
  secrets: readonly string[],
  warn: (line: string) => void,
): Promise<void> {
  if (secrets.length === 0) await removeSecrets(paths, profileName, warn, ['webhookSecrets']);
  else await store(paths, profileName, { webhookSecrets: secrets.join(',') }, warn);
}

export const removeWebhookToken = (paths: Paths, profileName: string, warn: (line: string) => void): Promise<void> =>
  removeSecrets(paths, profileName, warn, ['webhookToken']);

export const newToken = (): string => randomBytes(32).toString('base64url');

/** A token must be hard to guess, and pass through a header as it stands. */
function requireToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= SHORTEST_TOKEN) return token;
  throw new CartonaError(
    'usage',
    `A webhook token has at least ${SHORTEST_TOKEN} characters and no spaces; let \`cartona webhook token\` make one.`,
  );
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
