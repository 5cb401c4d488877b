/** Why something was not taken: the label under which it is counted. */
export type RefusalReason =
  | 'unconfigured'
  | 'no-credentials'
  | 'token'
  | 'signature'
  | 'timestamp'
  | 'path'
  | 'method'
  | 'content-type'
  | 'too-large'
  | 'malformed'
  | 'rate'
  | 'timeout'
  | 'headers-too-large'
  | 'too-many-connections'
  | 'closing'
  | 'not-kept';

/** An answer that says no. `message` is shown to the sender: it never repeats anything secret, nor a body. */
export interface Refusal {
  readonly status: number;
  readonly reason: RefusalReason;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that cannot be understood. */
export const malformed = (message: string): Refusal => ({ status: 400, reason: 'malformed', message });

export const tooOften = (seconds: number): Refusal => ({
  status: 429,
  reason: 'rate',
  message: 'Too many requests from this address.',
  headers: { 'retry-after': String(seconds) },
});
