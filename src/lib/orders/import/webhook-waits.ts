import { formatAmount } from '../../common/money.js';
import type { SaleOrder } from '../../odoo/records/sale-orders.js';
import type { StatesToOdoo } from '../../settings/profile.js';
import { orderOf } from '../inbox/payload.js';
import { isQuotation, stepsTowards } from '../states/odoo-states.js';
import type { ImportItem } from './context.js';

/**
 * Why an order that Cartona's list has not shown stays as it is in Odoo: a webhook alone makes a quotation, and what
 * becomes of that the list tells or a person.
 * @param hasWork whether anything is to be done with it in Odoo beside its content
 */
export function unlistedReason({ row, order }: ImportItem, odoo: SaleOrder, hasWork: boolean): string | undefined {
  if (row.listed) return undefined;
  if (row.verifyAt !== undefined)
    return hasWork
      ? `a webhook says ${order.status}; ${odoo.name} waits until Cartona's list shows the order`
      : undefined;
  if (!hasWork && !isQuotation(odoo)) return undefined;
  return `only a webhook told of the order, and Cartona's list does not show it; look for it in Cartona's panel, then confirm ${odoo.name} or cancel it in Odoo`;
}

/** The same for an order of which nothing is in Odoo yet and nothing needs to be: a webhook says that it is over. */
export const unlistedOverReason = ({ row, order }: Pick<ImportItem, 'row' | 'order'>): string =>
  row.verifyAt === undefined
    ? `only a webhook told of the order (${order.status}), and Cartona's list does not show it; nothing was made in Odoo: look for it in Cartona's panel`
    : `a webhook says ${order.status}; the order waits until Cartona's list shows it`;

/**
 * Why an order waits for a person after Cartona's list did not show what a webhook told of it; `undefined` where nothing
 * was told, the list is yet to be read, or a person has brought Odoo to it.
 */
export function unverifiedReason(
  { row, order }: ImportItem,
  odoo: SaleOrder,
  toOdoo: StatesToOdoo,
): string | undefined {
  if (row.unverifiedPayload === undefined || row.verifyAt !== undefined) return undefined;
  const told = orderOf(row.unverifiedPayload);
  const notSo = `\`cartona orders status ${row.hashedId} ${order.status}\` says that it is not so`;
  if (told === undefined || told.status === order.status) {
    const total = told && told.totalPrice !== order.totalPrice ? ` (total ${formatAmount(told.totalPrice)} EGP)` : '';
    return `a webhook told of another content${total}, and Cartona's list does not show it; look in Cartona's panel: ${notSo}`;
  }
  const plan = stepsTowards(told.status, odoo, toOdoo);
  if (plan.kind === 'steps' && plan.steps.length === 0) return undefined;
  return `a webhook says ${told.status}, and Cartona's list does not show that; look in Cartona's panel: if it is so, do it with ${odoo.name} in Odoo; ${notSo}`;
}
