import type { OdooVersion } from './values.js';

/** A failure with the Python name it would have in Odoo, which the protocols show each in their own manner. */
export class OdooError extends Error {
  override readonly name = 'OdooError';

  /** @param pythonName as `odoo.exceptions.UserError` or `builtins.ValueError` */
  constructor(
    readonly pythonName: string,
    message: string,
  ) {
    super(message);
  }

  /** True for what Odoo words for people: `load` reports these as messages. */
  get isUserError(): boolean {
    return this.pythonName.startsWith('odoo.exceptions.');
  }
}

/** What PostgreSQL refuses. Seen from outside it is a validation error; `load` shows the raw text. */
export class DatabaseError extends OdooError {
  /** @param raw the text that `load` puts into its message */
  constructor(
    pythonName: string,
    message: string,
    readonly raw: string,
    readonly rawField?: string,
  ) {
    super(pythonName, message);
  }

  override get isUserError(): boolean {
    return false;
  }
}

export const userError = (message: string): OdooError => new OdooError('odoo.exceptions.UserError', message);
export const validationError = (message: string): OdooError =>
  new OdooError('odoo.exceptions.ValidationError', message);
export const accessError = (message: string): OdooError => new OdooError('odoo.exceptions.AccessError', message);
export const accessDenied = (): OdooError => new OdooError('odoo.exceptions.AccessDenied', 'Access Denied');
export const valueError = (message: string): OdooError => new OdooError('builtins.ValueError', message);
export const typeError = (message: string): OdooError => new OdooError('builtins.TypeError', message);
export const keyError = (key: string): OdooError => new OdooError('builtins.KeyError', key);
export const attributeError = (message: string): OdooError => new OdooError('builtins.AttributeError', message);

export function missingError(model: string, ids: readonly number[], uid: number): OdooError {
  return new OdooError(
    'odoo.exceptions.MissingError',
    `Record does not exist or has been deleted.\n(Record: ${model}(${ids.join(', ')},), User: ${uid})`,
  );
}

const SERIALIZATION_TEXT = 'could not serialize access due to concurrent update\n';

export function serializationFailure(): DatabaseError {
  return new DatabaseError('psycopg2.errors.SerializationFailure', SERIALIZATION_TEXT, SERIALIZATION_TEXT);
}

/** A model, as messages name it. */
export interface Place {
  readonly name: string;
  readonly description: string;
  readonly table: string;
}

/** A required field without a value. `linked` when the record is of another model than the one being loaded. */
export function missingRequired(
  version: OdooVersion,
  where: Place,
  field: { name: string; string: string },
  loading: string | undefined,
): DatabaseError {
  const own = loading === undefined || loading === where.name;
  const hint =
    '- create/update: a mandatory field is not set\n- delete: another model requires the record being deleted, you can archive it instead\n';
  if (version >= 19) {
    const head = `Missing required value for the field '${field.string}' (${field.name}).\n`;
    return new DatabaseError(
      'odoo.exceptions.ValidationError',
      `The operation cannot be completed: ${head}Model: '${where.description}' (${where.name})\n${hint}`,
      `${head}Model: ${own ? `'${where.description}' (${where.name})` : 'Unknown'}\n${hint}`,
      own ? field.name : undefined,
    );
  }
  return new DatabaseError(
    'odoo.exceptions.ValidationError',
    'The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n' +
      `Model: ${where.description} (${where.name})\nField: ${field.string} (${field.name})\n`,
    own
      ? `Missing required value for the field '${field.string}' (${field.name})`
      : `Missing required value for the field '${field.name}' on a linked model [${where.table}]`,
    own ? field.name : undefined,
  );
}

/** A record that others still point to. */
export function stillReferenced(
  version: OdooVersion,
  by: Place,
  field: { name: string; string: string },
): DatabaseError {
  const text =
    version >= 19
      ? `The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe troublemaker is: '${by.description}' (${by.name})\nThanks to the following constraint: '${field.string}' (${field.name})\nHow about archiving the record instead?`
      : `The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.\n\nModel: ${by.description} (${by.name})\nConstraint: ${by.table}_${field.name}_fkey\n`;
  return new DatabaseError('odoo.exceptions.ValidationError', text, text);
}

/** An external id with a space in it. */
export function spaceInExternalId(module: string, name: string, model: string): DatabaseError {
  const raw =
    'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\n' +
    `DETAIL:  Failing row contains (${name}, ${module}, ${model}).\n`;
  return new DatabaseError(
    'odoo.exceptions.ValidationError',
    'The operation cannot be completed: External IDs cannot contain spaces',
    raw,
  );
}
