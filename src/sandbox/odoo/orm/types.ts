import type { Table, Undo } from '../database/table.js';
import type { FieldValue, OdooVersion, Row, WireObject } from './values.js';

export type FieldType =
  | 'char'
  | 'text'
  | 'html'
  | 'integer'
  | 'float'
  | 'monetary'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'selection'
  | 'many2one'
  | 'one2many'
  | 'many2many'
  | 'many2one_reference';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** The label. */
  readonly string: string;
  readonly required: boolean;
  readonly readonly: boolean;
  /** The model on the other side of a relation. */
  readonly relation?: string;
  /** A one2many's field on the other side. */
  readonly inverse?: string;
  readonly selection?: readonly (readonly [string, string])[];
  /** As `fields_get` tells it: `false` is "no limit" (prices on 19), left out means the attribute is not there. */
  readonly digits?: readonly [number, number] | false;
  readonly translate?: boolean;
  readonly copy: boolean;
  /** Made over RPC with `ir.model.fields`. */
  readonly manual: boolean;
  readonly index: boolean;
  readonly help?: string;
  /** The field of another record this one shows: `[many2one, field]`. */
  readonly related?: readonly [string, string];
  /** The value of a field that is not stored. */
  readonly compute?: (env: Env, row: Row) => FieldValue;
  /** Writes a computed field. Without it such a write is accepted and forgotten, as Odoo does. */
  readonly write?: (env: Env, row: Row, value: FieldValue) => void;
  /** A computed field that is told to be stored: it can be searched and sorted by. */
  readonly stored?: boolean;
  /** A computed field that can be searched although it is not stored. */
  readonly searchable?: boolean;
  readonly initial?: FieldValue | ((env: Env) => FieldValue);
  /** Goes away with the record it points to. Other required fields forbid that record's deletion. */
  readonly cascade?: boolean;
}

/** A parameter of a method, in its position. */
export interface Parameter {
  readonly name: string;
  readonly required: boolean;
}

export type Arguments = Readonly<Record<string, unknown>>;

export interface Method {
  /** As Python would name it in an error: `BaseModel.search`. */
  readonly label: string;
  readonly parameters: readonly Parameter[];
  /** Takes further arguments by name. */
  readonly open: boolean;
  /** Works on records: takes `ids` first. */
  readonly onRecords: boolean;
  /** The first version that has it, and the first that has it no longer. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Changes something: the call is a transaction that takes time. */
  readonly writes: boolean;
  readonly run: (env: Env, model: Model, ids: readonly number[], args: Arguments) => unknown;
}

export interface Model {
  readonly name: string;
  readonly description: string;
  readonly table: string;
  readonly order: string;
  /** What is delegated to another model: `product.product` to its template. */
  readonly delegate?: { readonly model: string; readonly field: string };
  readonly fields: Map<string, Field>;
  readonly methods: ReadonlyMap<string, Method>;
  readonly displayName: (env: Env, row: Row) => string;
  /** Fields that `name_search` looks into. */
  readonly nameFields: readonly string[];
  /** The record that is there already and is changed instead of making another. */
  readonly createInstead?: (env: Env, values: WireObject) => Row | undefined;
  /** Completes or refuses the values of a record to be made. */
  readonly beforeCreate?: (env: Env, values: WireObject) => WireObject;
  readonly afterCreate?: (env: Env, row: Row, values: WireObject) => void;
  /** Completes or refuses the values to be written. */
  readonly beforeWrite?: (env: Env, rows: readonly Row[], values: WireObject) => WireObject;
  readonly afterWrite?: (env: Env, rows: readonly Row[], values: WireObject) => void;
  readonly beforeUnlink?: (env: Env, rows: readonly Row[]) => void;
  readonly afterUnlink?: (env: Env, rows: readonly Row[]) => void;
}

/** One request's work: all of it is kept or none. It sees what was committed before it began. */
export interface Transaction {
  /** How many commits there were when it began. */
  readonly startedAfter: number;
  /** When it began: UTC, to the microsecond. What it writes is dated so, however late it commits. */
  readonly now: string;
  log(undo: Undo): void;
  savepoint(): number;
  rollbackTo(savepoint: number): void;
  /** A new external id, which others see from the commit on. */
  announce(row: Row): void;
  /** Takes all of it out of sight, as what is not committed is to others; the answer brings it back. */
  suspend(): () => void;
  /** Automation rules that this work set off, each rule once for a record. */
  readonly fired: Map<string, Fired>;
  /** Work that is done but not yet over: hints to be sent, and the commit if it comes after them. */
  pending: Pending | undefined;
  commit(): void;
}

/** An automation rule (`base.automation`) and the record that set it off. */
export interface Fired {
  readonly rule: number;
  readonly model: string;
  readonly id: number;
}

/** A request that an automation rule's webhook action sends. */
export interface Hint {
  readonly url: string;
  readonly body: string;
}

export interface Pending {
  readonly hints: readonly Hint[];
  readonly complete: () => void;
}

/** What a sandbox may be told to be like. */
export interface OdooSettings {
  /** The "SMS Confirmation" of deliveries: validating asks first when the customer has a phone. */
  smsConfirmation: boolean;
}

export interface Database {
  readonly version: OdooVersion;
  readonly name: string;
  readonly settings: OdooSettings;
  readonly models: ReadonlyMap<string, Model>;
  table(model: string): Table;
  begin(): Transaction;
  /** The next number of a sequence; numbers are not given back by a rollback. */
  next(sequence: string): number;
  /** Passwords and API keys, by user id. */
  readonly secrets: Map<number, { password: string; keys: Set<string> }>;
}

export interface SearchOptions {
  readonly offset?: number;
  readonly limit?: number | undefined;
  readonly order?: string | undefined;
}

/** What `load` is at. */
export interface Importing {
  readonly model: string;
  /** Where external ids without a module go. */
  readonly module: string;
  /** Whether new external ids protect their records from later loads in `update` mode. */
  readonly noupdate: boolean;
}

/** On whose behalf and in what light a request is done. */
export interface Env {
  readonly db: Database;
  readonly tx: Transaction;
  readonly version: OdooVersion;
  readonly uid: number;
  /** Rights are not looked at. */
  readonly su: boolean;
  readonly context: WireObject;
  /** `en_US` unless the context says otherwise. */
  readonly lang: string;
  /** Set while `load` runs. */
  readonly importing: Importing | undefined;
  sudo(): Env;
  import(importing: Importing): Env;
  with(context: WireObject): Env;
  /** @throws OdooError when there is no such model */
  model(name: string): Model;
  table(name: string): Table;
  /** A record that must be there. @throws OdooError MissingError */
  row(model: string, id: number): Row;
  hasGroup(externalId: string, uid?: number): boolean;
  search(model: string, domain: unknown, options?: SearchOptions): number[];
  create(model: string, values: WireObject): Row;
  write(model: string, ids: readonly number[], values: WireObject): void;
  unlink(model: string, ids: readonly number[]): void;
  /** A field's value, whether kept, related or computed; translated. */
  value(model: Model, row: Row, field: string): FieldValue;
  displayName(model: string, id: number): string;
  /** Changes what a record keeps, and its `write_date`; no rights, rules or hooks. */
  set(model: string, row: Row, values: Readonly<Record<string, FieldValue | undefined>>): void;
}
