/** What the service tells of its doing, one line each. */
export interface LiveEvent {
  readonly level: 'info' | 'warn' | 'error';
  /** `out`: something was told to the other side; `in`: something came from it. */
  readonly direction?: 'out' | 'in';
  /** What happened, as `price`, `stock`, `order`, `state`, `brake`, `remote`. */
  readonly event: string;
  /** In plain words; never a secret. */
  readonly message: string;
  /** The same for programs, by name. */
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

export type Log = (event: LiveEvent) => void;

export const info = (event: string, message: string, details?: LiveEvent['details']): LiveEvent => ({
  level: 'info',
  event,
  message,
  ...(details ? { details } : {}),
});
export const warn = (event: string, message: string, details?: LiveEvent['details']): LiveEvent => ({
  level: 'warn',
  event,
  message,
  ...(details ? { details } : {}),
});
