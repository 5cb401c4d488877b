import { z } from 'zod';
import { canonical } from '../../common/money.js';
import { namesOf } from '../names.js';
import type { OdooClient } from '../client.js';
import { chunks, groupedBy } from '../../common/collections.js';

const CHUNK = 500;

/** The precision at which Odoo keeps a line's numbers; `undefined`: as many decimals as it is given. */
export interface LinePrecision {
  readonly quantity: number | undefined;
  readonly price: number | undefined;
}

export type SaleState = 'draft' | 'sent' | 'sale' | 'done' | 'cancel';

export interface Picking {
  readonly name: string;
  readonly state: string;
  /** A receipt under a sale order is a return. */
  readonly incoming: boolean;
}

/** Where a sale order stands, as far as states are decided by it. */
export interface SaleOrderStatus {
  readonly name: string;
  readonly state: SaleState;
  readonly locked: boolean;
  readonly pickings: readonly Picking[];
  /** Every line's delivered quantity reached what was ordered (services are delivered by hand, without a picking). */
  readonly allLinesDelivered: boolean;
}

/** What a line says; quantity and price as canonical decimal text at Odoo's precision. */
export interface LineValues {
  readonly productId: number;
  readonly quantity: string;
  readonly priceUnit: string;
}

/** A line as Odoo has it. */
export interface OdooLine extends LineValues {
  readonly id: number;
}

/** A sale order as it stands in Odoo. Instants are naive UTC, money is the order's currency. */
export interface SaleOrder extends SaleOrderStatus {
  readonly id: number;
  readonly total: string;
  readonly currency: string;
  readonly note: string;
  readonly commitmentDate: string | undefined;
  /** Lines that sell a product; sections and notes are left out. */
  readonly lines: readonly OdooLine[];
}

const text = z.union([z.string(), z.literal(false)]).transform((value) => (value === false ? '' : value));
const orderRows = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    // A state that a module added is a step before the confirmation, as far as this program goes.
    state: z.enum(['draft', 'sent', 'sale', 'done', 'cancel']).catch('sent'),
    locked: z.boolean().optional(),
    amount_total: z.number(),
    currency_id: z.tuple([z.number(), z.string()]),
    note: text,
    commitment_date: text,
  }),
);
const lineRows = z.array(
  z.object({
    id: z.number(),
    order_id: z.number(),
    product_id: z.number(),
    product_uom_qty: z.number(),
    price_unit: z.number(),
    qty_delivered: z.number(),
  }),
);
const pickingRows = z.array(
  z.object({ name: z.string(), state: z.string(), sale_id: z.number(), picking_type_code: z.string() }),
);

/**
 * Reads sale orders with their lines and pickings, in three calls a chunk; one that is not there (any more) is absent.
 */
export async function readSaleOrders(
  odoo: OdooClient,
  ids: readonly number[],
  precision: LinePrecision,
): Promise<Map<number, SaleOrder>> {
  const orders = new Map<number, SaleOrder>();
  for (const chunk of chunks([...new Set(ids)], CHUNK)) {
    const [rows, lines] = await Promise.all([readRows(odoo, chunk), readLines(odoo, chunk)]);
    const moving = rows.flatMap((row) =>
      row.state === 'sale' || row.state === 'done' || row.state === 'cancel' ? [row.id] : [],
    );
    const pickings = await readPickings(odoo, moving);
    for (const row of rows)
      orders.set(row.id, saleOrder(odoo, row, lines.get(row.id) ?? [], pickings.get(row.id) ?? [], precision));
  }
  return orders;
}

async function readRows(odoo: OdooClient, ids: readonly number[]): Promise<z.output<typeof orderRows>> {
  const { doneIsState } = namesOf(odoo.major);
  const fields = [
    'name',
    'state',
    'amount_total',
    'currency_id',
    'note',
    'commitment_date',
    ...(doneIsState ? [] : ['locked']),
  ];
  return odoo.call('sale.order', 'search_read', { domain: [['id', 'in', ids]], fields }, orderRows);
}

async function readLines(odoo: OdooClient, ids: readonly number[]): Promise<Map<number, z.output<typeof lineRows>>> {
  const rows = await odoo.call(
    'sale.order.line',
    'search_read',
    {
      domain: [
        ['order_id', 'in', ids],
        ['product_id', '!=', false],
      ],
      fields: ['order_id', 'product_id', 'product_uom_qty', 'price_unit', 'qty_delivered'],
      // Many-to-one values as bare ids.
      load: '',
    },
    lineRows,
  );
  return groupedBy(rows, (row) => row.order_id);
}

async function readPickings(
  odoo: OdooClient,
  orderIds: readonly number[],
): Promise<Map<number, z.output<typeof pickingRows>>> {
  if (orderIds.length === 0) return new Map();
  const rows = await odoo.call(
    'stock.picking',
    'search_read',
    { domain: [['sale_id', 'in', orderIds]], fields: ['name', 'state', 'sale_id', 'picking_type_code'], load: '' },
    pickingRows,
  );
  return groupedBy(rows, (row) => row.sale_id);
}

function saleOrder(
  odoo: OdooClient,
  row: z.output<typeof orderRows>[number],
  lines: z.output<typeof lineRows>,
  pickings: z.output<typeof pickingRows>,
  precision: LinePrecision,
): SaleOrder {
  const state: SaleState = row.state;
  return {
    id: row.id,
    name: row.name,
    state,
    locked: namesOf(odoo.major).doneIsState ? state === 'done' : row.locked === true,
    total: canonical(row.amount_total, 2),
    currency: row.currency_id[1],
    note: row.note,
    commitmentDate: row.commitment_date || undefined,
    pickings: pickings.map((picking): Picking => ({
      name: picking.name,
      state: picking.state,
      incoming: picking.picking_type_code === 'incoming',
    })),
    allLinesDelivered: lines.length > 0 && lines.every((line) => line.qty_delivered >= line.product_uom_qty),
    lines: lines.map((line) => ({
      id: line.id,
      productId: line.product_id,
      quantity: canonical(line.product_uom_qty, precision.quantity),
      priceUnit: canonical(line.price_unit, precision.price),
    })),
  };
}

/** Reads the precision of quantities and prices; it is a setting of each Odoo. */
export async function readPrecision(odoo: OdooClient): Promise<LinePrecision> {
  const digits = z
    .object({ digits: z.union([z.tuple([z.number(), z.number()]), z.literal(false)]).optional() })
    .transform((field) => (field.digits ? field.digits[1] : undefined));
  const fields = await odoo.call(
    'sale.order.line',
    'fields_get',
    { allfields: ['product_uom_qty', 'price_unit'], attributes: ['digits'] },
    z.object({ product_uom_qty: digits, price_unit: digits }),
  );
  return { quantity: fields.product_uom_qty, price: fields.price_unit };
}
