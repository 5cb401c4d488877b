import { typeError, userError } from '../orm/errors.js';
import { namesOf } from '../orm/names.js';
import { defineModel, f, onModel, onRecords } from '../orm/schema.js';
import type { Env, Field, Method, Model } from '../orm/types.js';
import { isFilled, textOf, type OdooVersion, type Row, type WireObject } from '../orm/values.js';

/** Companies, users, languages and other things that everything stands on. */
export function baseModels(version: OdooVersion): Model[] {
  return [
    defineModel('res.company', 'Companies', {
      order: 'name',
      fields: [
        f.char('name', 'Company Name', { required: true }),
        f.many2one('currency_id', 'Currency', 'res.currency', { required: true }),
        f.many2one('partner_id', 'Partner', 'res.partner'),
        f.many2one('account_sale_tax_id', 'Default Sale Tax', 'account.tax'),
        f.many2one('country_id', 'Country', 'res.country'),
        f.boolean('active', 'Active', { initial: true }),
      ],
    }),
    defineModel('res.currency', 'Currency', {
      order: 'active desc, name',
      fields: [
        f.char('name', 'Currency', { required: true }),
        f.char('symbol', 'Symbol'),
        f.float('rounding', 'Rounding Factor'),
        f.integer('decimal_places', 'Decimal Places', { initial: 2 }),
        f.boolean('active', 'Active', { initial: true }),
      ],
    }),
    defineModel('res.lang', 'Languages', {
      order: 'active desc, name',
      fields: [
        f.char('name', 'Name', { required: true }),
        f.char('code', 'Locale Code', { required: true }),
        f.char('iso_code', 'ISO code'),
        f.boolean('active', 'Active'),
      ],
    }),
    defineModel('res.country', 'Country', {
      order: 'name',
      fields: [f.char('name', 'Country Name', { required: true }), f.char('code', 'Country Code')],
    }),
    defineModel('crm.tag', 'CRM Tag', {
      fields: [f.char('name', 'Tag Name', { required: true }), f.integer('color', 'Color')],
    }),
    groups(),
    users(version),
    messages(),
  ];
}

function groups(): Model {
  return defineModel('res.groups', 'Access Groups', {
    order: 'name',
    fields: [
      f.char('name', 'Name', { required: true }),
      f.many2many('implied_ids', 'Inherits', 'res.groups'),
      f.char('full_name', 'Group Name', { searchable: true, compute: (_env, row) => row.name ?? false }),
    ],
  });
}

function users(version: OdooVersion): Model {
  return defineModel('res.users', version >= 19 ? 'User' : 'Users', {
    order: 'name, login',
    fields: [
      f.char('name', 'Name', { required: true }),
      f.char('login', 'Login', { required: true }),
      f.char('email', 'Email'),
      f.many2one('partner_id', 'Related Partner', 'res.partner', { required: true }),
      f.many2one('company_id', 'Company', 'res.company', { required: true, initial: 1 }),
      f.many2many('company_ids', 'Companies', 'res.company'),
      f.char('lang', 'Language', { initial: 'en_US' }),
      f.char('tz', 'Timezone'),
      f.boolean('active', 'Active', { initial: true }),
      f.many2many(namesOf(version).userGroups, 'Groups', 'res.groups'),
      f.char('password', 'Password', {
        compute: () => '',
        write: (env, row, value) => setPassword(env, row, textOf(value)),
      }),
    ],
    beforeCreate: (env, values) => ({
      company_id: 1,
      company_ids: [1],
      ...values,
      partner_id: env
        .sudo()
        .create('res.partner', { name: textOf(values.name) || textOf(values.login), email: values.email ?? false }).id,
    }),
    methods: { has_group: hasGroup(version), context_get: onModel('context_get', '', userContext, { writes: false }) },
  });
}

function setPassword(env: Env, row: Row, password: string): void {
  const secrets = env.db.secrets.get(row.id) ?? { password: '', keys: new Set<string>() };
  env.db.secrets.set(row.id, { ...secrets, password });
}

/** Up to 17 the question is put to the model, about oneself; from 18 on to a user. */
function hasGroup(version: OdooVersion): Method {
  const label = version >= 19 ? 'ResUsers.has_group' : 'Users.has_group';
  if (version < 18)
    return onModel(
      'has_group',
      'group_ext_id',
      (env, _model, _ids, { group_ext_id }) => env.hasGroup(textOf(group_ext_id)),
      {
        label,
        writes: false,
      },
    );
  return onRecords(
    'has_group',
    'group_ext_id',
    (env, _model, ids, { group_ext_id }) => {
      const [id] = ids;
      if (id === undefined) throw typeError('Expected singleton: res.users()');
      return env.hasGroup(textOf(group_ext_id), id);
    },
    { label, writes: false },
  );
}

function userContext(env: Env): unknown {
  const user = env.table('res.users').get(env.uid);
  return { lang: user?.lang ?? false, tz: user?.tz ?? false, uid: env.uid };
}

function messages(): Model {
  return defineModel('mail.message', 'Message', {
    order: 'id desc',
    displayName: (_env, row) => textOf(row.subject) || `mail.message,${row.id}`,
    fields: [
      f.html('body', 'Contents'),
      f.char('subject', 'Subject'),
      f.char('model', 'Related Document Model'),
      f.reference('res_id', 'Related Document ID'),
      f.char('message_type', 'Type'),
      f.datetime('date', 'Date'),
      f.many2one('author_id', 'Author', 'res.partner'),
      f.boolean('is_internal', 'Employee Only'),
    ],
  });
}

/** The record's history, newest first. */
export function historyField(model: string): Field {
  return f.many2many('message_ids', 'Messages', 'mail.message', {
    searchable: true,
    compute: (env, row) => {
      const table = env.table('mail.message');
      return [...table.lookup('res_id', row.id)].filter((id) => table.get(id)?.model === model).sort((a, b) => b - a);
    },
  });
}

/**
 * Notes something in a record's history on behalf of the user. @throws OdooError up to 18 for a user without an e-mail
 * address
 */
export function postMessage(
  env: Env,
  model: string,
  id: number,
  body: string,
  message_type: string,
  subject: unknown = false,
): number {
  const user = env.table('res.users').get(env.uid);
  const author = user?.partner_id ?? false;
  if (env.version < 19 && !env.su && !isFilled(user?.email))
    throw userError("Unable to send message, please configure the sender's email address.");
  const values: WireObject = { body, subject, model, res_id: id, message_type, date: env.tx.now, author_id: author };
  return env.sudo().create('mail.message', values).id;
}
