import { z } from 'zod';
import { idText } from '../common/ids.js';
import { readGroups } from '../odoo/read-groups.js';
import { requireIdField, type Session } from '../session.js';

/** A variant that has a Cartona id, alone. */
export interface MappedVariant {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly active: boolean;
}

/** Which variant is which Cartona product, as Odoo has it now. */
export interface Identity {
  /** Unambiguous pairs, active ones first, each in the order of Odoo's ids. */
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
 * in Odoo keeps the field unique, so every run looks for itself; asked of the database as columns, that costs a
 * fraction of reading the records.
 */
export async function readIdentity(session: Session): Promise<Identity> {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  session.progress('Reading the mapping from Odoo', 0);
  const groups = await readGroups(session.odoo, 'product.product', {
    domain: [[field.name, '!=', false]],
    groupBy: 'active',
    aggregates: { ids: { field: 'id', by: 'array_agg' }, cartonaIds: { field: field.name, by: 'array_agg' }, templates: { field: 'product_tmpl_id', by: 'array_agg' } },
    context: { active_test: false },
  });
  return identify(groups.flatMap((group) => rowsOf(group, onTemplate)));
}

const columns = z.object({ group: z.boolean(), ids: z.array(z.number()), cartonaIds: z.array(z.unknown()), templates: z.array(z.number()) });

function rowsOf(group: unknown, onTemplate: boolean): Row[] {
  const { group: active, ids, cartonaIds, templates } = columns.parse(group);
  return ids.flatMap((id, at) => {
    const cartonaId = idText.parse(cartonaIds[at]);
    return cartonaId === undefined ? [] : [{ id, template: onTemplate ? templates[at] : undefined, cartonaId, active }];
  });
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
