import { mayDo, OPERATIONS, requireRight, type Operation } from './access.js';
import { typeError, valueError } from './errors.js';
import { externalIdsOf, findExternalId } from './external-ids.js';
import { fieldsGet } from './fields-get.js';
import { load } from './load.js';
import { namesUnknownPlace } from './models/quantities.js';
import { postMessage } from './models/base.js';
import { asHtml } from './convert.js';
import { formattedReadGroup, nameList, readGroup } from './read-group.js';
import { read, readBySpecification } from './records.js';
import { onModel, onRecords } from './schema.js';
import { count } from './search.js';
import type { Arguments, Env, Method, Model, SearchOptions } from './types.js';
import { isFilled, isObject, textOf } from './values.js';

/** A dictionary whose keys are numbers: JSON turns them into text, XML-RPC refuses them. */
export class NumberKeyed {
  constructor(readonly entries: ReadonlyMap<number, unknown>) {}

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(this.entries);
  }
}

function searchOptions(args: Arguments): SearchOptions {
  const order = textOf(args.order);
  return { offset: Number(args.offset ?? 0), limit: isFilled(args.limit) ? Number(args.limit) : undefined, order: order === '' ? undefined : order };
}

function readSome(env: Env, model: Model, ids: readonly number[], args: Arguments): unknown {
  // Odoo reads nothing of products whose quantities are asked for in a warehouse that is not there.
  if (model.name.startsWith('product.p') && namesUnknownPlace(env)) return [];
  return read(env, model, ids, nameList(args.fields), args.load === undefined || args.load === '_classic_read');
}

const READS = { writes: false };

const READING: readonly Method[] = [
  onModel('search', 'domain offset? limit? order?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return env.search(model.name, args.domain, searchOptions(args));
  }, { ...READS, since: 18 }),
  // Until 16 `count` made of it a `search_count`.
  onModel('search', 'domain offset? limit? order? count?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return isFilled(args.count) ? count(env, model, args.domain) : env.search(model.name, args.domain, searchOptions(args));
  }, { ...READS, until: 17 }),
  onModel('search_count', 'domain limit?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return count(env, model, args.domain, isFilled(args.limit) ? Number(args.limit) : undefined);
  }, READS),
  onModel('search_read', 'domain? fields? offset? limit? order? load?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return readSome(env, model, env.search(model.name, args.domain, searchOptions(args)), args);
  }, READS),
  onRecords('read', 'fields? load?', readSome, READS),
  onModel('web_search_read', 'domain specification offset? limit? order? count_limit?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return { length: count(env, model, args.domain), records: readBySpecification(env, model, env.search(model.name, args.domain, searchOptions(args)), args.specification) };
  }, { ...READS, since: 18 }),
  onRecords('web_read', 'specification', (env, model, ids, args) => readBySpecification(env, model, ids, args.specification), { ...READS, since: 18 }),
  onModel('fields_get', 'allfields? attributes?', (env, model, _ids, args) => fieldsGet(env, model, nameList(args.allfields), nameList(args.attributes)), READS),
  onModel('read_group', 'domain fields groupby offset? limit? orderby? lazy?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return readGroup(env, model, args.domain, nameList(args.fields), nameList(args.groupby), args.lazy !== false, searchOptions({ ...args, order: args.orderby }));
  }, READS),
  onModel('formatted_read_group', 'domain groupby? aggregates? having? offset? limit? order?', (env, model, _ids, args) => {
    requireRight(env, model, 'read');
    return formattedReadGroup(env, model, args.domain, nameList(args.groupby), nameList(args.aggregates), searchOptions(args));
  }, { ...READS, since: 19 }),
  onModel('name_search', 'name? args? operator? limit?', (env, model, _ids, args) => nameSearch(env, model, args, args.args), { ...READS, until: 19 }),
  onModel('name_search', 'name? domain? operator? limit?', (env, model, _ids, args) => nameSearch(env, model, args, args.domain), { ...READS, since: 19 }),
  onRecords('name_get', '', (env, model, ids) => ids.map((id) => [id, env.displayName(model.name, id)]), { ...READS, until: 17 }),
  onRecords('get_external_id', '', (env, model, ids) => new NumberKeyed(new Map(ids.map((id) => [id, textOf(externalIdsOf(env, model.name, id)[0]?.key)]))), READS),
  onRecords('exists', '', (env, model, ids) => ids.filter((id) => env.table(model.name).get(id) !== undefined), READS),
  onModel('check_access_rights', 'operation raise_exception?', checkAccessRights, READS),
  onRecords('has_access', 'operation', (env, model, _ids, args) => mayDo(env, model, operationNamed(env, args.operation)), { ...READS, since: 18 }),
  onRecords('check_access', 'operation', (env, model, _ids, args) => {
    requireRight(env, model, operationNamed(env, args.operation));
    return null;
  }, { ...READS, since: 18, until: 19 }),
];

function nameSearch(env: Env, model: Model, args: Arguments, domain: unknown): [number, string][] {
  requireRight(env, model, 'read');
  const operator = textOf(args.operator) || 'ilike';
  const name = textOf(args.name);
  const limit = args.limit === undefined ? 100 : Number(args.limit);
  const rest: readonly unknown[] = Array.isArray(domain) ? domain : [];
  const terms = [...model.nameFields, 'display_name'].map((field) => [field, operator, name]);
  const words = name === '' ? [] : [...Array.from({ length: terms.length - 1 }, () => '|'), ...terms];
  return env.search(model.name, [...words, ...rest], { limit }).map((id) => [id, env.displayName(model.name, id)]);
}

function operationNamed(env: Env, operation: unknown): Operation {
  const known = OPERATIONS.find((name) => name === operation);
  if (known) return known;
  throw env.version >= 19 && Array.isArray(operation) ? typeError("unhashable type: 'list'") : valueError('Invalid access mode');
}

/** Without `raise_exception: false` it gives nothing where the right is there: JSON leaves the result out, XML-RPC fails. */
function checkAccessRights(env: Env, model: Model, _ids: readonly number[], args: Arguments): boolean | null {
  const operation = operationNamed(env, args.operation);
  if (args.raise_exception === false) return mayDo(env, model, operation);
  requireRight(env, model, operation);
  return env.version >= 18 ? null : true;
}

const WRITING: readonly Method[] = [
  onModel('create', 'vals_list', (env, model, _ids, { vals_list }) => {
    if (Array.isArray(vals_list)) return vals_list.map((values) => env.create(model.name, isObject(values) ? values : {}).id);
    return env.create(model.name, isObject(vals_list) ? vals_list : {}).id;
  }),
  onRecords('write', 'vals', (env, model, ids, { vals }) => {
    env.write(model.name, ids, isObject(vals) ? vals : {});
    return true;
  }),
  onRecords('unlink', '', (env, model, ids) => {
    env.unlink(model.name, ids);
    return true;
  }),
  onRecords('copy', 'default?', (env, model, ids, args) => {
    const made = ids.map((id) => copyOf(env, model, id, isObject(args.default) ? args.default : {}));
    return env.version >= 18 ? made : (made[0] ?? false);
  }),
  onRecords('web_save', 'vals specification next_id?', (env, model, ids, { vals, specification }) => {
    const values = isObject(vals) ? vals : {};
    const saved = ids.length > 0 ? ids : [env.create(model.name, values).id];
    if (ids.length > 0) env.write(model.name, ids, values);
    return readBySpecification(env, model, saved, specification);
  }, { since: 18 }),
  onRecords('web_save_multi', 'vals_list specification', (env, model, ids, { vals_list, specification }) => {
    const list: readonly unknown[] = Array.isArray(vals_list) ? vals_list : [];
    if (list.length !== ids.length) throw valueError('Each record must have a corresponding vals entry.');
    for (const [position, id] of ids.entries()) {
      const values = list[position];
      env.write(model.name, [id], isObject(values) ? values : {});
    }
    return readBySpecification(env, model, ids, specification);
  }, { since: 19 }),
  onModel('load', 'fields data', (env, model, _ids, { fields, data }) => {
    const rows: readonly unknown[] = Array.isArray(data) ? data : [];
    return load(env, model, nameList(fields), rows.filter((row): row is unknown[] => Array.isArray(row)));
  }),
  onRecords('action_archive', '', (env, model, ids) => setActive(env, model, ids, false)),
  onRecords('action_unarchive', '', (env, model, ids) => setActive(env, model, ids, true)),
];

function setActive(env: Env, model: Model, ids: readonly number[], active: boolean): boolean {
  env.write(model.name, ids, { active });
  return true;
}

function copyOf(env: Env, model: Model, id: number, defaults: Readonly<Record<string, unknown>>): number {
  const row = env.row(model.name, id);
  const values: Record<string, unknown> = {};
  for (const field of model.fields.values()) {
    if (!field.copy || field.name in defaults) continue;
    const value = env.value(model, row, field.name);
    values[field.name] = field.type === 'many2many' ? [[6, 0, value]] : value;
  }
  const template = model.delegate ? env.row(model.delegate.model, Number(row[model.delegate.field])) : undefined;
  const name = textOf(env.value(model, row, 'name'));
  if (template && model.delegate) values[model.delegate.field] = copyOf(env.with({ ...env.context, create_product_product: false }), env.model(model.delegate.model), template.id, {});
  else if (name !== '' && model.name !== 'sale.order') values.name = `${name} (copy)`;
  return env.create(model.name, { ...values, ...defaults }).id;
}

/** Only the models with a history have it. Plain text is escaped, unless `body_is_html` says otherwise (from 17 on). */
export const MESSAGE_POST: Method = onRecords('message_post', '', (env, model, ids, args) => {
  const unsupported = Object.keys(args).filter((name) => !MESSAGE_ARGUMENTS.has(name));
  if (unsupported.length > 0) throw valueError(`Those values are not supported when posting or notifying: ${unsupported.join(', ')}`);
  const [id] = ids;
  if (id === undefined) throw valueError('Posting a message should be done on a business document. Use message_notify to send a notification to an user.');
  env.row(model.name, id);
  const text = textOf(args.body);
  const asIs = env.version < 18 || isFilled(args.body_is_html);
  const body = asIs ? asHtml(text) : `<p>${escapeHtml(text)}</p>`;
  const message = postMessage(env, model.name, id, body, textOf(args.message_type) || 'notification', args.subject ?? false);
  return env.version >= 19 ? [message] : message;
}, { open: true, label: 'MailThread.message_post' });

const MESSAGE_ARGUMENTS = new Set([
  'body', 'subject', 'message_type', 'email_from', 'author_id', 'parent_id', 'subtype_xmlid', 'subtype_id', 'partner_ids', 'attachments', 'attachment_ids', 'body_is_html',
]);

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What an external id points to. */
export const CHECK_OBJECT_REFERENCE: Method = onModel('check_object_reference', 'module xml_id raise_on_access_error?', (env, _model, _ids, args) => {
  const key = `${textOf(args.module)}.${textOf(args.xml_id)}`;
  const found = findExternalId(env, key);
  const model = textOf(found?.model);
  const id = Number(found?.res_id);
  if (!found) throw valueError(`External ID not found in the system: ${key}`);
  requireRight(env, env.model(model), 'read');
  return [model, env.search(model, [['id', '=', id]]).length > 0 ? id : false];
}, READS);

/** The methods that every model has, in this version. */
export function commonMethods(version: number): ReadonlyMap<string, Method> {
  const present = [...READING, ...WRITING].filter((method) => version >= (method.since ?? 0) && version < (method.until ?? Infinity));
  return new Map(present.map((method) => [method.label.replace('BaseModel.', ''), method]));
}
