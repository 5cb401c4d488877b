import { z } from 'zod';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { idText } from '../../common/ids.js';
import { CartonaError } from '../../common/errors.js';
import { requireIdField, type Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { readTerms } from '../import/import-orders.js';
import { namedLines } from '../import/reconcile-content.js';
import { compareLines, type ComparedLine, type NamedLine } from './line-updates.js';
import type { Lines } from '../import/three-way-merge.js';
import { readSaleOrders, type SaleOrder } from '../../odoo/records/sale-orders.js';
import { wantedLines, type LineTerms } from '../import/order-lines.js';
import { findOrder } from '../overview.js';
import { orderOf } from '../inbox/payload.js';
import { findLineProducts } from '../import/products.js';

/** An order's lines on both sides. */
export interface LinesShown {
  readonly hashedId: string;
  readonly odooName: string;
  /** Cartona's status. */
  readonly status: string;
  readonly lines: readonly ComparedLine[];
}

/** An order with its lines on both sides, for comparing them and for bringing one to the other. */
export interface BothSides {
  readonly row: InboxOrder;
  readonly order: CartonaOrder;
  /** What Odoo was last brought to. */
  readonly base: CartonaOrder | undefined;
  readonly odoo: SaleOrder;
  readonly wanted: Lines;
  readonly baseLines: Lines | undefined;
  readonly named: ReadonlyMap<string, NamedLine>;
  readonly terms: LineTerms;
  readonly lines: readonly ComparedLine[];
}

/**
 * Compares an order's lines: as Cartona last listed them, and as Odoo has them now. Only Odoo is called.
 * @param id Cartona's `hashed_id`, or the name of the sale order in Odoo
 * @throws CartonaError `usage` for an unknown order; `refused` where there is nothing to compare, with the reason
 */
export async function showLines(session: Session, id: string): Promise<LinesShown> {
  return shown(await bothSides(session, await findOrder(session, id)));
}

export const shown = ({ row, odoo, order, lines }: BothSides): LinesShown => ({
  hashedId: row.hashedId,
  odooName: odoo.name,
  status: order.status,
  lines,
});

/** @throws CartonaError `refused` where one side has no lines to compare */
export async function bothSides(session: Session, row: InboxOrder): Promise<BothSides> {
  const refuse = (reason: string): CartonaError =>
    new CartonaError('refused', `The lines of order ${row.hashedId} cannot be compared: ${reason}.`);
  const order = orderOf(row.payload);
  const base = orderOf(row.appliedPayload);
  if (!order) throw refuse('it cannot be read');
  if (row.odooId === undefined)
    throw refuse(
      `it is not in Odoo${row.reason === undefined ? '; run `cartona orders pull` first' : ` (${row.reason})`}`,
    );
  const first = await readTerms(session, [order, base]);
  const odoo = (await readSaleOrders(session.odoo, [row.odooId], first.precision)).get(row.odooId);
  if (!odoo) throw refuse(`${row.odooName ?? 'its sale order'} was deleted in Odoo`);
  const products = await productsOfLines(session, odoo);
  const terms = {
    ...first,
    products: await findLineProducts(session, [
      ...first.products.byCartonaId.keys(),
      ...[...products.values()].flatMap((sold) => sold.cartonaId ?? []),
    ]),
  };
  const wanted = wantedLines(order, terms);
  if (wanted.kind === 'held') throw refuse(wanted.reason);
  const before = base && wantedLines(base, terms);
  const baseLines = before?.kind === 'lines' ? before.lines : undefined;
  const known = await namedLines(session, odoo, wanted.lines, baseLines);
  const whole = (line: SaleOrder['lines'][number]): NamedLine => {
    const sold = products.get(line.id);
    const product = sold?.cartonaId === undefined ? undefined : terms.products.byCartonaId.get(sold.cartonaId);
    return {
      ...line,
      product: sold?.product ?? '',
      discount: sold?.discount ?? 0,
      cartonaId: product?.kind === 'found' && product.id === line.productId ? sold?.cartonaId : undefined,
    };
  };
  const named = new Map([...known].map(([key, line]) => [key, whole(line)]));
  const taken = new Set([...named.values()].map((line) => line.id));
  const others = odoo.lines.filter((line) => !taken.has(line.id)).map(whole);
  return {
    row,
    order,
    base,
    odoo,
    wanted: wanted.lines,
    baseLines,
    named,
    terms,
    lines: compareLines(order, wanted.lines, named, others, terms),
  };
}

interface SoldProduct {
  readonly product: string;
  readonly discount: number;
  readonly cartonaId: string | undefined;
}

async function productsOfLines(session: Session, odoo: SaleOrder): Promise<Map<number, SoldProduct>> {
  const { name } = requireIdField(session);
  const [rows, products] = await Promise.all([
    session.odoo.call(
      'sale.order.line',
      'search_read',
      { domain: [['id', 'in', odoo.lines.map((line) => line.id)]], fields: ['product_id', 'discount'] },
      z.array(z.object({ id: z.number(), product_id: z.tuple([z.number(), z.string()]), discount: z.number() })),
    ),
    session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [['id', 'in', [...new Set(odoo.lines.map((line) => line.productId))]]],
        fields: [name],
        context: { active_test: false },
      },
      z.array(z.looseObject({ id: z.number() })),
    ),
  ]);
  const cartonaIds = new Map(products.map((product) => [product.id, idText.parse(product[name])]));
  return new Map(
    rows.map((row) => [
      row.id,
      { product: row.product_id[1], discount: row.discount, cartonaId: cartonaIds.get(row.product_id[0]) },
    ]),
  );
}
