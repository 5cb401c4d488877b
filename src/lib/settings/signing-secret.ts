import { createHash, randomBytes } from 'node:crypto';
import { CartonaError } from '../common/errors.js';

const PREFIX = 'whsec_';
/** Standard Webhooks recommends 24 to 64 bytes; what is shorter than this can be guessed. */
const FEWEST_BYTES = 16;

/**
 * The key of a Standard Webhooks secret (`whsec_` and base64).
 * @throws CartonaError `usage` when it is not of that form
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signingKey(secret: string): Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && key.length >= FEWEST_BYTES) return key;
  throw new CartonaError(
    'usage',
    `A webhook signing secret is not ${PREFIX} and the base64 of at least ${FEWEST_BYTES} bytes; take it from Cartona as it stands, or let \`cartona webhook secret add\` make one.`,
  );
}

/** A new random secret. */
export const newSigningSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`;

/**
 * Names a secret without telling it: the first 8 digits of its SHA-256 in hex, as `printf %s SECRET | sha256sum` shows
 * them.
 */
export const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex').slice(0, 8);
