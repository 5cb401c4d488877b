import { noteChange } from './automations.js';
import { create, unlink, write } from './changes.js';
import { missingError, userError } from './errors.js';
import { withImplied } from './groups.js';
import { namesOf } from './names.js';
import { fieldValue } from './records.js';
import { search } from '../methods/search.js';
import type { Table } from '../database/table.js';
import type { Database, Env, Importing, Model, SearchOptions, Transaction } from './types.js';
import type { FieldValue, OdooVersion, Row, WireObject } from './values.js';

interface RequestUser {
  readonly uid: number;
  readonly su: boolean;
  readonly context: WireObject;
  readonly importing: Importing | undefined;
}

/** The light in which one request sees the database. */
export class RequestEnv implements Env {
  readonly version: OdooVersion;
  readonly uid: number;
  readonly su: boolean;
  readonly context: WireObject;
  readonly importing: Importing | undefined;

  constructor(
    readonly db: Database,
    readonly tx: Transaction,
    private readonly user: RequestUser,
  ) {
    this.version = db.version;
    this.uid = user.uid;
    this.su = user.su;
    this.context = user.context;
    this.importing = user.importing;
  }

  get lang(): string {
    const { lang } = this.context;
    return typeof lang === 'string' && lang !== '' ? lang : 'en_US';
  }

  sudo(): Env {
    return this.su ? this : new RequestEnv(this.db, this.tx, { ...this.user, su: true });
  }

  import(importing: Importing): Env {
    return new RequestEnv(this.db, this.tx, { ...this.user, importing });
  }

  with(context: WireObject): Env {
    return new RequestEnv(this.db, this.tx, { ...this.user, context });
  }

  model(name: string): Model {
    const model = this.db.models.get(name);
    if (!model) throw userError(`Object ${name} doesn't exist`);
    return model;
  }

  table(name: string): Table {
    return this.db.table(name);
  }

  row(model: string, id: number): Row {
    const row = this.table(model).get(id);
    if (!row) throw missingError(model, [id], this.uid);
    return row;
  }

  hasGroup(externalId: string, uid = this.uid): boolean {
    const groups = this.table('res.users').get(uid)?.[namesOf(this.version).userGroups];
    if (!Array.isArray(groups)) return false;
    const [wanted] = this.table('res.groups').lookup('external', externalId);
    return wanted !== undefined && withImplied(this.table('res.groups'), groups as readonly number[]).has(wanted);
  }

  search(model: string, domain: unknown, options?: SearchOptions): number[] {
    return search(this, this.model(model), domain, options);
  }

  create(model: string, values: WireObject): Row {
    return create(this, this.model(model), values);
  }

  write(model: string, ids: readonly number[], values: WireObject): void {
    write(this, this.model(model), ids, values);
  }

  unlink(model: string, ids: readonly number[]): void {
    unlink(this, this.model(model), ids);
  }

  value(model: Model, row: Row, name: string): FieldValue {
    const field = model.fields.get(name);
    return field ? fieldValue(this, model, row, field) : false;
  }

  displayName(model: string, id: number): string {
    const row = this.table(model).get(id);
    return row ? this.model(model).displayName(this, row) : `${model},${id}`;
  }

  set(model: string, row: Row, values: Readonly<Record<string, FieldValue | undefined>>): void {
    noteChange(this, model, row, values);
    this.tx.log(this.table(model).update(row.id, { ...values, write_date: this.tx.now, write_uid: this.uid }));
  }
}
