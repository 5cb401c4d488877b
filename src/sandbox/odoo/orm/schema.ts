import type { Env, Field, FieldType, Method, Model, Parameter } from './types.js';
import type { OdooVersion, Row } from './values.js';

type FieldOptions = Partial<Omit<Field, 'name' | 'type'>>;

function field(name: string, type: FieldType, string: string, options: FieldOptions): Field {
  const computed = options.compute !== undefined;
  return {
    name,
    type,
    string,
    required: false,
    readonly: computed && options.write === undefined,
    copy: !computed && type !== 'one2many',
    manual: false,
    index: false,
    ...options,
  };
}

type Maker = (name: string, string: string, options?: FieldOptions) => Field;
type RelationMaker = (name: string, string: string, relation: string, options?: FieldOptions) => Field;

const scalar =
  (type: FieldType): Maker =>
  (name, string, options = {}) =>
    field(name, type, string, options);
const relation =
  (type: FieldType): RelationMaker =>
  (name, string, to, options = {}) =>
    field(name, type, string, { relation: to, ...options });

/** Makers of fields, by Odoo's names of the types. */
export const f = {
  char: scalar('char'),
  text: scalar('text'),
  html: scalar('html'),
  integer: scalar('integer'),
  float: scalar('float'),
  monetary: scalar('monetary'),
  boolean: scalar('boolean'),
  date: scalar('date'),
  datetime: scalar('datetime'),
  reference: scalar('many2one_reference'),
  selection: (
    name: string,
    string: string,
    selection: readonly (readonly [string, string])[],
    options: FieldOptions = {},
  ): Field => field(name, 'selection', string, { selection, ...options }),
  many2one: relation('many2one'),
  many2many: relation('many2many'),
  one2many: (name: string, string: string, to: string, inverse: string, options: FieldOptions = {}): Field =>
    field(name, 'one2many', string, { relation: to, inverse, ...options }),
};

/** Stored fields keep a value of their own; related, computed and one2many ones do not. */
export const isStored = (of: Field): boolean => of.related === undefined && of.compute === undefined;
/** Whether the record itself keeps the value. */
export const isKept = (of: Field): boolean => isStored(of) && of.type !== 'one2many';

export const isNumeric = (of: Field): boolean =>
  of.type === 'integer' || of.type === 'float' || of.type === 'monetary' || of.type === 'many2one_reference';
/** How many decimals a float keeps; undefined: all. */
export const decimalsOf = (of: Field): number | undefined =>
  of.type === 'monetary' ? 2 : of.digits === undefined || of.digits === false ? undefined : of.digits[1];

export const isToMany = (of: Field): boolean => of.type === 'one2many' || of.type === 'many2many';

export interface ModelOptions extends Partial<Omit<Model, 'name' | 'description' | 'fields' | 'methods' | 'table'>> {
  readonly fields: readonly (Field | undefined | false)[];
  readonly methods?: Readonly<Record<string, Method>>;
}

/** Describes a model; the fields that every model has are added. */
export function defineModel(name: string, description: string, options: ModelOptions): Model {
  const { fields, methods = {}, ...rest } = options;
  const own = fields.filter((item): item is Field => item !== undefined && item !== false);
  const displayName: Model['displayName'] = rest.displayName ?? ((env, row) => nameOf(env, row) ?? `${name},${row.id}`);
  const all = [...magicFields(displayName), ...own].map((item): [string, Field] => [item.name, item]);
  return {
    name,
    description,
    table: name.replaceAll('.', '_'),
    order: 'id',
    nameFields: ['name'],
    ...rest,
    displayName,
    fields: new Map(all),
    methods: new Map(Object.entries(methods)),
  };

  function nameOf(env: Env, row: Row): string | undefined {
    const value = own.some((item) => item.name === 'name') ? env.value(env.model(name), row, 'name') : undefined;
    return typeof value === 'string' ? value : undefined;
  }
}

function magicFields(displayName: Model['displayName']): Field[] {
  return [
    f.integer('id', 'ID', { readonly: true, required: false, copy: false }),
    f.datetime('create_date', 'Created on', { readonly: true, copy: false }),
    f.datetime('write_date', 'Last Updated on', { readonly: true, copy: false }),
    f.many2one('create_uid', 'Created by', 'res.users', { readonly: true, copy: false }),
    f.many2one('write_uid', 'Last Updated by', 'res.users', { readonly: true, copy: false }),
    f.char('display_name', 'Display Name', { searchable: true, compute: displayName }),
  ];
}

/** `'domain offset?'` → parameters. */
function parseParameters(text: string): Parameter[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((part) => ({ name: part.replace('?', ''), required: !part.endsWith('?') }));
}

interface MethodOptions {
  readonly label?: string;
  readonly since?: OdooVersion;
  readonly until?: number;
  readonly writes?: boolean;
  readonly open?: boolean;
}

/** A method on records. `parameters` names them in order, with `?` after the optional ones. */
export function onRecords(name: string, parameters: string, run: Method['run'], options: MethodOptions = {}): Method {
  return {
    label: `BaseModel.${name}`,
    open: false,
    writes: true,
    ...options,
    parameters: parseParameters(parameters),
    onRecords: true,
    run,
  };
}

/** A method on the model itself: it takes no `ids`. */
export function onModel(name: string, parameters: string, run: Method['run'], options: MethodOptions = {}): Method {
  return { ...onRecords(name, parameters, run, options), onRecords: false };
}
