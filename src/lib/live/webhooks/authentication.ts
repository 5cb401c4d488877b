import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { signingKey } from '../../settings/signing-secret.js';
import type { Refusal } from './refusal.js';

/** What a sender may prove itself with. */
export interface Credentials {
  readonly tokenDigest: Buffer | undefined;
  readonly keys: readonly Buffer[];
}

/** @throws CartonaError `usage` when a signing secret is not `whsec_` and base64 */
export function credentialsOf(bearerToken: string | undefined, signingSecrets: readonly string[]): Credentials {
  return {
    tokenDigest: bearerToken === undefined ? undefined : sha256(bearerToken),
    keys: signingSecrets.map(signingKey),
  };
}

/** What the headers alone decide: refused, admitted, or admitted if the body's bytes bear the signature. */
export type Admission =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'admitted' }
  | { readonly kind: 'signed'; readonly isSigned: (body: Buffer) => boolean };

/**
 * Judges a request by its headers. Where signing secrets are set, a request that carries a signature must verify; one
 * that carries none needs the bearer token, and is refused where no token is set.
 * @param now UTC ms
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function admit(
  headers: IncomingHttpHeaders,
  { tokenDigest, keys }: Credentials,
  toleranceSeconds: number,
  now: number,
): Admission {
  if (tokenDigest === undefined && keys.length === 0) {
    return no(
      'unconfigured',
      'Neither a token nor a signing secret is set at this receiver; its operator sets one with `cartona webhook token` or `cartona webhook secret add`.',
    );
  }
  if (keys.length > 0 && headers['webhook-signature'] !== undefined)
    return bySignature(headers, keys, toleranceSeconds, now);
  return byToken(headers.authorization, tokenDigest);
}

function byToken(authorization: string | undefined, tokenDigest: Buffer | undefined): Admission {
  if (tokenDigest === undefined)
    return no('no-credentials', 'A signature is needed: webhook-id, webhook-timestamp and webhook-signature.');
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) return no('no-credentials', 'A bearer token is needed: Authorization: Bearer <token>.');
  // Digests are of one length, so that the comparison tells nothing of the token's.
  return timingSafeEqual(sha256(given), tokenDigest)
    ? { kind: 'admitted' }
    : no('token', 'The bearer token is not the one that is set here.');
}

function bySignature(
  headers: IncomingHttpHeaders,
  keys: readonly Buffer[],
  toleranceSeconds: number,
  now: number,
): Admission {
  const id = single(headers['webhook-id']);
  const timestamp = single(headers['webhook-timestamp']);
  if (!id || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
    return no(
      'signature',
      'With a webhook-signature, webhook-id and webhook-timestamp (seconds since 1970) are needed.',
    );
  }
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds)
    return no('timestamp', `The webhook-timestamp is more than ${toleranceSeconds} seconds from now.`);
  const signatures = (single(headers['webhook-signature']) ?? '')
    .split(' ')
    .flatMap((part) => (part.startsWith('v1,') ? [Buffer.from(part.slice(3), 'base64')] : []));
  if (signatures.length === 0) return no('signature', 'The webhook-signature holds no signature of version v1.');
  return {
    kind: 'signed',
    isSigned: (body) =>
      keys.some((key) => {
        const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.`, 'latin1').update(body).digest();
        return signatures.some((given) => given.length === wanted.length && timingSafeEqual(given, wanted));
      }),
  };
}

/** What is answered when the body does not bear the signature. */
export const UNSIGNED: Refusal = { status: 401, reason: 'signature', message: 'No signature matches the body.' };

const no = (reason: Refusal['reason'], message: string): Admission => ({
  kind: 'refused',
  refusal: { status: 401, reason, message, headers: { 'www-authenticate': 'Bearer' } },
});

/** Compares texts without telling by the time it takes how far they agree. */
export const sameSecret = (given: string, wanted: string): boolean => timingSafeEqual(sha256(given), sha256(wanted));

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
