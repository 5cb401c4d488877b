import { defineModel, f } from '../orm/schema.js';
import type { Model } from '../orm/types.js';
import type { OdooVersion } from '../orm/values.js';

/** Automation rules and the actions that they carry out, as far as webhooks go (17 and later). */
export function automationModels(version: OdooVersion): Model[] {
  return [rules(), actions(version)];
}

const TRIGGERS = [
  ['on_create_or_write', 'On save'],
  ['on_create', 'On creation'],
  ['on_write', 'On update'],
  ['on_unlink', 'On deletion'],
] as const;

function rules(): Model {
  return defineModel('base.automation', 'Automation Rule', {
    fields: [
      f.char('name', 'Automation Rule Name', { required: true, translate: true }),
      f.many2one('model_id', 'Model', 'ir.model', { required: true, cascade: true }),
      f.char('model_name', 'Model Name', { related: ['model_id', 'model'], readonly: true }),
      f.selection('trigger', 'Trigger', TRIGGERS, { required: true }),
      f.many2many('trigger_field_ids', 'Trigger Fields', 'ir.model.fields'),
      f.char('filter_domain', 'Apply on'),
      f.one2many('action_server_ids', 'Actions', 'ir.actions.server', 'base_automation_id'),
      f.boolean('active', 'Active', { initial: true }),
    ],
  });
}

function actions(version: OdooVersion): Model {
  return defineModel('ir.actions.server', 'Server Action', {
    order: 'name, id',
    fields: [
      f.char('name', 'Action Name', { required: true, translate: true }),
      f.many2one('model_id', 'Model', 'ir.model', { required: true, cascade: true }),
      f.many2one('base_automation_id', 'Automation Rule', 'base.automation', { cascade: true }),
      f.selection(
        'state',
        'Type',
        [
          ['code', 'Execute Code'],
          ['webhook', 'Send Webhook Notification'],
        ],
        { required: true, initial: 'code' },
      ),
      f.selection(
        'usage',
        'Usage',
        [
          ['ir_actions_server', 'Server Action'],
          ['base_automation', 'Automation Rule'],
        ],
        { required: true, initial: 'ir_actions_server' },
      ),
      f.char('webhook_url', 'Webhook URL'),
      f.many2many('webhook_field_ids', 'Webhook Fields', 'ir.model.fields'),
    ],
    // Up to 18 an action is named after what it does, whatever name it is given.
    beforeCreate: (_env, values) =>
      version < 19 && values.state === 'webhook' ? { ...values, name: 'Send Webhook Notification' } : values,
  });
}
