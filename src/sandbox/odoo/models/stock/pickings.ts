import { userError } from '../../orm/errors.js';
import { defineModel, f, onRecords } from '../../orm/schema.js';
import type { Env, Method, Model } from '../../orm/types.js';
import { idList, isFilled, textOf, type OdooVersion, type Row } from '../../orm/values.js';
import { historyField, postMessage } from '../base.js';
import { noteDelivery } from './deliveries.js';
import {
  cancelMove,
  demandOf,
  doneOf,
  finishMove,
  isOpen,
  refreshState,
  reserve,
  reservedOf,
  unreserve,
} from './moves.js';

const STATES = [
  ['draft', 'Draft'],
  ['waiting', 'Waiting Another Operation'],
  ['confirmed', 'Waiting'],
  ['assigned', 'Ready'],
  ['done', 'Done'],
  ['cancel', 'Cancelled'],
] as const;

/** Deliveries. */
export function pickingModel(version: OdooVersion): Model {
  const method = (name: string, run: Method['run']): Method =>
    onRecords(name, '', run, { label: `${version >= 19 ? 'StockPicking' : 'Picking'}.${name}` });
  return defineModel('stock.picking', 'Transfer', {
    order: 'priority desc, scheduled_date asc, id desc',
    fields: [
      f.char('name', 'Reference', { readonly: true }),
      f.selection('state', 'Status', STATES, { readonly: true, initial: 'draft' }),
      f.char('origin', 'Source Document'),
      f.many2one('picking_type_id', 'Operation Type', 'stock.picking.type', { required: true }),
      f.selection(
        'picking_type_code',
        'Type of Operation',
        [
          ['incoming', 'Receipt'],
          ['outgoing', 'Delivery'],
          ['internal', 'Internal Transfer'],
        ],
        { related: ['picking_type_id', 'code'], readonly: true },
      ),
      f.many2one('location_id', 'Source Location', 'stock.location', { required: true }),
      f.many2one('location_dest_id', 'Destination Location', 'stock.location', { required: true }),
      f.many2one('partner_id', 'Contact', 'res.partner'),
      f.many2one('sale_id', 'Sales Order', 'sale.order'),
      f.one2many('move_ids', 'Stock Moves', 'stock.move', 'picking_id'),
      f.many2one('backorder_id', 'Back Order of', 'stock.picking'),
      f.one2many('backorder_ids', 'Back Orders', 'stock.picking', 'backorder_id'),
      f.datetime('scheduled_date', 'Scheduled Date', { initial: (env) => env.tx.now.slice(0, 19) }),
      f.datetime('date_done', 'Date of Transfer', { readonly: version < 19 }),
      f.selection(
        'priority',
        'Priority',
        [
          ['0', 'Normal'],
          ['1', 'Urgent'],
        ],
        { initial: '0' },
      ),
      f.html('note', 'Notes'),
      f.many2one('company_id', 'Company', 'res.company', { initial: 1 }),
      f.selection(
        'move_type',
        'Shipping Policy',
        [
          ['direct', 'As soon as possible'],
          ['one', 'When all products are ready'],
        ],
        { initial: 'direct' },
      ),
      historyField('stock.picking'),
    ],
    methods: {
      action_assign: method('action_assign', assign),
      action_cancel: method('action_cancel', (env, _model, ids) => {
        for (const id of ids) cancelPicking(env, env.row('stock.picking', id));
        return true;
      }),
      do_unreserve: method('do_unreserve', (env, _model, ids) => {
        for (const id of ids) for (const move of openMoves(env, id)) setFree(env, move);
        for (const id of ids) refreshPicking(env, env.row('stock.picking', id));
        return null;
      }),
      button_validate: method('button_validate', validate),
    },
  });
}

function setFree(env: Env, move: Row): void {
  unreserve(env, move);
  refreshState(env, move);
}

function movesOf(env: Env, picking: number): Row[] {
  return [...env.table('stock.move').lookup('picking_id', picking)].map((id) => env.row('stock.move', id));
}

function openMoves(env: Env, picking: number): Row[] {
  return movesOf(env, picking).filter(isOpen);
}

/** A delivery is ready as soon as something of it is reserved. */
export function refreshPicking(env: Env, picking: Row): void {
  const moves = movesOf(env, picking.id);
  const open = moves.filter(isOpen);
  const ready = open.some((move) => move.state === 'assigned' || move.state === 'partially_available');
  const state =
    moves.length === 0
      ? 'draft'
      : moves.every((move) => move.state === 'cancel')
        ? 'cancel'
        : open.length === 0
          ? 'done'
          : ready
            ? 'assigned'
            : 'confirmed';
  if (state !== picking.state) env.set('stock.picking', picking, { state });
  noteDelivery(env, picking);
}

function assign(env: Env, _model: Model, ids: readonly number[]): true {
  const moves = ids.flatMap((id) => openMoves(env, id));
  if (moves.length === 0) throw userError('Nothing to check the availability for.');
  for (const move of moves) {
    reserve(env, move);
    refreshState(env, move);
  }
  for (const id of ids) refreshPicking(env, env.row('stock.picking', id));
  return true;
}

export function cancelPicking(env: Env, picking: Row): void {
  for (const move of openMoves(env, picking.id)) cancelMove(env, move);
  refreshPicking(env, picking);
}

/**
 * Validates deliveries. A question to a person comes as a dictionary and nothing is done; `skip_immediate` (16),
 * `skip_backorder` and `skip_sms` in the context answer ahead. `true` proves nothing: on 16 nothing happens while no
 * quantity is done.
 */
function validate(env: Env, _model: Model, ids: readonly number[]): unknown {
  const pickings = ids.map((id) => env.row('stock.picking', id));
  if (env.version >= 19 && pickings.every((picking) => picking.state === 'done')) return true;
  refuseEmpty(env, pickings);
  const question = askFirst(env, pickings);
  if (question) return question;
  for (const picking of pickings) finishPicking(env, picking);
  return true;
}

function refuseEmpty(env: Env, pickings: readonly Row[]): void {
  if (
    pickings.some((picking) =>
      openMoves(env, picking.id).some((move) => reservedOf(env, move) > 0 || doneOf(env, move) > 0),
    )
  )
    return;
  if (env.version >= 19)
    throw userError(
      "Transfer trouble alert! Validating a zero quantity transfer? You're not moving invisible goods around are you?\nSet some quantities and let's get moving!",
    );
  if (env.version >= 18)
    throw userError(
      'You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities.',
    );
  throw userError(
    'You cannot validate a transfer if no quantities are reserved nor done. To force the transfer, switch in edit mode and encode the done quantities.',
  );
}

function askFirst(env: Env, pickings: readonly Row[]): Record<string, unknown> | undefined {
  const ids = pickings.map((picking) => picking.id);
  const moves = pickings.flatMap((picking) => openMoves(env, picking.id));
  const question = (name: string, model: string): Record<string, unknown> => ({
    name,
    type: 'ir.actions.act_window',
    view_mode: 'form',
    res_model: model,
    views: [[1, 'form']],
    view_id: 1,
    target: 'new',
    context: {
      ...env.context,
      button_validate_picking_ids: ids,
      default_show_transfers: false,
      default_pick_ids: ids.map((id) => [4, id]),
    },
  });
  const asks = (key: string): boolean => !isFilled(env.context[key]);
  if (env.version < 18 && asks('skip_immediate') && moves.every((move) => doneOf(env, move) === 0))
    return question('Immediate Transfer?', 'stock.immediate.transfer');
  if (asks('skip_backorder') && moves.some((move) => doneOf(env, move) < demandOf(move)))
    return question('Create Backorder?', 'stock.backorder.confirmation');
  if (asks('skip_sms') && env.db.settings.smsConfirmation && pickings.some((picking) => hasPhone(env, picking)))
    return question('SMS', 'confirm.stock.sms');
  return undefined;
}

function hasPhone(env: Env, picking: Row): boolean {
  const partner = env.table('res.partner').get(Number(picking.partner_id));
  return textOf(partner?.phone) !== '' || textOf(partner?.mobile) !== '';
}

function finishPicking(env: Env, picking: Row): void {
  const undone: { move: Row; quantity: number }[] = [];
  const moves = openMoves(env, picking.id);
  // On 16 a move without a done quantity is left as it is.
  const moving = moves.filter((move) => doneOf(env, move) > 0);
  if (moving.length === 0) return;
  for (const move of moving) {
    const quantity = finishMove(env, move);
    if (quantity > 0) undone.push({ move, quantity });
  }
  for (const move of moves.filter((item) => !moving.includes(item))) undone.push({ move, quantity: demandOf(move) });
  leaveBehind(env, picking, undone);
  env.set('stock.picking', picking, { date_done: env.tx.now.slice(0, 19) });
  refreshPicking(env, picking);
}

/** What was not delivered goes to a back order, unless the context says that it is not wanted any more. */
function leaveBehind(env: Env, picking: Row, undone: readonly { move: Row; quantity: number }[]): void {
  if (undone.length === 0) return;
  const drop =
    idList(env.context.picking_ids_not_to_backorder).includes(picking.id) || isFilled(env.context.cancel_backorder);
  const root = env.sudo();
  const backorder = drop
    ? undefined
    : root.create('stock.picking', {
        name: nextDeliveryName(env, picking.picking_type_id),
        picking_type_id: picking.picking_type_id,
        location_id: picking.location_id,
        location_dest_id: picking.location_dest_id,
        partner_id: picking.partner_id ?? false,
        sale_id: picking.sale_id ?? false,
        origin: picking.origin ?? false,
        backorder_id: picking.id,
      });
  for (const { move, quantity } of undone) {
    if (!backorder) {
      if (isOpen(move)) cancelMove(env, move);
    } else if (isOpen(move)) env.set('stock.move', move, { picking_id: backorder.id });
    else {
      root.create('stock.move', {
        product_id: move.product_id,
        product_uom_qty: quantity,
        picking_id: backorder.id,
        sale_line_id: move.sale_line_id ?? false,
        location_id: move.location_id,
        location_dest_id: move.location_dest_id,
        origin: move.origin ?? false,
      });
    }
  }
  if (!backorder) return;
  reserveNew(env, backorder);
  const body = `<p>The backorder ${textOf(backorder.name)} has been created.</p>`;
  postMessage(env, 'stock.picking', picking.id, body, 'notification');
}

/** Reserves the moves of a new delivery at once, unless its kind of operation is reserved by hand. */
export function reserveNew(env: Env, picking: Row): void {
  const byHand =
    env.table('stock.picking.type').get(Number(picking.picking_type_id))?.reservation_method !== 'at_confirm';
  for (const move of openMoves(env, picking.id)) {
    if (!byHand) reserve(env, move);
    refreshState(env, move);
  }
  refreshPicking(env, picking);
}

/** `WH/OUT/00001`, counted by warehouse. */
export function nextDeliveryName(env: Env, operationType: unknown): string {
  const warehouse = env
    .table('stock.warehouse')
    .get(Number(env.table('stock.picking.type').get(Number(operationType))?.warehouse_id));
  const code = textOf(warehouse?.code) || 'WH';
  return `${code}/OUT/${String(env.db.next(`${code}/OUT`)).padStart(5, '0')}`;
}
