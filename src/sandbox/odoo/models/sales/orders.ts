import { userError } from '../../orm/errors.js';
import { withImplied } from '../../orm/groups.js';
import { defineModel, f, onRecords } from '../../orm/schema.js';
import type { Env, Method, Model } from '../../orm/types.js';
import { isFilled, type OdooVersion, type Row, type WireObject } from '../../orm/values.js';
import { refreshAmounts } from './amounts.js';
import { historyField } from '../base.js';
import { isConfirmed, isLocked } from './order-lines.js';
import { planDelivery } from './order-delivery.js';
import { cancelPicking } from '../stock/pickings.js';

/** Sale orders. 16 closes an order with the state `done`; from 17 on it stays `sale` and is `locked`. */
export function orderModel(version: OdooVersion): Model {
  const states: [string, string][] = [
    ['draft', 'Quotation'],
    ['sent', 'Quotation Sent'],
    ['sale', 'Sales Order'],
    ...(version < 18 ? ([['done', 'Locked']] as [string, string][]) : []),
    ['cancel', 'Cancelled'],
  ];
  return defineModel('sale.order', 'Sales Order', {
    order: 'date_order desc, id desc',
    nameFields: ['name', 'client_order_ref'],
    fields: [
      f.char('name', 'Order Reference', { required: true }),
      f.selection('state', 'Status', states, { readonly: true, initial: 'draft', copy: false }),
      f.many2one('partner_id', 'Customer', 'res.partner', { required: true }),
      f.many2one('partner_invoice_id', 'Invoice Address', 'res.partner'),
      f.many2one('partner_shipping_id', 'Delivery Address', 'res.partner'),
      f.one2many('order_line', 'Order Lines', 'sale.order.line', 'order_id'),
      f.char('client_order_ref', 'Customer Reference'),
      f.char('origin', 'Source Document'),
      f.char('reference', 'Payment Ref.'),
      f.datetime('date_order', 'Order Date', { required: true, initial: (env) => env.tx.now.slice(0, 19) }),
      f.datetime('commitment_date', 'Delivery Date'),
      f.date('validity_date', 'Expiration'),
      f.html('note', 'Terms and conditions'),
      f.many2one('user_id', 'Salesperson', 'res.users'),
      f.many2one('company_id', 'Company', 'res.company', { required: true, initial: 1 }),
      f.many2one('currency_id', 'Currency', 'res.currency', { readonly: true, initial: 1 }),
      f.many2one('pricelist_id', 'Pricelist', 'product.pricelist'),
      f.many2one('warehouse_id', 'Warehouse', 'stock.warehouse', { required: true }),
      f.monetary('amount_untaxed', 'Untaxed Amount', { readonly: true }),
      f.monetary('amount_tax', 'Taxes', { readonly: true }),
      f.monetary('amount_total', 'Total', { readonly: true }),
      version >= 18 && f.boolean('locked', 'Locked', { copy: false }),
      f.one2many('picking_ids', 'Transfers', 'stock.picking', 'sale_id'),
      f.selection(
        'delivery_status',
        'Delivery Status',
        [
          ['pending', 'Not Delivered'],
          ['started', 'Started'],
          ['partial', 'Partially Delivered'],
          ['full', 'Fully Delivered'],
        ],
        { readonly: true, copy: false },
      ),
      f.selection(
        'invoice_status',
        'Invoice Status',
        [
          ['upselling', 'Upselling Opportunity'],
          ['invoiced', 'Fully Invoiced'],
          ['to invoice', 'To Invoice'],
          ['no', 'Nothing to Invoice'],
        ],
        {
          stored: true,
          compute: (env, row) =>
            isConfirmed(row) && [...env.table('sale.order.line').lookup('order_id', row.id)].length > 0
              ? 'to invoice'
              : 'no',
        },
      ),
      f.many2many('tag_ids', 'Tags', 'crm.tag'),
      historyField('sale.order'),
    ],
    beforeCreate: completeOrder,
    afterCreate: (env, row) => refreshAmounts(env, row),
    beforeUnlink: refuseUnlink,
    methods: orderMethods(version),
  });
}

function completeOrder(env: Env, values: WireObject): WireObject {
  const partner = values.partner_id ?? false;
  const [warehouse] = env.sudo().search('stock.warehouse', [], { limit: 1 });
  const [pricelist] = env.sudo().search('product.pricelist', [], { limit: 1 });
  return {
    name: `S${String(env.db.next('sale.order')).padStart(5, '0')}`,
    partner_invoice_id: partner,
    partner_shipping_id: partner,
    warehouse_id: warehouse ?? false,
    pricelist_id: pricelist ?? false,
    user_id: env.hasGroup('sales_team.group_sale_salesman') ? env.uid : false,
    ...values,
  };
}

function orderMethods(version: OdooVersion): Record<string, Method> {
  const method = (name: string, run: (env: Env, order: Row) => void, answer: true | null): Method =>
    onRecords(
      name,
      '',
      (env, _model, ids) => {
        for (const id of ids) run(env, env.row('sale.order', id));
        return answer;
      },
      { label: `SaleOrder.${name}` },
    );
  return {
    action_confirm: onRecords('action_confirm', '', confirmAll, { label: 'SaleOrder.action_confirm' }),
    action_cancel: onRecords('action_cancel', '', cancelAll, { label: 'SaleOrder.action_cancel' }),
    action_draft: method(
      'action_draft',
      (env, order) => {
        if (order.state === 'cancel' || order.state === 'sent') setState(env, order, { state: 'draft' });
      },
      true,
    ),
    action_unlock: method(
      'action_unlock',
      (env, order) => env.set('sale.order', order, version < 18 ? { state: 'sale' } : { locked: false }),
      null,
    ),
    ...(version < 18
      ? { action_done: method('action_done', (env, order) => env.set('sale.order', order, { state: 'done' }), null) }
      : { action_lock: method('action_lock', (env, order) => env.set('sale.order', order, { locked: true }), null) }),
  };
}

/** Lines keep their order's state, so that they change with it. */
function setState(env: Env, order: Row, values: Readonly<Record<string, string>>): void {
  env.set('sale.order', order, values);
  for (const id of env.table('sale.order.line').lookup('order_id', order.id))
    env.set('sale.order.line', env.row('sale.order.line', id), {});
}

function confirmAll(env: Env, _model: Model, ids: readonly number[]): true {
  const orders = ids.map((id) => env.row('sale.order', id));
  const refused =
    env.version >= 18
      ? orders.some((order) => order.state !== 'draft' && order.state !== 'sent')
      : orders.some((order) => order.state === 'done' || order.state === 'cancel');
  if (refused)
    throw userError(
      env.version >= 18
        ? 'Some orders are not in a state requiring confirmation.'
        : 'It is not allowed to confirm an order in the following states: cancel, done',
    );
  for (const order of orders) confirm(env, order);
  return true;
}

function confirm(env: Env, order: Row): void {
  const byOption = locksConfirmed(env, order);
  setState(env, order, { state: 'sale', date_order: env.tx.now.slice(0, 19) });
  planDelivery(env, order);
  // "Lock Confirmed Sales": locked says nothing about delivery.
  if (byOption) env.set('sale.order', order, env.version < 18 ? { state: 'done' } : { locked: true });
}

/** The option is a group: of the order's maker up to 18, of every user from 19 on. */
function locksConfirmed(env: Env, order: Row): boolean {
  if (env.version < 19) return env.hasGroup(AUTO_LOCK, Number(order.create_uid));
  const groups = env.table('res.groups');
  const [everybody] = groups.lookup('external', 'base.group_user');
  const [lock] = groups.lookup('external', AUTO_LOCK);
  return everybody !== undefined && lock !== undefined && withImplied(groups, [everybody]).has(lock);
}

const AUTO_LOCK = 'sale.group_auto_done_setting';

/** On 16 and 18 a person is asked first; the question comes as a dictionary and nothing is cancelled. */
function cancelAll(env: Env, _model: Model, ids: readonly number[]): unknown {
  const orders = ids.map((id) => env.row('sale.order', id));
  if (env.version >= 18 && orders.some(isLocked))
    throw userError('You cannot cancel a locked order. Please unlock it first.');
  const asks =
    env.version < 19 &&
    !isFilled(env.context.disable_cancel_warning) &&
    orders.some((order) => order.state !== 'draft');
  const [first] = orders;
  if (asks && first) return cancelQuestion(first);
  for (const order of orders) {
    cancelDeliveries(env, order);
    setState(env, order, { state: 'cancel' });
  }
  return true;
}

function cancelQuestion(order: Row): Record<string, unknown> {
  const what = isConfirmed(order) ? 'Sales Order' : 'Quotation';
  return {
    name: `Cancel ${what}`,
    view_mode: 'form',
    res_model: 'sale.order.cancel',
    view_id: 1,
    type: 'ir.actions.act_window',
    target: 'new',
    context: {
      default_template_id: 1,
      default_order_id: order.id,
      mark_so_as_canceled: true,
      default_email_layout_xmlid: 'mail.mail_notification_layout_with_responsible_signature',
      model_description: what,
    },
  };
}

function cancelDeliveries(env: Env, order: Row): void {
  for (const id of env.table('stock.picking').lookup('sale_id', order.id)) {
    const picking = env.row('stock.picking', id);
    if (picking.state !== 'done') cancelPicking(env, picking);
  }
}

function refuseUnlink(_env: Env, rows: readonly Row[]): void {
  const refused = rows.find((row) => row.state !== 'draft' && row.state !== 'cancel');
  if (!refused) return;
  throw userError('You can not delete a sent quotation or a confirmed sales order. You must first cancel it.');
}
