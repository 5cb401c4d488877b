import { z } from 'zod';
import { idText } from '../common/ids.js';
import { requireIdField, type Session } from '../session.js';

/** A page of the mapping: large enough that a round trip costs little, small enough that its rows are no burden. */
export const PAGE = 2000;

/** A variant that has a Cartona id, alone. */
export interface MappedVariant {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly active: boolean;
}

/** Which variant is which Cartona product, as Odoo has it now. */
export interface Identity {
  /** Unambiguous pairs, in the order of Odoo's ids. */
  readonly variants: readonly MappedVariant[];
  /** Cartona ids that several products hold (archived ones included): nothing of them is sent. */
  readonly clashes: ReadonlyMap<string, readonly number[]>;
}

interface Row {
  readonly id: number;
  readonly template: number | undefined;
  readonly cartonaId: string;
  readonly active: boolean;
}

/**
 * Reads the whole mapping, archived products included: an id that an archived product still holds is not free. Nothing
 * in Odoo keeps the field unique, so every run looks for itself.
 */
export async function readIdentity(session: Session): Promise<Identity> {
  const rows: Row[] = [];
  for await (const page of mappedPages(session)) {
    rows.push(...page);
    session.progress('Reading the mapping from Odoo', rows.length);
  }
  return identify(rows);
}

/**
 * Decides who holds which id. Where the field lives on the template, all its variants show it: with one active variant
 * that one is meant (its archived sisters do not count), with several it is ambiguous.
 */
export function identify(rows: readonly Row[]): Identity {
  const holders = new Map<string, Row | Row[]>();
  for (const row of rows) {
    const before = holders.get(row.cartonaId);
    if (before === undefined) holders.set(row.cartonaId, row);
    else if (Array.isArray(before)) before.push(row);
    else holders.set(row.cartonaId, [before, row]);
  }
  const variants: MappedVariant[] = [];
  const clashes = new Map<string, number[]>();
  for (const [cartonaId, holder] of holders) {
    const only = Array.isArray(holder) ? theOneMeant(holder) : holder;
    if (only) variants.push({ odooId: only.id, cartonaId, active: only.active });
    else if (Array.isArray(holder)) clashes.set(cartonaId, holder.map((row) => row.id));
  }
  return { variants, clashes };
}

function theOneMeant(holders: readonly Row[]): Row | undefined {
  const template = holders[0]?.template;
  if (template === undefined || holders.some((row) => row.template !== template)) return undefined;
  const active = holders.filter((row) => row.active);
  return active.length === 1 ? active[0] : undefined;
}

async function* mappedPages(session: Session): AsyncIterable<Row[]> {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  const rows = z.array(z.looseObject({ id: z.number(), active: z.boolean(), product_tmpl_id: z.number().optional() }));
  for (let after = 0; ; ) {
    const page = await session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [[field.name, '!=', false], ['id', '>', after]],
        // Few fields on purpose: each one that comes from the template doubles what a page costs Odoo.
        fields: [field.name, 'active', ...(onTemplate ? ['product_tmpl_id'] : [])],
        order: 'id',
        limit: PAGE,
        // Many-to-one values as bare ids, without their names.
        load: '',
        context: { active_test: false },
      },
      rows,
    );
    yield page.flatMap((row) => {
      const cartonaId = idText.parse(row[field.name]);
      return cartonaId === undefined ? [] : [{ id: row.id, template: row.product_tmpl_id, cartonaId, active: row.active }];
    });
    const last = page[page.length - 1];
    if (!last || page.length < PAGE) return;
    after = last.id;
  }
}
