import type { CartonaOrder } from '../../cartona/schemas.js';
import type { VersionNames } from '../../odoo/names.js';
import { deliveryInstant } from './delivery-day.js';
import { orderExternalId } from '../../odoo/records/external-ids.js';
import type { Lines } from './three-way-merge.js';
import type { LineValues } from '../../odoo/records/sale-orders.js';
import type { LoadRecord } from '../../odoo/records/create-absent.js';
import { orderNote } from './note.js';

export type TaxSetting = 'none' | 'included' | 'added';

/** What an order's own fields say, apart from its lines. Instants are naive UTC. */
export interface Header {
  readonly note: string;
  readonly commitmentDate: string | undefined;
}

export const headerOf = (order: CartonaOrder): Header => ({
  note: orderNote(order),
  commitmentDate: deliveryInstant(order.deliveryDay),
});

const ORDER_COLUMNS = ['id', 'partner_id/.id', 'client_order_ref', 'commitment_date', 'note'] as const;

/**
 * The columns of a line. An empty tax cell makes a line without taxes, a missing column takes the product's own. The
 * discount is told because a pricelist may bring one, and Cartona's prices have theirs in them.
 */
function lineColumns(names: VersionNames, taxes: TaxSetting): string[] {
  return [
    'id',
    'product_id/.id',
    'product_uom_qty',
    'price_unit',
    'discount',
    ...(taxes === 'none' ? [names.lineTaxes] : []),
  ];
}

const lineCells = (key: string, values: LineValues, taxes: TaxSetting): string[] => [
  key,
  String(values.productId),
  values.quantity,
  values.priceUnit,
  '0',
  ...(taxes === 'none' ? [''] : []),
];

export const orderColumns = (names: VersionNames, taxes: TaxSetting): string[] => [
  ...ORDER_COLUMNS,
  ...lineColumns(names, taxes).map((column) => `order_line/${column}`),
];

/** An order as rows for `load`: its own columns stand in the first row only, each line has a row. */
export function orderRecord(order: CartonaOrder, partnerId: number, lines: Lines, taxes: TaxSetting): LoadRecord {
  const { note, commitmentDate } = headerOf(order);
  const own = [orderExternalId(order.hashedId), String(partnerId), order.hashedId, commitmentDate ?? '', note];
  const rows = [...lines].map(([key, values], at) => [
    ...(at === 0 ? own : own.map(() => '')),
    ...lineCells(key, values, taxes),
  ]);
  return { key: order.hashedId, rows };
}

export const addedLineColumns = (names: VersionNames, taxes: TaxSetting): string[] => [
  'order_id/.id',
  ...lineColumns(names, taxes),
];

/** A line to be added to an order that Odoo has. */
export const addedLineRecord = (orderId: number, key: string, values: LineValues, taxes: TaxSetting): LoadRecord => ({
  key,
  rows: [[String(orderId), ...lineCells(key, values, taxes)]],
});
