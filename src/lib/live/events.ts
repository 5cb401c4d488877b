/** What the service tells of its doing, one line each. */
export interface LiveEvent {
  readonly level: 'info' | 'warn' | 'error';
  /** `out`: something was told to the other side; `in`: something came from it. */
  readonly direction?: 'out' | 'in';
  /** What happened, as `price`, `stock`, `order`, `state`, `brake`, `remote`. */
  readonly event: string;
  /** In plain words; never a secret. */
  readonly message: string;
  /** Further facts, for programs. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>;
}

export type Log = (event: LiveEvent) => void;

export const info = (event: string, message: string, facts?: LiveEvent['facts']): LiveEvent => ({
  level: 'info',
  event,
  message,
  ...(facts ? { facts } : {}),
});
export const warn = (event: string, message: string, facts?: LiveEvent['facts']): LiveEvent => ({
  level: 'warn',
  event,
  message,
  ...(facts ? { facts } : {}),
});
