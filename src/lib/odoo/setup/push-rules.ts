import { z } from 'zod';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import type { ProductField } from '../id-field.js';
import { load } from '../records/load.js';
import { findOwn, ownKey } from './own-records.js';

/** Where Odoo is to send its hints, with the secret in it: Odoo can add no header of its own. */
export interface PushTarget {
  readonly url: string;
  readonly secret: string;
}

export interface PushSetupResult {
  readonly outcome: 'created' | 'updated' | 'would create' | 'would update';
  /** The models that are watched. */
  readonly models: readonly string[];
}

/** An automation rule: a change of one of these fields sends a hint, which brings the other fields along. */
interface PushRule {
  readonly model: string;
  readonly watched: readonly string[];
  readonly sent: readonly string[];
  readonly filter?: string;
}

/** External ids of rules and their actions begin so. */
export const PUSH_PREFIX = 'push_';
const FIRST_WITH_WEBHOOKS = 17;

/** The path that hints are sent to, below the address that the service is reached at. */
export const hintPath = (secret: string): string => `/odoo/hint/${secret}`;

/**
 * What is watched. A rule fires only where a watched field's value differs after the write (measured on 18 and 19): a
 * variant's price is its template's, and an extra price neither's. Goods that leave the house are of no interest.
 */
export function pushRules(idField: ProductField | undefined): PushRule[] {
  const id = (model: string): string[] => (idField?.model === model ? [idField.name] : []);
  return [
    { model: 'product.template', watched: ['list_price', 'active', 'sale_ok', ...id('product.template')], sent: [] },
    { model: 'product.product', watched: ['active', ...id('product.product')], sent: [] },
    { model: 'product.template.attribute.value', watched: ['price_extra'], sent: ['product_tmpl_id'] },
    {
      model: 'stock.quant',
      watched: ['quantity', 'reserved_quantity'],
      sent: ['product_id'],
      filter: "[('location_id.usage', '=', 'internal')]",
    },
    { model: 'sale.order', watched: ['state'], sent: [] },
    { model: 'sale.order.line', watched: ['product_uom_qty', 'product_id'], sent: ['order_id'] },
    { model: 'stock.picking', watched: ['state'], sent: ['sale_id'] },
  ];
}

/**
 * Installs the automation rules that send hints, or turns those that are there to this address. One call of Odoo's
 * import does it: by external ids it makes nothing double, and either all rules are there or none.
 * @param admin an Odoo entered as an administrator
 * @throws CartonaError `usage` when this Odoo cannot push; `credentials` when the user may not make rules; `refused`
 */
export async function setUpPush(
  admin: OdooClient,
  target: PushTarget,
  options: { idField: ProductField | undefined; dryRun: boolean },
): Promise<PushSetupResult> {
  await requireAutomation(admin);
  const rules = pushRules(options.idField);
  const models = rules.map((rule) => rule.model);
  const present = (await findOwn(admin, PUSH_PREFIX)).length > 0;
  if (options.dryRun) return { outcome: present ? 'would update' : 'would create', models };
  const fields = await fieldIds(admin, rules);
  const rows = rules.map((rule) => ruleRow(rule, fields, `${target.url}${hintPath(target.secret)}`));
  const result = await load(admin, 'base.automation', COLUMNS, rows);
  if (result.kind !== 'loaded')
    throw new CartonaError(
      'refused',
      `Odoo at ${admin.url} did not take the automation rules: ${result.errors[0]?.message ?? 'no reason given'}; nothing was changed.`,
    );
  return { outcome: present ? 'updated' : 'created', models };
}

const moduleAnswer = z.array(z.object({ state: z.string() }));

async function requireAutomation(admin: OdooClient): Promise<void> {
  if (admin.major < FIRST_WITH_WEBHOOKS) {
    throw new CartonaError(
      'usage',
      `Odoo ${admin.major} cannot push changes (17 and later can); leave --push out: changes are found by asking.`,
    );
  }
  const [module] = await admin.call(
    'ir.module.module',
    'search_read',
    { domain: [['name', '=', 'base_automation']], fields: ['state'] },
    moduleAnswer,
  );
  if (module?.state === 'installed' || module?.state === 'to upgrade') return;
  throw new CartonaError(
    'usage',
    `Automation rules are not installed in Odoo at ${admin.url}; under Apps remove the filter "Apps", search for base_automation, install it and run this again.`,
  );
}

const fieldsAnswer = z.array(
  z.object({
    id: z.number().int(),
    name: z.string(),
    model: z.string(),
    model_id: z.tuple([z.number().int(), z.string()]),
  }),
);
type KnownFields = z.output<typeof fieldsAnswer>;

async function fieldIds(admin: OdooClient, rules: readonly PushRule[]): Promise<KnownFields> {
  const models = rules.map((rule) => rule.model);
  const names = [...new Set(rules.flatMap((rule) => [...rule.watched, ...rule.sent]))];
  return admin.call(
    'ir.model.fields',
    'search_read',
    {
      domain: [
        ['model', 'in', models],
        ['name', 'in', names],
      ],
      fields: ['name', 'model', 'model_id'],
    },
    fieldsAnswer,
  );
}

const ACTION = 'action_server_ids';
const COLUMNS = [
  'id',
  'name',
  'model_id/.id',
  'trigger',
  'trigger_field_ids/.id',
  'filter_domain',
  'active',
  ...['id', 'name', 'model_id/.id', 'state', 'usage', 'webhook_url', 'webhook_field_ids/.id'].map(
    (column) => `${ACTION}/${column}`,
  ),
];

function ruleRow(rule: PushRule, known: KnownFields, url: string): string[] {
  const of = known.filter((field) => field.model === rule.model);
  const ids = (names: readonly string[]): string =>
    names.map((name) => of.find((field) => field.name === name)?.id ?? missing(rule.model, name)).join(',');
  const model = String(of[0]?.model_id[0] ?? missing(rule.model, 'id'));
  const key = `${PUSH_PREFIX}${rule.model.replaceAll('.', '_')}`;
  const name = `Cartona: ${rule.model} changed`;
  return [
    ownKey(key),
    name,
    model,
    'on_create_or_write',
    ids(rule.watched),
    rule.filter ?? '',
    '1',
    ownKey(`${key}_action`),
    `Tell cartona: ${rule.model}`,
    model,
    'webhook',
    'base_automation',
    url,
    ids(rule.sent),
  ];
}

function missing(model: string, name: string): never {
  throw new CartonaError(
    'refused',
    `Odoo has no field ${name} on ${model}; install the apps Sales and Inventory first.`,
  );
}

export interface PushRemoval {
  /** How many automation rules are (or, in a dry run, would be) removed. */
  readonly rules: number;
}

/**
 * Removes the automation rules that `setUpPush` made, with their actions and external ids; no others.
 * @throws CartonaError `credentials` when the user may not remove them
 */
export async function tearDownPush(admin: OdooClient, options: { dryRun: boolean }): Promise<PushRemoval> {
  const own = await findOwn(admin, PUSH_PREFIX);
  const rules = own.filter((record) => record.model === 'base.automation').map((record) => record.res_id);
  if (options.dryRun || own.length === 0) return { rules: rules.length };
  // Actions first: deleted by the database along with their rule, they would leave their external ids behind.
  await removeAll(
    admin,
    'ir.actions.server',
    own.filter((record) => record.model === 'ir.actions.server').map((record) => record.res_id),
  );
  await removeAll(admin, 'base.automation', rules);
  const left = await findOwn(admin, PUSH_PREFIX);
  if (left.length > 0)
    await admin.call('ir.model.data', 'unlink', { ids: left.map((record) => record.id) }, z.unknown(), {
      repeatable: true,
    });
  return { rules: rules.length };
}

const idsAnswer = z.array(z.number().int());

/** Those that a person has removed already, alone or with the app, are gone. */
async function removeAll(admin: OdooClient, model: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    const present = await admin.call(
      model,
      'search',
      { domain: [['id', 'in', ids]], context: { active_test: false } },
      idsAnswer,
    );
    if (present.length > 0) await admin.call(model, 'unlink', { ids: present }, z.unknown());
  } catch (error) {
    if (!isCartonaError(error, 'refused') || !/does(n't| not) exist/i.test(error.message)) throw error;
  }
}
