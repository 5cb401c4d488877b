import { z } from 'zod';
import { idText } from '../common/ids.js';
import { amount, canonical, type Amount } from '../common/money.js';
import { holdsId } from '../odoo/id-field.js';
import { requireIdField, type Session } from '../session.js';
import { chunks } from '../common/collections.js';
import { orderedUnits } from '../orders/inbox/payload.js';

const CHUNK = 1000;

/** Orders in these states leave Odoo's stock alone: nothing is reserved for them. */
const UNRESERVED = new Set(['draft', 'sent']);
/** The goods are free again, or back. */
const TAKES_NOTHING = new Set(['cancelled_by_retailer', 'cancelled_by_supplier', 'returned']);

/** What retailers have ordered and Odoo has not reserved. */
export interface OpenDemand {
  /** When it began to be read, UTC ms. */
  readonly at: number;
  /** By Cartona id, in the product's own units. */
  readonly units: ReadonlyMap<string, string>;
}

/**
 * What Cartona's orders that are not yet confirmed have taken, by Cartona id, in the product's own units: it is sold,
 * and Odoo reserves nothing for it. An order that is not in Odoo counts with Cartona's lines; one that is a quotation
 * there with Odoo's; a confirmed one not at all.
 */
export async function openDemand(session: Session): Promise<OpenDemand> {
  const at = session.now();
  const open = (await session.store.inbox.list({ closed: false })).filter((row) => !TAKES_NOTHING.has(row.status));
  const states = await readStates(
    session,
    open.flatMap((row) => row.odooId ?? []),
  );
  const demand = new Map<string, Amount>();
  for (const row of open) {
    // An order that was deleted in Odoo is still open at Cartona.
    if (row.odooId !== undefined && states.has(row.odooId)) continue;
    for (const { cartonaId, units } of orderedUnits(row.payload, session.profile.cartona.identifyBy))
      add(demand, cartonaId, units);
  }
  const quotations = [...states].flatMap(([id, state]) => (UNRESERVED.has(state) ? [id] : []));
  for (const [cartonaId, units] of await readQuotationLines(session, quotations)) add(demand, cartonaId, units);
  return { at, units: new Map([...demand].map(([cartonaId, units]) => [cartonaId, canonical(units)])) };
}

function add(demand: Map<string, Amount>, cartonaId: string, units: string | Amount): void {
  demand.set(cartonaId, amount(units).plus(demand.get(cartonaId) ?? 0));
}

async function readStates(session: Session, orderIds: readonly number[]): Promise<Map<number, string>> {
  const states = new Map<number, string>();
  for (const ids of chunks(orderIds, CHUNK)) {
    const rows = await session.odoo.call(
      'sale.order',
      'search_read',
      { domain: [['id', 'in', ids]], fields: ['state'] },
      z.array(z.object({ id: z.number(), state: z.string() })),
    );
    for (const row of rows) states.set(row.id, row.state);
  }
  return states;
}

/** The quantities that stand on quotations, by Cartona id. A product without one is not Cartona's. */
async function readQuotationLines(session: Session, orderIds: readonly number[]): Promise<Map<string, Amount>> {
  const byProduct = new Map<number, Amount>();
  for (const ids of chunks(orderIds, CHUNK)) {
    const lines = await session.odoo.call(
      'sale.order.line',
      'search_read',
      {
        domain: [
          ['order_id', 'in', ids],
          ['product_id', '!=', false],
        ],
        fields: ['product_id', 'product_uom_qty'],
        load: '',
      },
      z.array(z.object({ product_id: z.number(), product_uom_qty: z.number() })),
    );
    for (const line of lines)
      byProduct.set(line.product_id, amount(line.product_uom_qty).plus(byProduct.get(line.product_id) ?? 0));
  }
  const demand = new Map<string, Amount>();
  if (byProduct.size === 0) return demand;
  const { name } = requireIdField(session);
  for (const ids of chunks([...byProduct.keys()], CHUNK)) {
    const products = await session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [['id', 'in', ids], ...holdsId(name)],
        fields: [name],
        context: { active_test: false },
      },
      z.array(z.looseObject({ id: z.number() })),
    );
    for (const product of products) {
      const cartonaId = idText.parse(product[name]);
      const units = byProduct.get(product.id);
      if (cartonaId !== undefined && units) add(demand, cartonaId, units);
    }
  }
  return demand;
}
