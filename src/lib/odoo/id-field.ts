import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import type { OdooClient } from './client.js';

/** A field that may hold the Cartona id of a product. */
export interface ProductField {
  readonly model: 'product.product' | 'product.template';
  readonly name: string;
}

const fieldsSchema = z.record(
  z.string(),
  z.object({
    type: z.string(),
    store: z.boolean().optional(),
    related: z.union([z.string(), z.array(z.string()), z.literal(false), z.null()]).optional(),
  }),
);

/** What `fields_get` tells of some fields of one model; a field that does not exist is absent. */
export type Fields = z.output<typeof fieldsSchema>;

/** Fields made for the Cartona id: by `cartona odoo setup` (or by hand), and by a Cartona module. */
const NAMES = ['x_cartona_id', 'cartona_id'];
export const SETUP_FIELD: ProductField = { model: 'product.product', name: 'x_cartona_id' };

/** The domain of what has text in a field. Odoo 16 takes empty text for a value unless it is excluded by itself. */
export const holdsId = (field: string): unknown[] => [
  [field, '!=', false],
  [field, '!=', ''],
];

/** The domain of what has no text in a field, be it empty text. */
export const holdsNoId = (field: string): unknown[] => ['|', [field, '=', false], [field, '=', '']];

/**
 * Where a field that shows on variants really lives. A variant delegates to its template, so a template's field shows
 * on every variant, and writing it through one writes all; a field of the variant's own hides the template's of that
 * name.
 */
export function homeOf(name: string, variant: Fields, template: Fields): ProductField['model'] | undefined {
  const shown = variant[name];
  if (shown === undefined) return template[name] === undefined ? undefined : 'product.template';
  if (template[name] === undefined) return 'product.product';
  const related = Array.isArray(shown.related) ? shown.related.join('.') : shown.related;
  const inherited = related ? related === `product_tmpl_id.${name}` : shown.store === false;
  return inherited ? 'product.template' : 'product.product';
}

/**
 * The fields made for the id that are there, those of the variant first: an id on a template is unambiguous only while
 * it has one variant.
 */
export function candidates(variant: Fields, template: Fields): ProductField[] {
  const found: ProductField[] = [];
  for (const name of NAMES) {
    const model = homeOf(name, variant, template);
    if (model !== undefined && fieldOn(model, name, variant, template)?.type === 'char') found.push({ model, name });
  }
  return [
    ...found.filter((field) => field.model === 'product.product'),
    ...found.filter((field) => field.model === 'product.template'),
  ];
}

/**
 * The field that a person named: `default_code`, `barcode`, or any text field as `model:name`.
 * @throws CartonaError `usage` when there is no such field, or it cannot hold an id
 */
export function chosenField(named: string, variant: Fields, template: Fields): ProductField {
  const { model: wanted, name } = parseFieldName(named);
  const model = wanted ?? homeOf(name, variant, template);
  const field = model === undefined ? undefined : fieldOn(model, name, variant, template);
  if (model === undefined || field === undefined) {
    throw new CartonaError(
      'usage',
      `Odoo's products have no field "${name}"${wanted === undefined ? '' : ` on ${wanted}`}; name an existing one with --id-field, or leave it out.`,
    );
  }
  if (field.type !== 'char')
    throw new CartonaError(
      'usage',
      `The field "${name}" on ${model} is of type ${field.type}; the Cartona id needs a text field (char).`,
    );
  if (wanted === 'product.product' && homeOf(name, variant, template) === 'product.template') {
    throw new CartonaError(
      'usage',
      `The field "${name}" belongs to the template and only shows on its variants; name it product.template:${name}.`,
    );
  }
  return { model, name };
}

function fieldOn(
  model: ProductField['model'],
  name: string,
  variant: Fields,
  template: Fields,
): Fields[string] | undefined {
  return (model === 'product.product' ? variant : template)[name];
}

function parseFieldName(wanted: string): { model: ProductField['model'] | undefined; name: string } {
  const [first = '', second, ...more] = wanted.trim().split(':');
  const name = second ?? first;
  const model =
    second === undefined
      ? undefined
      : first === 'product'
        ? 'product.product'
        : first === 'template'
          ? 'product.template'
          : first;
  if (
    more.length > 0 ||
    !/^[a-z_][a-z0-9_]*$/.test(name) ||
    (model !== undefined && model !== 'product.product' && model !== 'product.template')
  ) {
    throw new CartonaError(
      'usage',
      `"${wanted}" does not name a field of products; give default_code, barcode, or model:name as product.product:x_code.`,
    );
  }
  return { model, name };
}

export interface IdFieldFound {
  /** The field to use; `undefined` while there is none. */
  readonly field: ProductField | undefined;
  /** Other fields that look as if they held the id. */
  readonly others: readonly ProductField[];
}

/**
 * Finds the field that holds the Cartona id. Where several are there, the one that most products have filled is meant.
 * @param wanted a field that the person named, instead
 */
export async function findIdField(odoo: OdooClient, wanted?: string): Promise<IdFieldFound> {
  const names = wanted === undefined ? NAMES : [parseFieldName(wanted).name];
  const fields = (model: string): Promise<Fields> =>
    odoo.call(model, 'fields_get', { allfields: names, attributes: ['type', 'store', 'related'] }, fieldsSchema);
  const [variant, template] = [await fields('product.product'), await fields('product.template')];
  if (wanted !== undefined) return { field: chosenField(wanted, variant, template), others: [] };
  const found = candidates(variant, template);
  if (found.length < 2) return { field: found[0], others: [] };
  const counted: { field: ProductField; filled: number }[] = [];
  for (const field of found) {
    const filled = await odoo.call(
      field.model,
      'search_count',
      { domain: holdsId(field.name), context: { active_test: false } },
      z.number(),
    );
    counted.push({ field, filled });
  }
  const [best, ...others] = counted.sort((a, b) => b.filled - a.filled).map(({ field }) => field);
  return { field: best, others };
}
