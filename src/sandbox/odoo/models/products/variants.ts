import type { Env } from '../../orm/types.js';
import type { Row, WireObject } from '../../orm/values.js';

/** A template's active variants, oldest first. */
export function variantsOf(env: Env, template: Row): Row[] {
  const ids = [...env.table('product.product').lookup('product_tmpl_id', template.id)].sort((a, b) => a - b);
  return ids.map((id) => env.row('product.product', id)).filter((row) => row.active === true);
}

/**
 * Makes the variants that a template's attributes call for and that are not there; the only one takes the reference and
 * the barcode.
 */
export function makeVariants(env: Env, template: Row, values: WireObject): void {
  const table = env.table('product.product');
  const present = new Set(
    [...table.lookup('product_tmpl_id', template.id)].map((id) =>
      combinationKey(table.get(id)?.product_template_attribute_value_ids),
    ),
  );
  const combinations = combinationsOf(env, template);
  const [only, other] = combinations;
  const own = only && !other ? pick(values, ['default_code', 'barcode', 'standard_price']) : {};
  for (const combination of combinations) {
    if (present.has(combinationKey(combination))) continue;
    env.sudo().create('product.product', {
      product_tmpl_id: template.id,
      active: template.active,
      product_template_attribute_value_ids: [[6, 0, combination]],
      ...own,
    });
  }
}

const combinationKey = (values: unknown): string =>
  Array.isArray(values) ? [...(values as number[])].sort((a, b) => a - b).join(',') : '';

function combinationsOf(env: Env, template: Row): number[][] {
  const lines = [...env.table('product.template.attribute.line').lookup('product_tmpl_id', template.id)].sort(
    (a, b) => a - b,
  );
  return lines.reduce<number[][]>(
    (combinations, line) => {
      const values = [...env.table('product.template.attribute.value').lookup('attribute_line_id', line)].sort(
        (a, b) => a - b,
      );
      return combinations.flatMap((combination) => values.map((value) => [...combination, value]));
    },
    [[]],
  );
}

function pick(values: WireObject, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]));
}
