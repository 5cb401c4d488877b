import { mayDo, OPERATIONS, requireRight, type Operation } from '../orm/access.js';
import { initial } from '../orm/changes.js';
import { typeError, valueError } from '../orm/errors.js';
import { externalIdsOf, findExternalId } from '../load/external-ids.js';
import { fieldsGet } from './fields-get.js';
import { namesUnknownPlace } from '../models/stock/quantities.js';
import { formattedReadGroup, nameList, readGroup } from './read-group.js';
import { read, readBySpecification } from '../orm/records.js';
import { NumberKeyed } from '../server/number-keyed.js';
import { onModel, onRecords } from '../orm/schema.js';
import { count } from './search.js';
import type { Arguments, Env, Method, Model, SearchOptions } from '../orm/types.js';
import { isFilled, textOf } from '../orm/values.js';

function searchOptions(args: Arguments): SearchOptions {
  const order = textOf(args.order);
  return {
    offset: Number(args.offset ?? 0),
    limit: isFilled(args.limit) ? Number(args.limit) : undefined,
    order: order === '' ? undefined : order,
  };
}

function readSome(env: Env, model: Model, ids: readonly number[], args: Arguments): unknown {
  // Odoo reads nothing of products whose quantities are asked for in a warehouse that is not there.
  if (model.name.startsWith('product.p') && namesUnknownPlace(env)) return [];
  return read(env, model, ids, nameList(args.fields), args.load === undefined || args.load === '_classic_read');
}

/** Only fields that have a default are told; relations as ids. */
function defaultsOf(env: Env, model: Model, names: readonly string[]): Record<string, unknown> {
  const fields = names.flatMap((name) => model.fields.get(name) ?? []).filter((field) => field.initial !== undefined);
  return Object.fromEntries(fields.map((field) => [field.name, initial(env, field)]));
}

const READS = { writes: false };

export const READING: readonly Method[] = [
  onModel(
    'search',
    'domain offset? limit? order?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return env.search(model.name, args.domain, searchOptions(args));
    },
    { ...READS, since: 18 },
  ),
  // Until 16 `count` made of it a `search_count`.
  onModel(
    'search',
    'domain offset? limit? order? count?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return isFilled(args.count)
        ? count(env, model, args.domain)
        : env.search(model.name, args.domain, searchOptions(args));
    },
    { ...READS, until: 17 },
  ),
  onModel(
    'search_count',
    'domain limit?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return count(env, model, args.domain, isFilled(args.limit) ? Number(args.limit) : undefined);
    },
    READS,
  ),
  onModel(
    'search_read',
    'domain? fields? offset? limit? order? load?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return readSome(env, model, env.search(model.name, args.domain, searchOptions(args)), args);
    },
    READS,
  ),
  onRecords('read', 'fields? load?', readSome, READS),
  onModel(
    'web_search_read',
    'domain specification offset? limit? order? count_limit?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return {
        length: count(env, model, args.domain),
        records: readBySpecification(
          env,
          model,
          env.search(model.name, args.domain, searchOptions(args)),
          args.specification,
        ),
      };
    },
    { ...READS, since: 18 },
  ),
  onRecords(
    'web_read',
    'specification',
    (env, model, ids, args) => readBySpecification(env, model, ids, args.specification),
    {
      ...READS,
      since: 18,
    },
  ),
  onModel(
    'fields_get',
    'allfields? attributes?',
    (env, model, _ids, args) => fieldsGet(env, model, nameList(args.allfields), nameList(args.attributes)),
    READS,
  ),
  onModel(
    'read_group',
    'domain fields groupby offset? limit? orderby? lazy?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return readGroup(
        env,
        model,
        args.domain,
        nameList(args.fields),
        nameList(args.groupby),
        args.lazy !== false,
        searchOptions({ ...args, order: args.orderby }),
      );
    },
    READS,
  ),
  onModel(
    'formatted_read_group',
    'domain groupby? aggregates? having? offset? limit? order?',
    (env, model, _ids, args) => {
      requireRight(env, model, 'read');
      return formattedReadGroup(
        env,
        model,
        args.domain,
        nameList(args.groupby),
        nameList(args.aggregates),
        searchOptions(args),
      );
    },
    { ...READS, since: 19 },
  ),
  onModel('default_get', 'fields', (env, model, _ids, args) => defaultsOf(env, model, nameList(args.fields)), READS),
  onModel(
    'name_search',
    'name? args? operator? limit?',
    (env, model, _ids, args) => nameSearch(env, model, args, args.args),
    {
      ...READS,
      until: 19,
    },
  ),
  onModel(
    'name_search',
    'name? domain? operator? limit?',
    (env, model, _ids, args) => nameSearch(env, model, args, args.domain),
    {
      ...READS,
      since: 19,
    },
  ),
  onRecords('name_get', '', (env, model, ids) => ids.map((id) => [id, env.displayName(model.name, id)]), {
    ...READS,
    until: 17,
  }),
  onRecords(
    'get_external_id',
    '',
    (env, model, ids) =>
      new NumberKeyed(new Map(ids.map((id) => [id, textOf(externalIdsOf(env, model.name, id)[0]?.key)]))),
    READS,
  ),
  onRecords('exists', '', (env, model, ids) => ids.filter((id) => env.table(model.name).get(id) !== undefined), READS),
  onModel('check_access_rights', 'operation raise_exception?', checkAccessRights, READS),
  onRecords(
    'has_access',
    'operation',
    (env, model, _ids, args) => mayDo(env, model, operationNamed(env, args.operation)),
    {
      ...READS,
      since: 18,
    },
  ),
  onRecords(
    'check_access',
    'operation',
    (env, model, _ids, args) => {
      requireRight(env, model, operationNamed(env, args.operation));
      return null;
    },
    { ...READS, since: 18, until: 19 },
  ),
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
  throw env.version >= 19 && Array.isArray(operation)
    ? typeError("unhashable type: 'list'")
    : valueError('Invalid access mode');
}

/**
 * Without `raise_exception: false` it gives nothing where the right is there: JSON leaves the result out, XML-RPC
 * fails.
 */
function checkAccessRights(env: Env, model: Model, _ids: readonly number[], args: Arguments): boolean | null {
  const operation = operationNamed(env, args.operation);
  if (args.raise_exception === false) return mayDo(env, model, operation);
  requireRight(env, model, operation);
  return env.version >= 18 ? null : true;
}

/** What an external id points to. */
export const CHECK_OBJECT_REFERENCE: Method = onModel(
  'check_object_reference',
  'module xml_id raise_on_access_error?',
  (env, _model, _ids, args) => {
    const key = `${textOf(args.module)}.${textOf(args.xml_id)}`;
    const found = findExternalId(env, key);
    const model = textOf(found?.model);
    const id = Number(found?.res_id);
    if (!found) throw valueError(`External ID not found in the system: ${key}`);
    requireRight(env, env.model(model), 'read');
    return [model, env.search(model, [['id', '=', id]]).length > 0 ? id : false];
  },
  { writes: false },
);
