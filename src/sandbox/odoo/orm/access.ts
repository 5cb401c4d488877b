import { accessError, missingError } from './errors.js';
import { visibility } from '../methods/search.js';
import type { Env, Model } from './types.js';
import type { OdooVersion, Row } from './values.js';

export const OPERATIONS = ['read', 'write', 'create', 'unlink'] as const;
export type Operation = (typeof OPERATIONS)[number];

type Rights = Readonly<Record<Operation, readonly string[]>>;

const USER = ['base.group_user'];
const SYSTEM = ['base.group_system'];
const ACCESS = ['base.group_erp_manager'];
const SALES = ['sales_team.group_sale_salesman'];
const SALES_MANAGER = ['sales_team.group_sale_manager'];
const STOCK = ['stock.group_stock_user'];
const STOCK_MANAGER = ['stock.group_stock_manager'];

const rights = (read: readonly string[], change: readonly string[], unlink = change): Rights => ({
  read,
  write: change,
  create: change,
  unlink,
});

const PRODUCT_MODELS = new Set([
  'product.product',
  'product.template',
  'product.template.attribute.value',
  'product.template.attribute.line',
  'product.attribute',
  'product.attribute.value',
  'product.category',
]);

function rightsOn(version: OdooVersion, model: string): Rights {
  if (PRODUCT_MODELS.has(model)) return rights(USER, productManagers(version));
  switch (model) {
    case 'res.partner':
      return rights(USER, ['base.group_partner_manager', ...STOCK_MANAGER, ...SALES_MANAGER]);
    case 'sale.order':
    case 'sale.order.line':
      return rights([...SALES, ...STOCK], SALES, SALES_MANAGER);
    case 'stock.quant':
      return rights(USER, STOCK, []);
    case 'stock.picking':
    case 'stock.move':
      return rights([...STOCK, ...SALES], STOCK);
    case 'stock.location':
    case 'stock.warehouse':
    case 'stock.picking.type':
      return rights(USER, STOCK_MANAGER);
    case 'product.pricelist':
      return rights(USER, SALES_MANAGER);
    case 'crm.tag':
      return rights(SALES, SALES);
    case 'ir.model':
    case 'ir.model.fields':
    case 'ir.model.data':
      return rights(ACCESS, ACCESS);
    case 'base.automation':
    case 'ir.actions.server':
      return rights(SYSTEM, SYSTEM);
    case 'res.users':
    case 'res.groups':
      return rights(USER, ACCESS);
    default:
      return rights(USER, SYSTEM);
  }
}

function productManagers(version: OdooVersion): string[] {
  if (version >= 19) return ['product.group_product_manager'];
  return [...(version >= 18 ? ['product.group_product_manager'] : []), ...STOCK_MANAGER, ...SALES_MANAGER];
}

const GROUP_NAMES: Readonly<Record<string, string>> = {
  'base.group_user': 'User types/Internal User',
  'base.group_system': 'Administration/Settings',
  'base.group_erp_manager': 'Administration/Access Rights',
  'base.group_partner_manager': 'Extra Rights/Contact Creation',
  'product.group_product_manager': 'Extra Rights/Product Creation',
  'sales_team.group_sale_salesman': 'Sales/User: Own Documents Only',
  'sales_team.group_sale_manager': 'Sales/Administrator',
  'stock.group_stock_user': 'Inventory/User',
  'stock.group_stock_manager': 'Inventory/Administrator',
};

const GROUP_NAMES_19: Readonly<Record<string, string>> = {
  ...GROUP_NAMES,
  'base.group_user': 'Role / User',
  'base.group_system': 'Role / Administrator',
  'base.group_erp_manager': 'Access Rights',
  'base.group_partner_manager': 'Contact/Creation',
  'product.group_product_manager': 'Products/Create',
};

const VERBS: Readonly<Record<Operation, string>> = {
  read: 'access',
  write: 'modify',
  create: 'create',
  unlink: 'delete',
};

/** Whether the user may do this with records of the model at all. */
export function mayDo(env: Env, model: Model, operation: Operation): boolean {
  return env.su || rightsOn(env.version, model.name)[operation].some((group) => env.hasGroup(group));
}

/** @throws OdooError AccessError, as Odoo words it, naming the groups that may */
export function requireRight(env: Env, model: Model, operation: Operation): void {
  if (mayDo(env, model, operation)) return;
  const names = env.version >= 19 ? GROUP_NAMES_19 : GROUP_NAMES;
  const { [operation]: allowing } = rightsOn(env.version, model.name);
  const groups = allowing.map((group) => `\t- ${names[group] ?? group}`).sort();
  const allowed =
    groups.length === 0
      ? 'No group currently allows this operation.'
      : `This operation is allowed for the following groups:\n${groups.join('\n')}`;
  throw accessError(
    `You are not allowed to ${VERBS[operation]} '${model.description}' (${model.name}) records.\n\n${allowed}\n\nContact your administrator to request access if necessary.`,
  );
}

/**
 * The records with these ids, all of which must be there and visible to the user.
 * @throws OdooError MissingError, AccessError
 */
export function requireRows(env: Env, model: Model, ids: readonly number[], operation: Operation): Row[] {
  requireRight(env, model, operation);
  const table = env.table(model.name);
  const rows = ids.map((id) => {
    const row = table.get(id);
    if (!row) throw missingError(model.name, [id], env.uid);
    return row;
  });
  requireVisible(env, model, rows, operation);
  return rows;
}

/** @throws OdooError AccessError for a record that a rule hides from the user */
export function requireVisible(env: Env, model: Model, rows: readonly Row[], operation: Operation): void {
  const visible = visibility(env, model);
  const hidden = visible && rows.find((row) => !visible(row));
  if (!hidden) return;
  const who = env.displayName('res.users', env.uid);
  throw accessError(
    `Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, ${who} (id=${env.uid}) doesn't have '${operation}' access to:\n` +
      `- ${model.description}, ${model.displayName(env.sudo(), hidden)} (${model.name}: ${hidden.id})\n\nIf you really, really need access, perhaps you can win over your friendly administrator with a batch of freshly baked cookies.`,
  );
}
