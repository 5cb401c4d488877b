import { createHash } from 'node:crypto';
import { RequestEnv } from '../orm/env.js';
import { keepExternalIds } from '../load/external-ids.js';
import { namesOf } from '../orm/names.js';
import type { Database, Env } from '../orm/types.js';

/** The users of the sandbox, by what they may do. */
export const LOGINS = { admin: 'admin', integration: 'cartona', sales: 'sales' } as const;

const SALES_MANAGER = 'sales_team.group_sale_manager';
const STOCK_MANAGER = 'stock.group_stock_manager';
const PRODUCT_MANAGER = 'product.group_product_manager';
const AUTO_LOCK = 'sale.group_auto_done_setting';

/** Groups: name, external id and what they imply. */
const GROUPS: readonly (readonly [string, string, readonly string[]])[] = [
  ['Internal User', 'base.group_user', []],
  ['Access Rights', 'base.group_erp_manager', ['base.group_user']],
  ['Settings', 'base.group_system', ['base.group_erp_manager']],
  ['Contact Creation', 'base.group_partner_manager', []],
  ['Product Creation', PRODUCT_MANAGER, []],
  ['User: Own Documents Only', 'sales_team.group_sale_salesman', []],
  ['User: All Documents', 'sales_team.group_sale_salesman_all_leads', ['sales_team.group_sale_salesman']],
  ['Administrator', SALES_MANAGER, ['sales_team.group_sale_salesman_all_leads']],
  ['User', 'stock.group_stock_user', []],
  ['Administrator', STOCK_MANAGER, ['stock.group_stock_user']],
  ['Lock Confirmed Sales', AUTO_LOCK, []],
];

/** The superuser's environment, for making what is there from the beginning. */
export function rootEnv(db: Database): Env {
  return new RequestEnv(db, db.begin(), { uid: 1, su: true, context: {}, importing: undefined });
}

/**
 * The believable minimum of a freshly installed Odoo with sales, inventory and two warehouses. @returns ids that the
 * catalogue needs
 */
export function seedBase(db: Database, seed: number): BaseIds {
  const env = rootEnv(db);
  const { id: currency } = env.create('res.currency', { name: 'EGP', symbol: 'LE', rounding: 0.01 });
  const { id: egypt } = env.create('res.country', { name: 'Egypt', code: 'EG' });
  env.create('res.lang', { name: 'English (US)', code: 'en_US', iso_code: 'en', active: true });
  env.create('res.lang', { name: 'Arabic / الْعَرَبيّة', code: 'ar_001', iso_code: 'ar', active: true });
  const { id: companyPartner } = env.create('res.partner', { name: 'My Company', is_company: true, country_id: egypt });
  const { id: company } = env.create('res.company', {
    name: 'My Company',
    currency_id: currency,
    partner_id: companyPartner,
    country_id: egypt,
  });
  name(env, 'base.main_company', 'res.company', company);
  name(env, 'base.main_partner', 'res.partner', companyPartner);
  const taxes = seedTaxes(env);
  env.set('res.company', env.row('res.company', company), { account_sale_tax_id: taxes.excluded });
  const users = seedUsers(env, seed);
  const { id: unit } = env.create('uom.uom', { name: 'Units' });
  const { id: category } = env.create('product.category', { name: 'All' });
  env.create('product.pricelist', { name: 'Default', currency_id: currency });
  const warehouses = seedPlaces(env);
  for (const model of db.models.values()) seedModel(env, model.name);
  for (const module of ['sale_stock', 'stock']) env.create('ir.module.module', { name: module, state: 'installed' });
  env.create('ir.module.module', {
    name: 'base_automation',
    shortdesc: 'Automation Rules',
    state: db.models.has('base.automation') ? 'installed' : 'uninstalled',
  });
  env.tx.commit();
  return { users, taxes, unit, category, warehouses };
}

export interface BaseIds {
  readonly users: { readonly admin: number; readonly integration: number; readonly sales: number };
  /** Egypt's 14 % on top of the price, and contained in it. */
  readonly taxes: { readonly excluded: number; readonly included: number };
  readonly unit: number;
  readonly category: number;
  /** Stock locations; some goods lie on a shelf below the first. */
  readonly warehouses: {
    readonly WH1: { id: number; stock: number; shelf: number };
    readonly WH2: { id: number; stock: number };
  };
}

function name(env: Env, key: string, model: string, id: number): void {
  keepExternalIds(env, [{ key, model, id, noupdate: true }], false);
}

function seedTaxes(env: Env): BaseIds['taxes'] {
  const included = env.version >= 18 ? { price_include_override: 'tax_included' } : { price_include: true };
  const excluded = env.version >= 18 ? { price_include_override: 'tax_excluded' } : { price_include: false };
  return {
    excluded: env.create('account.tax', { name: '14%', amount: 14, ...excluded }).id,
    included: env.create('account.tax', { name: '14% included', amount: 14, ...included }).id,
  };
}

function seedUsers(env: Env, seed: number): BaseIds['users'] {
  const groups = new Map<string, number>();
  for (const [label, external, implied] of GROUPS) {
    const row = env.create('res.groups', {
      name: label,
      implied_ids: [[6, 0, implied.map((key) => groups.get(key) ?? 0)]],
    });
    env.tx.log(env.table('res.groups').update(row.id, { external }));
    name(env, external, 'res.groups', row.id);
    groups.set(external, row.id);
  }
  const user = (label: string, login: string, memberships: readonly string[]): number => {
    const ids = memberships.map((key) => groups.get(key) ?? 0);
    const { id } = env.create('res.users', {
      name: label,
      login,
      email: login.startsWith('__') ? false : `${login}@example.com`,
      tz: 'Africa/Cairo',
      [namesOf(env.version).userGroups]: [[6, 0, ids]],
      password: secretOf(seed, `password ${login}`).slice(0, 12),
    });
    env.db.secrets.get(id)?.keys.add(secretOf(seed, `key ${login}`));
    return id;
  };
  user('OdooBot', '__system__', []);
  const admin = user(
    'Administrator',
    LOGINS.admin,
    GROUPS.map(([, key]) => key).filter((key) => key !== AUTO_LOCK),
  );
  name(env, 'base.user_admin', 'res.users', admin);
  const integration = user('Cartona Integration', LOGINS.integration, [
    'base.group_user',
    SALES_MANAGER,
    STOCK_MANAGER,
    'base.group_partner_manager',
    ...(env.version >= 18 ? [PRODUCT_MANAGER] : []),
  ]);
  return {
    admin,
    integration,
    sales: user('Salesperson', LOGINS.sales, [
      'base.group_user',
      'sales_team.group_sale_salesman',
      'stock.group_stock_user',
    ]),
  };
}

/** Secrets in the form of Odoo's API keys; the same for one seed, so that a sandbox started again knows its clients. */
function secretOf(seed: number, of: string): string {
  return createHash('sha1').update(`odoo ${seed} ${of}`).digest('hex');
}

/** Up to 18 locations hang below views; 19 has done away with them. */
function seedPlaces(env: Env): BaseIds['warehouses'] {
  const old = env.version < 19;
  const view = (label: string): number | false =>
    old ? env.create('stock.location', { name: label, usage: 'view' }).id : false;
  view('Physical Locations');
  const partners = view('Partners');
  const virtual = view('Virtual Locations');
  env.create('stock.location', { name: 'Customers', usage: 'customer', location_id: partners });
  env.create('stock.location', { name: 'Inventory adjustment', usage: 'inventory', location_id: virtual });
  const warehouse = (label: string, code: string): { id: number; stock: number } => {
    const row = env.create('stock.warehouse', { name: label, code });
    return { id: row.id, stock: Number(row.lot_stock_id) };
  };
  const first = warehouse('Cairo', 'WH1');
  const second = warehouse('Alexandria', 'WH2');
  return {
    WH1: { ...first, shelf: env.create('stock.location', { name: 'Shelf A', location_id: first.stock }).id },
    WH2: second,
  };
}

function seedModel(env: Env, model: string): void {
  const of = env.model(model);
  const { id } = env.create('ir.model', { name: of.description, model });
  const fields = env.table('ir.model.fields');
  for (const field of of.fields.values()) {
    fields.insert({
      name: field.name,
      model,
      model_id: id,
      field_description: field.string,
      ttype: field.type,
      state: 'base',
      index: field.index,
      copied: field.copy,
      store: field.compute === undefined,
      ...(field.relation === undefined ? {} : { relation: field.relation }),
      create_date: env.tx.now,
      write_date: env.tx.now,
    });
  }
}
