import { z } from 'zod';
import { idText } from '../common/ids.js';
import { namesOf } from '../odoo/names.js';
import { requireIdField, type Session } from '../session.js';

/** What a poll asks for: whose prices may have changed, whose stock, which sale orders. */
export type Watched = 'price' | 'stock' | 'order';

const ids = z.array(z.number());

/**
 * The variants (sale orders) that something was written to since an instant, or to what their price or stock (state) hangs
 * on. Which dates move with which change was measured on real servers and is kept by the contract suite: a variant's extra
 * price moves only its attribute value; a quant can be merged or vanish without a trace, the stock move that caused it not.
 * @param since to the second, by Odoo's clock
 */
export async function changedSince(session: Session, watched: Watched, since: Date): Promise<number[]> {
  const { model, paths } = WATCHED[watched];
  const text = odooInstant(since);
  const domain = [...paths.slice(1).map(() => '|'), ...paths.map((path) => [path, '>=', text])];
  return session.odoo.call(model, 'search', { domain, order: 'id', context: { active_test: false } }, ids);
}

const WATCHED: Readonly<Record<Watched, { readonly model: string; readonly paths: readonly string[] }>> = {
  price: { model: 'product.product', paths: ['write_date', 'product_tmpl_id.write_date', 'product_template_attribute_value_ids.write_date'] },
  stock: { model: 'product.product', paths: ['stock_quant_ids.write_date', 'stock_move_ids.write_date'] },
  order: { model: 'sale.order', paths: ['write_date', 'order_line.write_date', 'picking_ids.write_date'] },
};

/**
 * When the same variants (sale orders) were last written to, as far as mass changes write to them: a product's own date
 * (up to 17 its template's), the moves of its stock, the order's own. Naive UTC text, to the second.
 */
export async function datesSince(session: Session, watched: Watched, since: Date): Promise<Map<number, string>> {
  const templates = watched === 'price' && !namesOf(session.odoo.major).templateDatesVariants ? [TEMPLATE_DATES] : [];
  const dates = new Map<number, string>();
  for (const { model, link } of [DATES[watched], ...templates]) {
    const rows = await session.odoo.call(
      model,
      'search_read',
      { domain: [['write_date', '>=', odooInstant(since)]], fields: ['write_date', ...(link === 'id' ? [] : [link])], load: '', context: { active_test: false } },
      z.array(z.looseObject({ id: z.number(), write_date: z.string() })),
    );
    for (const row of rows) {
      for (const id of linked.parse(row[link])) if ((dates.get(id) ?? '') < row.write_date) dates.set(id, row.write_date);
    }
  }
  return dates;
}

const DATES: Readonly<Record<Watched, { readonly model: string; readonly link: string }>> = {
  price: { model: 'product.product', link: 'id' },
  stock: { model: 'stock.move', link: 'product_id' },
  order: { model: 'sale.order', link: 'id' },
};
const TEMPLATE_DATES = { model: 'product.template', link: 'product_variant_ids' };
const linked = z.union([z.number().transform((id) => [id]), z.array(z.number())]);

/** `2026-11-23 04:30:00`: naive, and UTC. */
const odooInstant = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

/** What a product's row says beside its values: whether it is still sold, and as what. */
export interface ProductStanding {
  readonly odooId: number;
  readonly cartonaId: string | undefined;
  readonly active: boolean;
  readonly forSale: boolean;
}

/** Reads how variants stand; one that is gone is absent. */
export async function readStandings(session: Session, odooIds: readonly number[]): Promise<ProductStanding[]> {
  const { name } = requireIdField(session);
  const rows = await session.odoo.call(
    'product.product',
    'read',
    { ids: [...odooIds], fields: [name, 'active', 'sale_ok'], context: { active_test: false } },
    z.array(z.looseObject({ id: z.number(), active: z.boolean(), sale_ok: z.boolean() })),
  );
  return rows.map((row) => ({ odooId: row.id, cartonaId: idText.catch(undefined).parse(row[name]), active: row.active, forSale: row.sale_ok }));
}

/** The products on the lines of sale orders, as Odoo ids. */
export async function productsOnOrders(session: Session, orderIds: readonly number[]): Promise<number[]> {
  const lines = await session.odoo.call(
    'sale.order.line',
    'search_read',
    { domain: [['order_id', 'in', [...orderIds]], ['product_id', '!=', false]], fields: ['product_id'], load: '' },
    z.array(z.object({ product_id: z.number() })),
  );
  return [...new Set(lines.map((line) => line.product_id))];
}

/**
 * Odoo's own time, UTC ms, to the second: the day and time that it would give a new order. No method tells the time by
 * itself; this one does on all versions.
 */
export async function odooTime(session: Session): Promise<number> {
  const { date_order: said } = await session.odoo.call('sale.order', 'default_get', { fields: ['date_order'] }, z.object({ date_order: z.string() }), { repeatable: true });
  return Date.parse(`${said.replace(' ', 'T')}Z`);
}
