import { DatabaseError, OdooError } from '../orm/errors.js';
import type { OdooVersion } from '../orm/values.js';

/**
 * The failure as its Python would print it. A failure that is no Odoo's is a fault of the sandbox and shows its own
 * stack.
 */
export function traceback(version: OdooVersion, error: unknown): string {
  if (!(error instanceof OdooError))
    return `Traceback (most recent call last):\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  const line = version >= 19 ? 2273 : 1955;
  return (
    'Traceback (most recent call last):\n' +
    `  File "/usr/lib/python3/dist-packages/odoo/http.py", line ${line}, in _transactioning\n    return service_model.retrying(func, env=self.env)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n` +
    '  File "/usr/lib/python3/dist-packages/odoo/service/model.py", line 137, in retrying\n    result = func()\n             ^^^^^^\n' +
    `${error.pythonName.replace('builtins.', '')}: ${error.message}\n`
  );
}

/** The error object of the JSON protocols. */
export function jsonError(version: OdooVersion, error: unknown): Record<string, unknown> {
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof OdooError ? error.pythonName : 'builtins.Exception';
  const more = name.startsWith('werkzeug.') ? [json2Status(error)] : [];
  return { name, message, arguments: [message, ...more], context: {}, debug: traceback(version, error) };
}

/**
 * XML-RPC's fault codes: 2 a word to the user, 3 access denied, 4 a missing right; 1 anything else, with its traceback
 * as text.
 */
export function xmlFault(version: OdooVersion, error: unknown): { code: number; text: string } {
  if (error instanceof OdooError) {
    if (error.pythonName === 'odoo.exceptions.AccessDenied') return { code: 3, text: error.message };
    if (error.pythonName === 'odoo.exceptions.AccessError') return { code: 4, text: error.message };
    if (error.pythonName.startsWith('odoo.exceptions.')) return { code: 2, text: error.message };
  }
  return { code: 1, text: traceback(version, error) };
}

/** JSON-2's HTTP status of a failure. */
export function json2Status(error: unknown): number {
  if (!(error instanceof OdooError)) return 500;
  switch (error.pythonName) {
    case 'odoo.exceptions.AccessError':
    case 'odoo.exceptions.AccessDenied':
      return 403;
    case 'odoo.exceptions.MissingError':
    case 'werkzeug.exceptions.NotFound':
      return 404;
    case 'werkzeug.exceptions.Unauthorized':
      return 401;
    case 'werkzeug.exceptions.BadRequest':
      return 400;
    case 'odoo.exceptions.UserError':
    case 'odoo.exceptions.ValidationError':
    case 'werkzeug.exceptions.UnprocessableEntity':
      return 422;
    default:
      return 500;
  }
}

export const notFound = (message: string): OdooError => new OdooError('werkzeug.exceptions.NotFound', message);
export const unprocessable = (message: string): OdooError =>
  new OdooError('werkzeug.exceptions.UnprocessableEntity', message);

export function noSuchDatabase(name: string): DatabaseError {
  const text = `connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database "${name}" does not exist\n`;
  return new DatabaseError('psycopg2.OperationalError', text, text);
}
