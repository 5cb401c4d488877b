import { z } from 'zod';
import { idText } from '../../common/ids.js';
import type { OdooClient } from '../../odoo/client.js';
import { namesOf } from '../../odoo/names.js';
import { readGroups } from '../../odoo/read-groups.js';
import { requireIdField, type Session } from '../../session.js';

/** What a poll asks for: whose prices may have changed, whose stock, which sale orders. */
export type Watched = 'price' | 'stock' | 'order';

const ids = z.array(z.number());

/** What a poll of one kind looks through: whatever of a record's surroundings is dated when it changes. */
const WATCHED: Readonly<Record<Watched, { readonly model: string; readonly paths: readonly string[] }>> = {
  price: {
    model: 'product.product',
    paths: ['write_date', 'product_tmpl_id.write_date', 'product_template_attribute_value_ids.write_date'],
  },
  stock: { model: 'product.product', paths: ['stock_quant_ids.write_date', 'stock_move_ids.write_date'] },
  order: { model: 'sale.order', paths: ['write_date', 'order_line.write_date', 'picking_ids.write_date'] },
};

/**
 * The variants (sale orders) that something was written to since an instant, or to what their price or stock (state)
 * hangs on. Which dates move with which change was measured on real servers and is kept by the contract suite: a
 * variant's extra price moves only its attribute value; a quant can be merged or vanish without a trace, the stock move
 * that caused it not.
 * @param since to the second, by Odoo's clock
 */
export async function changedSince(session: Session, watched: Watched, since: Date): Promise<number[]> {
  return session.odoo.call(
    WATCHED[watched].model,
    'search',
    { domain: writtenSince(watched, since), order: 'id', context: { active_test: false } },
    ids,
  );
}

/**
 * The same, each with when it was last written to as far as mass changes write to it: a product's own date (up to 17
 * its template's as well), the moves of its stock, the order's own; empty where there is none. Naive UTC text, to the
 * second. Asked as columns: after a mass change there are thousands.
 */
export async function datesSince(session: Session, watched: Watched, since: Date): Promise<Map<number, string>> {
  const { odoo } = session;
  if (watched === 'order')
    return latest(await readDates(odoo, 'sale.order', 'id', 'state', writtenSince(watched, since)));
  if (watched === 'price') {
    const variants = await readDates(odoo, 'product.product', 'id', 'active', writtenSince(watched, since));
    return latest(
      variants,
      variants.length === 0 || namesOf(odoo.major).templateDatesVariants ? [] : await readTemplateDates(odoo, since),
    );
  }
  const products = await changedSince(session, watched, since);
  const moves =
    products.length === 0
      ? []
      : await readDates(odoo, 'stock.move', 'product_id', 'state', [dateTerm('write_date', since)]);
  return latest(
    products.map((id) => [id, '']),
    moves,
  );
}

type DatedId = readonly [id: number, date: string];

/** @param groupBy a field with few values; only there because Odoo aggregates by groups */
async function readDates(
  odoo: OdooClient,
  model: string,
  id: string,
  groupBy: string,
  domain: readonly unknown[],
): Promise<DatedId[]> {
  const groups = await readGroups(odoo, model, {
    domain,
    groupBy,
    aggregates: { ids: { field: id, by: 'array_agg' }, dates: { field: 'write_date', by: 'array_agg' } },
    context: { active_test: false },
  });
  return groups.flatMap((group) => {
    const { ids: all, dates } = dateColumns.parse(group);
    return all.map((one, at): DatedId => [one, dates[at] ?? '']);
  });
}

const dateColumns = z.object({ ids, dates: z.array(z.string().nullable()) });

async function readTemplateDates(odoo: OdooClient, since: Date): Promise<DatedId[]> {
  const rows = await odoo.call(
    'product.template',
    'search_read',
    {
      domain: [dateTerm('write_date', since)],
      fields: ['write_date', 'product_variant_ids'],
      load: '',
      context: { active_test: false },
    },
    z.array(z.object({ write_date: z.string(), product_variant_ids: ids })),
  );
  return rows.flatMap((row) => row.product_variant_ids.map((id): DatedId => [id, row.write_date]));
}

function latest(...lists: readonly (readonly DatedId[])[]): Map<number, string> {
  const dates = new Map<number, string>();
  for (const [id, date] of lists.flat()) if ((dates.get(id) ?? '') <= date) dates.set(id, date);
  return dates;
}

function writtenSince(watched: Watched, since: Date): unknown[] {
  const { paths } = WATCHED[watched];
  return [...paths.slice(1).map(() => '|'), ...paths.map((path) => dateTerm(path, since))];
}

/** The instant itself belongs to it: which fractions of a second count beside a `>` differs between versions. */
const dateTerm = (path: string, since: Date): unknown => [path, '>=', odooInstant(since)];

/** `2026-11-23 04:30:00`: naive, and UTC. */
const odooInstant = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');

/** What a product's row says beside its values: whether it is still sold, and as what. */
export interface ProductFlags {
  readonly odooId: number;
  readonly cartonaId: string | undefined;
  readonly active: boolean;
  readonly forSale: boolean;
}

/** Reads how variants stand; one that is gone is absent. */
export async function readProductFlags(session: Session, odooIds: readonly number[]): Promise<ProductFlags[]> {
  const { name } = requireIdField(session);
  const rows = await session.odoo.call(
    'product.product',
    'read',
    { ids: [...odooIds], fields: [name, 'active', 'sale_ok'], context: { active_test: false } },
    z.array(z.looseObject({ id: z.number(), active: z.boolean(), sale_ok: z.boolean() })),
  );
  return rows.map((row) => ({
    odooId: row.id,
    cartonaId: idText.catch(undefined).parse(row[name]),
    active: row.active,
    forSale: row.sale_ok,
  }));
}

/** The products on the lines of sale orders, as Odoo ids. */
export async function productsOnOrders(session: Session, orderIds: readonly number[]): Promise<number[]> {
  const lines = await session.odoo.call(
    'sale.order.line',
    'search_read',
    {
      domain: [
        ['order_id', 'in', [...orderIds]],
        ['product_id', '!=', false],
      ],
      fields: ['product_id'],
      load: '',
    },
    z.array(z.object({ product_id: z.number() })),
  );
  return [...new Set(lines.map((line) => line.product_id))];
}

/**
 * Odoo's own time, UTC ms, to the second: the day and time that it would give a new order. No method tells the time by
 * itself; this one does on all versions.
 */
export async function odooTime(session: Session): Promise<number> {
  const { date_order: said } = await session.odoo.call(
    'sale.order',
    'default_get',
    { fields: ['date_order'] },
    z.object({ date_order: z.string() }),
    { repeatable: true },
  );
  return Date.parse(`${said.replace(' ', 'T')}Z`);
}
