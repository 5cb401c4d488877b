import { asHtml } from '../orm/convert.js';
import { valueError } from '../orm/errors.js';
import { load } from '../load/load.js';
import { postMessage } from '../models/base.js';
import { nameList } from './read-group.js';
import { readBySpecification } from '../orm/records.js';
import { onModel, onRecords } from '../orm/schema.js';
import type { Env, Method, Model } from '../orm/types.js';
import { isFilled, isObject, textOf } from '../orm/values.js';

export const WRITING: readonly Method[] = [
  onModel('create', 'vals_list', (env, model, _ids, { vals_list }) => {
    if (Array.isArray(vals_list))
      return vals_list.map((values) => env.create(model.name, isObject(values) ? values : {}).id);
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
  onRecords(
    'web_save',
    'vals specification next_id?',
    (env, model, ids, { vals, specification }) => {
      const values = isObject(vals) ? vals : {};
      const saved = ids.length > 0 ? ids : [env.create(model.name, values).id];
      if (ids.length > 0) env.write(model.name, ids, values);
      return readBySpecification(env, model, saved, specification);
    },
    { since: 18 },
  ),
  onRecords(
    'web_save_multi',
    'vals_list specification',
    (env, model, ids, { vals_list, specification }) => {
      const list: readonly unknown[] = Array.isArray(vals_list) ? vals_list : [];
      if (list.length !== ids.length) throw valueError('Each record must have a corresponding vals entry.');
      for (const [position, id] of ids.entries()) {
        const values = list[position];
        env.write(model.name, [id], isObject(values) ? values : {});
      }
      return readBySpecification(env, model, ids, specification);
    },
    { since: 19 },
  ),
  onModel('load', 'fields data', (env, model, _ids, { fields, data }) => {
    const rows: readonly unknown[] = Array.isArray(data) ? data : [];
    return load(
      env,
      model,
      nameList(fields),
      rows.filter((row): row is unknown[] => Array.isArray(row)),
    );
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
  if (template && model.delegate)
    values[model.delegate.field] = copyOf(
      env.with({ ...env.context, create_product_product: false }),
      env.model(model.delegate.model),
      template.id,
      {},
    );
  else if (name !== '' && model.name !== 'sale.order') values.name = `${name} (copy)`;
  return env.create(model.name, { ...values, ...defaults }).id;
}

/** Only the models with a history have it. Plain text is escaped, unless `body_is_html` says otherwise (from 17 on). */
export const MESSAGE_POST: Method = onRecords(
  'message_post',
  '',
  (env, model, ids, args) => {
    const unsupported = Object.keys(args).filter((name) => !MESSAGE_ARGUMENTS.has(name));
    if (unsupported.length > 0)
      throw valueError(`Those values are not supported when posting or notifying: ${unsupported.join(', ')}`);
    const [id] = ids;
    if (id === undefined)
      throw valueError(
        'Posting a message should be done on a business document. Use message_notify to send a notification to an user.',
      );
    env.row(model.name, id);
    const text = textOf(args.body);
    const asIs = env.version < 18 || isFilled(args.body_is_html);
    const body = asIs ? asHtml(text) : `<p>${escapeHtml(text)}</p>`;
    const message = postMessage(
      env,
      model.name,
      id,
      body,
      textOf(args.message_type) || 'notification',
      args.subject ?? false,
    );
    return env.version >= 19 ? [message] : message;
  },
  { open: true, label: 'MailThread.message_post' },
);

const MESSAGE_ARGUMENTS = new Set([
  'body',
  'subject',
  'message_type',
  'email_from',
  'author_id',
  'parent_id',
  'subtype_xmlid',
  'subtype_id',
  'partner_ids',
  'attachments',
  'attachment_ids',
  'body_is_html',
]);

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
