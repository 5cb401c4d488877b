import { z } from 'zod';
import { idText } from '../common/ids.js';
import { holdsId } from '../odoo/id-field.js';
import { readGroups } from '../odoo/read-groups.js';
import { requireIdField, type Session } from '../session.js';
import { onlyHolder } from './id-holders.js';

/** A variant that has a Cartona id, alone. */
export interface MappedVariant {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly active: boolean;
}

/**
 * Which variant is which Cartona product, as Odoo has it now. Kept as columns: with hundreds of thousands of products
 * an object for each would be most of the program's memory.
 */
export class Identity {
  /** Cartona ids that several products hold (archived ones included): nothing of them is sent. */
  readonly clashes: ReadonlyMap<string, readonly number[]>;
  readonly #meant: Int32Array;
  #byOdooId: Map<number, number> | undefined;
  #byCartonaId: Map<string, number> | undefined;
  #byTemplate: Map<number, number[]> | undefined;

  constructor(private readonly columns: MappingColumns) {
    const { meant, clashes } = identify(columns);
    this.#meant = meant;
    this.clashes = clashes;
  }

  /** How many variants have a Cartona id of their own. */
  get size(): number {
    return this.#meant.length;
  }

  /** The unambiguous pairs, active variants first, each in the order of Odoo's ids, in pages of up to `size`. */
  *pages(size: number): Generator<MappedVariant[]> {
    for (let from = 0; from < this.#meant.length; from += size) {
      yield Array.from(this.#meant.subarray(from, from + size), (at) => this.#variant(at));
    }
  }

  /** The variant that holds a Cartona id alone, and the one with an Odoo id, if it is mapped so. */
  find(predicate: { cartonaId: string } | { odooId: number }): MappedVariant | undefined {
    const { ids, cartonaIds } = this.columns;
    const at =
      'cartonaId' in predicate
        ? (this.#byCartonaId ??= index(this.#meant, cartonaIds)).get(predicate.cartonaId)
        : (this.#byOdooId ??= index(this.#meant, ids)).get(predicate.odooId);
    return at === undefined ? undefined : this.#variant(at);
  }

  /** The mapped variants of a template, as Odoo ids. */
  variantsOf(templateId: number): readonly number[] {
    const { ids, templates } = this.columns;
    if (!this.#byTemplate) {
      this.#byTemplate = new Map();
      for (const row of this.#meant) {
        const template = templates[row] ?? 0;
        const others = this.#byTemplate.get(template);
        if (others) others.push(ids[row] ?? 0);
        else this.#byTemplate.set(template, [ids[row] ?? 0]);
      }
    }
    return this.#byTemplate.get(templateId) ?? [];
  }

  #variant(at: number): MappedVariant {
    const { ids, cartonaIds, active } = this.columns;
    return { odooId: ids[at] ?? 0, cartonaId: cartonaIds[at] ?? '', active: active[at] === 1 };
  }
}

/** Row by value; made when the first is looked up, for many a run looks up none. */
function index<T>(rows: Int32Array, values: readonly T[]): Map<T, number> {
  const found = new Map<T, number>();
  for (const row of rows) {
    const value = values[row];
    if (value !== undefined) found.set(value, row);
  }
  return found;
}

/** The mapping as read: one row per product that has an id, columns side by side. */
export interface MappingColumns {
  readonly ids: readonly number[];
  readonly cartonaIds: readonly string[];
  readonly active: Uint8Array;
  /** The products' templates. */
  readonly templates: readonly number[];
  /** The id lives on the template: each variant of a template shows the same. */
  readonly idOnTemplate: boolean;
}

/**
 * Reads the whole mapping, archived products included: an id that an archived product still holds is not free. Nothing
 * in Odoo keeps the field unique, so every run looks for itself; asked of the database as columns, that costs a
 * fraction of reading the records.
 */
export async function readIdentity(session: Session): Promise<Identity> {
  const field = requireIdField(session);
  session.progress('Reading the mapping from Odoo', 0);
  const groups = await readGroups(session.odoo, 'product.product', {
    domain: holdsId(field.name),
    groupBy: 'active',
    aggregates: {
      ids: { field: 'id', by: 'array_agg' },
      cartonaIds: { field: field.name, by: 'array_agg' },
      templates: { field: 'product_tmpl_id', by: 'array_agg' },
    },
    context: { active_test: false },
  });
  const [active, archived] = [true, false].map((state) =>
    columns.parse(groups.find((group) => group.group === state) ?? EMPTY),
  );
  if (!active || !archived) throw new Error('two groups were asked for');
  return new Identity({
    ids: active.ids.concat(archived.ids),
    cartonaIds: active.cartonaIds.concat(archived.cartonaIds),
    active: new Uint8Array(active.ids.length + archived.ids.length).fill(1, 0, active.ids.length),
    templates: active.templates.concat(archived.templates),
    idOnTemplate: field.model === 'product.template',
  });
}

const EMPTY = { ids: [], cartonaIds: [], templates: [] };
const columns = z.object({
  ids: z.array(z.number()),
  cartonaIds: z.array(idText.transform((id) => id ?? '')),
  templates: z.array(z.number()),
});

/**
 * Decides who holds which id (see `onlyHolder`). A blank id is none.
 * @returns the rows that hold their id alone, and the ids that several hold
 */
export function identify({ ids, cartonaIds, active, templates, idOnTemplate }: MappingColumns): {
  meant: Int32Array;
  clashes: Map<string, number[]>;
} {
  const seen = new Set<string>();
  const shared = new Map<string, number[]>();
  for (const cartonaId of cartonaIds) {
    if (seen.has(cartonaId)) shared.set(cartonaId, []);
    else seen.add(cartonaId);
  }
  const alone: number[] = [];
  cartonaIds.forEach((cartonaId, at) => {
    const holders = shared.get(cartonaId);
    if (holders) holders.push(at);
    else if (cartonaId !== '') alone.push(at);
  });
  shared.delete('');
  const clashes = new Map<string, number[]>();
  for (const [cartonaId, holders] of shared) {
    const only = onlyHolder(
      holders.map((at) => ({
        at,
        templateId: idOnTemplate ? templates[at] : undefined,
        active: active[at] === 1,
      })),
    );
    if (only !== undefined) alone.push(only.at);
    else
      clashes.set(
        cartonaId,
        holders.map((at) => ids[at] ?? 0),
      );
  }
  return { meant: Int32Array.from(alone), clashes };
}
