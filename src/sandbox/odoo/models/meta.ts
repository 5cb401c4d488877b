import { accessError, validationError } from '../orm/errors.js';
import { defineModel, f } from '../orm/schema.js';
import type { Undo } from '../database/table.js';
import type { Env, Field, FieldType, Model } from '../orm/types.js';
import { textOf, type Row, type WireObject } from '../orm/values.js';

const FIELD_TYPES: readonly FieldType[] = [
  'char',
  'text',
  'html',
  'integer',
  'float',
  'monetary',
  'boolean',
  'date',
  'datetime',
  'selection',
  'many2one',
  'one2many',
  'many2many',
  'many2one_reference',
];

/** Models that describe models, fields and external ids. */
export function metaModels(): Model[] {
  return [
    defineModel('ir.model', 'Models', {
      order: 'model',
      fields: [f.char('name', 'Model Description', { required: true }), f.char('model', 'Model', { required: true })],
    }),
    defineModel('ir.model.fields', 'Fields', {
      order: 'name',
      fields: [
        f.char('name', 'Field Name', { required: true }),
        f.char('model', 'Model Name'),
        f.many2one('model_id', 'Model', 'ir.model', { required: true }),
        f.char('field_description', 'Field Label'),
        f.selection(
          'ttype',
          'Field Type',
          FIELD_TYPES.map((type) => [type, type] as const),
          { required: true },
        ),
        f.char('relation', 'Related Model'),
        f.char('help', 'Field Help'),
        f.selection(
          'state',
          'Type',
          [
            ['manual', 'Custom Field'],
            ['base', 'Base Field'],
          ],
          { initial: 'manual' },
        ),
        f.boolean('index', 'Indexed'),
        f.boolean('copied', 'Copied', { initial: true }),
        f.boolean('store', 'Stored', { initial: true }),
        f.boolean('required', 'Required'),
        f.boolean('readonly', 'Readonly'),
        f.boolean('translate', 'Translatable'),
      ],
      beforeCreate: checkedField,
      afterCreate: (env, row) => addManualField(env, row),
      beforeUnlink: (env, rows) => {
        if (rows.some((row) => row.state !== 'manual'))
          throw accessError('This column contains module data and cannot be removed!');
        for (const row of rows) removeManualField(env, row);
      },
    }),
    defineModel('ir.module.module', 'Module', {
      order: 'name',
      fields: [
        f.char('name', 'Technical Name', { required: true }),
        f.char('shortdesc', 'Module Name'),
        f.selection(
          'state',
          'Status',
          [
            ['uninstalled', 'Not Installed'],
            ['installed', 'Installed'],
          ],
          { readonly: true, initial: 'uninstalled' },
        ),
      ],
    }),
    defineModel('ir.model.data', 'Model Data', {
      order: 'module, model, name',
      displayName: (_env, row) => textOf(row.key),
      fields: [
        f.char('name', 'External Identifier', { required: true }),
        f.char('module', 'Module'),
        f.char('model', 'Model Name', { required: true }),
        f.reference('res_id', 'Record ID'),
        f.boolean('noupdate', 'Non Updatable'),
        f.char('complete_name', 'Complete ID', { compute: (_env, row) => textOf(row.key) }),
      ],
      beforeCreate: (_env, values) => ({ module: '', ...values }),
      afterCreate: (env, row) => env.set('ir.model.data', row, { key: `${textOf(row.module)}.${textOf(row.name)}` }),
    }),
  ];
}

function checkedField(env: Env, values: WireObject): WireObject {
  const name = textOf(values.name);
  const model = env.table('ir.model').get(Number(values.model_id));
  if (!name.startsWith('x_'))
    throw validationError("The operation cannot be completed: Custom fields must have a name that starts with 'x_'!");
  if (!/^[a-z0-9_]+$/.test(name))
    throw validationError('Field names can only contain characters, digits and underscores (up to 63).');
  if (model && env.db.models.get(textOf(model.model))?.fields.has(name))
    throw validationError('The operation cannot be completed: Field names must be unique per model.');
  return { ...values, model: textOf(model?.model), state: 'manual' };
}

/** The field takes effect at once; undone with the transaction. On a template it shows on every variant. */
function addManualField(env: Env, row: Row): void {
  const field = manualField(row);
  for (const [model, made] of placesOf(env, row, field)) {
    env.tx.log(showField(model, made));
  }
}

function manualField(row: Readonly<Record<string, unknown>>): Field {
  return {
    name: textOf(row.name),
    type: FIELD_TYPES.find((type) => type === row.ttype) ?? 'char',
    string: textOf(row.field_description) || textOf(row.name),
    required: false,
    readonly: row.readonly === true,
    copy: row.copied === true,
    index: row.index === true,
    manual: true,
    ...(textOf(row.relation) === '' ? {} : { relation: textOf(row.relation) }),
    ...(textOf(row.help) === '' ? {} : { help: textOf(row.help) }),
  };
}

function placesOf(env: Env, row: Row, field: Field): [Model, Field][] {
  const model = env.model(textOf(row.model));
  const delegating = [...env.db.models.values()].filter((other) => other.delegate?.model === model.name);
  return [
    [model, field],
    ...delegating.map((other): [Model, Field] => [
      other,
      { ...field, manual: false, related: [other.delegate?.field ?? '', field.name] },
    ]),
  ];
}

function removeManualField(env: Env, row: Row): void {
  for (const [model, { name }] of placesOf(env, row, manualField(row))) {
    const field = model.fields.get(name);
    if (field) env.tx.log(hideField(model, field));
  }
}

function showField(model: Model, field: Field): Undo {
  model.fields.set(field.name, field);
  return () => hideField(model, field);
}

function hideField(model: Model, field: Field): Undo {
  model.fields.delete(field.name);
  return () => showField(model, field);
}
