import { requireRight } from '../../orm/access.js';
import { accessError } from '../../orm/errors.js';
import { defineModel, f } from '../../orm/schema.js';
import type { Env, Model } from '../../orm/types.js';
import { textOf, type Row, type WireObject } from '../../orm/values.js';

/** Locations, warehouses and their kinds of operation. */
export function placeModels(): Model[] {
  return [locations(), warehouses(), operationTypes()];
}

const USAGES = [
  ['supplier', 'Vendor Location'],
  ['view', 'View'],
  ['internal', 'Internal Location'],
  ['customer', 'Customer Location'],
  ['inventory', 'Inventory Loss'],
  ['production', 'Production'],
  ['transit', 'Transit Location'],
] as const;

function locations(): Model {
  return defineModel('stock.location', 'Inventory Locations', {
    order: 'complete_name, id',
    displayName: completeName,
    nameFields: ['complete_name', 'barcode'],
    fields: [
      f.char('name', 'Location Name', { required: true }),
      f.char('complete_name', 'Full Location Name', { stored: true, compute: completeName }),
      f.selection('usage', 'Location Type', USAGES, { required: true, initial: 'internal' }),
      f.many2one('location_id', 'Parent Location', 'stock.location'),
      f.one2many('child_ids', 'Contains', 'stock.location', 'location_id'),
      f.char('barcode', 'Barcode'),
      f.char('parent_path', 'Parent Path', {
        stored: true,
        compute: (env, row) =>
          `${ancestry(env, row)
            .map((item) => item.id)
            .join('/')}/`,
      }),
      f.many2one('warehouse_id', 'Warehouse', 'stock.warehouse', { stored: true, compute: warehouseOf }),
      f.many2one('company_id', 'Company', 'res.company'),
      f.boolean('active', 'Active', { initial: true }),
    ],
  });
}

/** The location's ancestors, the highest first, and itself. */
function ancestry(env: Env, row: Row): Row[] {
  const parent = typeof row.location_id === 'number' ? env.table('stock.location').get(row.location_id) : undefined;
  return parent ? [...ancestry(env, parent), row] : [row];
}

/** `WH/Stock/Shelf`: a view location's own parents are left out. */
function completeName(env: Env, row: Row): string {
  const parent = typeof row.location_id === 'number' ? env.table('stock.location').get(row.location_id) : undefined;
  return parent && row.usage !== 'view' ? `${completeName(env, parent)}/${textOf(row.name)}` : textOf(row.name);
}

function warehouseOf(env: Env, row: Row): number | false {
  for (const { id } of ancestry(env, row))
    for (const warehouse of env.table('stock.warehouse').lookup('view_location_id', id)) return warehouse;
  return false;
}

function warehouses(): Model {
  return defineModel('stock.warehouse', 'Warehouse', {
    order: 'sequence, id',
    fields: [
      f.char('name', 'Warehouse', { required: true }),
      f.char('code', 'Short Name', { required: true }),
      f.many2one('company_id', 'Company', 'res.company', { required: true, readonly: true, initial: 1 }),
      f.many2one('view_location_id', 'View Location', 'stock.location', { required: true }),
      f.many2one('lot_stock_id', 'Location Stock', 'stock.location', { required: true }),
      f.many2one('out_type_id', 'Out Type', 'stock.picking.type'),
      f.selection('delivery_steps', 'Outgoing Shipments', [['ship_only', 'Deliver goods directly']], {
        initial: 'ship_only',
      }),
      f.integer('sequence', 'Sequence', { initial: 10 }),
      f.boolean('active', 'Active', { initial: true }),
    ],
    beforeCreate: (env, values) => ({ ...values, ...placesFor(env, values) }),
    afterCreate: (env, row) => {
      const out = env.sudo().create('stock.picking.type', {
        name: 'Delivery Orders',
        code: 'outgoing',
        warehouse_id: row.id,
        sequence_code: 'OUT',
        default_location_src_id: row.lot_stock_id,
      });
      env.set('stock.warehouse', row, { out_type_id: out.id });
    },
  });
}

/** A second warehouse switches settings on, which takes more than an inventory manager's rights. */
function placesFor(env: Env, values: WireObject): WireObject {
  requireRight(env, env.model('stock.warehouse'), 'create');
  if (!env.su && !env.hasGroup('base.group_system')) {
    const group = env.version >= 19 ? 'Role / Administrator' : 'Administration/Settings';
    throw accessError(
      `You are not allowed to create 'Config Settings' (res.config.settings) records.\n\nThis operation is allowed for the following groups:\n\t- ${group}\n\nContact your administrator to request access if necessary.`,
    );
  }
  const root = env.sudo();
  const view = root.create('stock.location', {
    name: textOf(values.code),
    usage: 'view',
    location_id: physicalRoot(env),
    company_id: 1,
  });
  const stock = root.create('stock.location', {
    name: 'Stock',
    usage: 'internal',
    location_id: view.id,
    company_id: 1,
  });
  return { view_location_id: view.id, lot_stock_id: stock.id };
}

/** Up to 18 warehouses hang below "Physical Locations"; 19 has no such roof. */
function physicalRoot(env: Env): number | false {
  return env.version >= 19 ? false : (env.search('stock.location', [['name', '=', 'Physical Locations']])[0] ?? false);
}

function operationTypes(): Model {
  return defineModel('stock.picking.type', 'Picking Type', {
    displayName: (env, row) =>
      typeof row.warehouse_id === 'number'
        ? `${env.displayName('stock.warehouse', row.warehouse_id)}: ${textOf(row.name)}`
        : textOf(row.name),
    fields: [
      f.char('name', 'Operation Type', { required: true }),
      f.selection(
        'code',
        'Type of Operation',
        [
          ['incoming', 'Receipt'],
          ['outgoing', 'Delivery'],
          ['internal', 'Internal Transfer'],
        ],
        { required: true, initial: 'outgoing' },
      ),
      f.many2one('warehouse_id', 'Warehouse', 'stock.warehouse'),
      f.char('sequence_code', 'Sequence Prefix'),
      f.many2one('default_location_src_id', 'Source Location', 'stock.location'),
      f.selection(
        'reservation_method',
        'Reservation Method',
        [
          ['at_confirm', 'At Confirmation'],
          ['manual', 'Manually'],
          ['by_date', 'Before scheduled date'],
        ],
        { required: true, initial: 'at_confirm' },
      ),
      f.selection(
        'create_backorder',
        'Create Backorder',
        [
          ['ask', 'Ask'],
          ['always', 'Always'],
          ['never', 'Never'],
        ],
        { initial: 'ask' },
      ),
      f.boolean('active', 'Active', { initial: true }),
    ],
  });
}

/** Where goods go that leave the house. */
export function customerLocation(env: Env): number {
  return env.sudo().search('stock.location', [['usage', '=', 'customer']], { limit: 1 })[0] ?? 0;
}

/** Where counted differences come from. */
export function inventoryLocation(env: Env): number {
  return env.sudo().search('stock.location', [['usage', '=', 'inventory']], { limit: 1 })[0] ?? 0;
}
