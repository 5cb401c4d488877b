import { isIPv6 } from 'node:net';

interface Bucket {
  tokens: number;
  at: number;
}

/** Addresses that are remembered; the one that was seen the longest ago is forgotten for a new one. */
const MOST_ADDRESSES = 10_000;

/**
 * A token bucket for every address: so many requests a second, of which a second's worth (at least one) may come at
 * once.
 */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  /** @param perSecond 0: no limit */
  constructor(readonly perSecond: number) {}

  /** @param now UTC ms @returns 0 when the request may pass, else in how many seconds the next one may */
  take(address: string, now: number): number {
    if (this.perSecond === 0) return 0;
    const key = networkOf(address);
    const most = Math.max(1, this.perSecond);
    const bucket = this.#buckets.get(key) ?? { tokens: most, at: now };
    bucket.tokens = Math.min(most, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * this.perSecond);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forget();
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.perSecond);
    bucket.tokens -= 1;
    return 0;
  }

  /** How many addresses are remembered. */
  get addresses(): number {
    return this.#buckets.size;
  }

  #forget(): void {
    if (this.#buckets.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** One holder of IPv6 addresses has at least a /64 of them. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::')) return address;
  const groups = (address.split('::', 1)[0] ?? '').split(':');
  return [...groups, '0', '0', '0'].slice(0, 4).join(':');
}
