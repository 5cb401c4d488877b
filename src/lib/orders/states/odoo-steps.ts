import { z } from 'zod';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import { namesOf } from '../../odoo/names.js';
import type { OdooClient } from '../../odoo/client.js';
import { writeExisting } from '../../odoo/records/load.js';
import { readSaleOrders, type LinePrecision, type SaleOrder } from '../../odoo/records/sale-orders.js';
import { deliveryStage, isQuotation, type OdooStep } from './odoo-states.js';

/** Picking, packing and shipping can be separate pickings, each ready only after the one before. */
const LONGEST_CHAIN = 5;

/**
 * Takes one step with a sale order and reads it back: what Odoo answers proves nothing (it may open a wizard and change
 * nothing, or time out after the work was done).
 * @returns the order as it stands afterwards
 * @throws CartonaError `refused` when Odoo refuses, or when the order stands where it stood
 */
export async function takeStep(
  odoo: OdooClient,
  order: SaleOrder,
  step: OdooStep,
  precision: LinePrecision,
): Promise<SaleOrder> {
  try {
    await perform(odoo, order, step);
  } catch (error) {
    if (!isCartonaError(error, 'outcome-unknown')) throw error;
  }
  const after = (await readSaleOrders(odoo, [order.id], precision)).get(order.id);
  if (after && reached(step, after)) return after;
  const pickings = after?.pickings.map((picking) => `${picking.name} ${picking.state}`).join(', ') ?? '';
  throw new CartonaError(
    'refused',
    `Odoo took the request to ${step} ${order.name}, but left it as it was (${after?.state ?? 'gone'}${pickings === '' ? '' : `; ${pickings}`}); do it in Odoo`,
  );
}

async function perform(odoo: OdooClient, order: SaleOrder, step: OdooStep): Promise<void> {
  const call = async (method: string, context: Record<string, unknown> = {}): Promise<void> => {
    await odoo.call('sale.order', method, { ids: [order.id], context }, z.unknown());
  };
  const { doneIsState } = namesOf(odoo.major);
  switch (step) {
    case 'confirm':
      return call('action_confirm');
    case 'cancel':
      // Without it a wizard opens instead (up to 18).
      return call('action_cancel', { disable_cancel_warning: true });
    case 'lock':
      return call(doneIsState ? 'action_done' : 'action_lock');
    case 'unlock':
      return call('action_unlock');
    case 'deliver':
      return deliver(odoo, order.id);
  }
}

function reached(step: OdooStep, order: SaleOrder): boolean {
  const stage = deliveryStage(order);
  switch (step) {
    case 'confirm':
      return !isQuotation(order) && order.state !== 'cancel';
    case 'cancel':
      return order.state === 'cancel';
    case 'lock':
      return order.locked;
    case 'unlock':
      return !order.locked;
    case 'deliver':
      return stage === 'delivered' || stage === 'none';
  }
}

/**
 * Validates every open picking with its full quantities: Cartona says the goods were handed over, whatever was
 * reserved.
 */
async function deliver(odoo: OdooClient, orderId: number): Promise<void> {
  for (let pass = 0; pass < LONGEST_CHAIN; pass += 1) {
    const open = await openPickings(odoo, orderId);
    if (open.length === 0) return;
    const ready = open.filter((picking) => picking.state !== 'waiting');
    await validate(
      odoo,
      (ready.length > 0 ? ready : open).map((picking) => picking.id),
    );
  }
}

async function openPickings(odoo: OdooClient, orderId: number): Promise<{ id: number; state: string }[]> {
  return odoo.call(
    'stock.picking',
    'search_read',
    {
      domain: [
        ['sale_id', '=', orderId],
        ['state', 'not in', ['done', 'cancel']],
        ['picking_type_code', '!=', 'incoming'],
      ],
      fields: ['state'],
    },
    z.array(z.object({ id: z.number(), state: z.string() })),
  );
}

async function validate(odoo: OdooClient, pickingIds: readonly number[]): Promise<void> {
  const { moveDone, doneIsState } = namesOf(odoo.major);
  await odoo.call('stock.picking', 'action_assign', { ids: pickingIds }, z.unknown());
  const moves = await odoo.call(
    'stock.move',
    'search_read',
    {
      domain: [
        ['picking_id', 'in', pickingIds],
        ['state', 'not in', ['done', 'cancel']],
      ],
      fields: ['product_uom_qty'],
    },
    z.array(z.object({ id: z.number(), product_uom_qty: z.number() })),
  );
  // Where a person has ticked some moves as picked (17+), Odoo would ship those alone.
  const picked = doneIsState ? [] : ['picked'];
  await writeExisting(
    odoo,
    'stock.move',
    ['.id', moveDone, ...picked],
    moves.map((move) => [String(move.id), String(move.product_uom_qty), ...picked.map(() => '1')]),
  );
  await odoo.call(
    'stock.picking',
    'button_validate',
    { ids: pickingIds, context: { skip_sms: true, skip_backorder: true, skip_immediate: true } },
    z.unknown(),
  );
}
