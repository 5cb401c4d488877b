import { CartonaError, type ErrorKind } from '../common/errors.js';

/**
 * A refusal by Odoo as the protocols report it: the exception's name where there is one, its message, the traceback for
 * `--debug`.
 */
export interface OdooFault {
  readonly name: string;
  readonly message: string;
  readonly traceback: string;
}

/** Odoo rolled the transaction back because of another one; nothing was done, and the same call may be repeated. */
export const isSerializationFailure = (fault: OdooFault): boolean =>
  /could not serialize access|deadlock detected|could not obtain lock|SerializationFailure|LockNotAvailable|ConcurrencyError/i.test(
    `${fault.name} ${fault.message}`,
  );

const CREDENTIALS = /AccessDenied|SessionExpired|Unauthorized/;
const NO_DATABASE = /database .* does not exist|Database not found|DatabaseNotFound/i;

/**
 * A fault as one sentence for a person. The traceback never reaches the terminal unless `--debug` asks for it.
 * @param doing what was tried, as "read product.product"
 */
export function faultError(fault: OdooFault, doing: string, place: string): CartonaError {
  const message = lastWords(fault.message);
  if (NO_DATABASE.test(`${fault.name} ${fault.message}`)) {
    return new CartonaError(
      'usage',
      `${place} has no such database; check its name and run \`cartona login\` again.`,
      fault.traceback,
    );
  }
  if (CREDENTIALS.test(fault.name) || /^Access Denied/i.test(message)) {
    return new CartonaError(
      'credentials',
      `${place} refused the login or key; check them (a key may have expired) and run \`cartona login\` again.`,
      fault.traceback,
    );
  }
  const kind: ErrorKind = /AccessError/.test(fault.name) ? 'credentials' : 'refused';
  return new CartonaError(kind, `${place} refused to ${doing}: ${message}${mend(message)}`, fault.traceback);
}

/** What mends a refusal whose words do not say it. */
const mend = (message: string): string =>
  /configure the sender's email address/i.test(message)
    ? " This profile's user in Odoo has none: give it one under Settings, Users."
    : '';

/** The last line of a traceback, or the message folded to one line, bounded. */
export function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const line = /^Traceback/.test(text.trim())
    ? (lines[lines.length - 1] ?? '')
    : lines
        .map((part) => part.trim())
        .filter(Boolean)
        .join(' ');
  const words = line.replace(/^[\w.]+(Error|Exception|Denied|Warning): /, '');
  return words.length > 400 ? `${words.slice(0, 399)}…` : words;
}
