import { OdooError, valueError } from './errors.js';
import { plain, type OdooVersion } from './values.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/;

/**
 * A date and time as `write` and `create` take it: naive UTC text. ISO 8601 with its `T`, a zone or a `Z` is refused.
 * @throws OdooError ValueError
 */
export function writtenDatetime(value: unknown): string | false {
  if (value === false || value === null || value === '' || value === undefined) return false;
  const text = plain(value);
  if (DATETIME.test(text)) return text.slice(0, 19);
  if (DATE.test(text)) return `${text} 00:00:00`;
  throw valueError(`time data '${text}' does not match format '%Y-%m-%d %H:%M:%S'`);
}

/** A date as `write` and `create` take it; a time behind it is cut off. */
export function writtenDate(value: unknown): string | false {
  if (value === false || value === null || value === '' || value === undefined) return false;
  const text = plain(value).slice(0, 10);
  if (DATE.test(text)) return text;
  throw valueError(`time data '${plain(value)}' does not match format '%Y-%m-%d'`);
}

/** A date and time in a search domain. Up to 18 PostgreSQL reads it, zone or not; 19 refuses a zone. */
export function searchedDatetime(version: OdooVersion, value: unknown): string {
  const text = plain(value);
  const [, day, time, zone] =
    /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?))?(Z|[+-]\d{2}:?\d{2})?$/.exec(text) ?? [];
  if (day === undefined) {
    if (version >= 19) throw valueError(`Invalid term ${`'${text}'`} in expression date: '${text}'`);
    throw new OdooError(
      'psycopg2.errors.InvalidDatetimeFormat',
      `invalid input syntax for type timestamp: "${text}"\n`,
    );
  }
  if (zone !== undefined && version >= 19) throw valueError(`expecting only datetimes with no timezone: '${text}'`);
  return `${day} ${time ?? '00:00:00'}`;
}

/**
 * A date and time in an import cell, which is in the time zone of the context, else of the user.
 * @returns undefined when it is none
 */
export function importedDatetime(text: string, zone: string): string | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const asUtc = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // The offset in force at the local time: looked up at the time as if it were UTC, then once more where that leads.
  const first = asUtc - offsetMs(asUtc, zone);
  return new Date(asUtc - offsetMs(first, zone)).toISOString().slice(0, 19).replace('T', ' ');
}

function offsetMs(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const part = (type: string): string => parts.find((item) => item.type === type)?.value ?? '00';
  const local = Date.parse(
    `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`,
  );
  return local - Math.floor(instant / 1000) * 1000;
}
