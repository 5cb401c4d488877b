import { CartonaError } from '../../common/errors.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A length of time as a person types it: `90s`, `30m`, `2h`, `3d`, `1w`. @returns milliseconds @throws CartonaError
 * `usage`
 */
export function durationOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim()) ?? [];
  const ms = UNIT_MS[unit];
  if (ms !== undefined) return Number(number) * ms;
  throw new CartonaError('usage', `'${text}' is no length of time; give one as 30m, 2h or 3d.`);
}

/**
 * An instant as a person types it: how long ago (`2h`), or a date with or without a time, in their own zone unless it
 * names one.
 * @returns UTC ms
 * @throws CartonaError `usage`
 */
export function instantOf(text: string, now: number): number {
  const given = text.trim();
  if (/^[\d.]+[smhdw]$/.test(given)) return now - durationOf(given);
  const local = /^\d{4}-\d\d-\d\d$/.test(given)
    ? `${given}T00:00:00`
    : given.replace(/^(\d{4}-\d\d-\d\d) (\d)/, '$1T$2');
  const at = /^\d{4}-\d\d-\d\dT/.test(local) ? Date.parse(local) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new CartonaError(
    'usage',
    `'${text}' is no instant; give a date (2026-03-01), a date and time (2026-03-01 14:30), or how long ago (2h, 3d).`,
  );
}
