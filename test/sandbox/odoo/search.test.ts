import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { startOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import type { Env } from '../../../src/sandbox/odoo/orm/types.js';

const supplier = makeSupplier({ seed: 5, products: 400, orders: 0 });
const opening = startOdoo({ version: 18, supplier, cartonaField: 'product' });
afterAll(async () => (await opening).close());

const code = fc.constantFrom(...supplier.products.slice(0, 40).map((product) => product.defaultCode), 'no such');
const leaf = fc.oneof(
  fc.tuple(fc.constant('default_code'), fc.constantFrom('=', '!='), fc.oneof(code, fc.constant(false))),
  fc.tuple(fc.constant('default_code'), fc.constantFrom('in', 'not in'), fc.array(code, { maxLength: 5 })),
  fc.tuple(fc.constant('id'), fc.constantFrom('>', '<=', '=', '!='), fc.integer({ min: 0, max: 420 })),
  fc.tuple(fc.constant('id'), fc.constant('in'), fc.array(fc.integer({ min: 0, max: 420 }), { maxLength: 30 })),
  fc.tuple(
    fc.constant('name'),
    fc.constantFrom('ilike', 'not ilike', '=like'),
    fc.constantFrom('a', '%م%', 'Beans%', ''),
  ),
  fc.tuple(fc.constant('x_cartona_id'), fc.constantFrom('=', '!='), fc.constant(false)),
  fc.tuple(fc.constant('product_tmpl_id'), fc.constantFrom('=', 'in', '!='), fc.integer({ min: 1, max: 400 })),
  fc.tuple(fc.constant('product_tmpl_id.list_price'), fc.constantFrom('>', '<='), fc.integer({ min: 0, max: 200 })),
  fc.tuple(fc.constant('sale_ok'), fc.constant('='), fc.boolean()),
);
type Term = readonly unknown[] | '&' | '|' | '!';
const { domain } = fc.letrec<{ domain: Term[] }>((tie) => ({
  domain: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((term): Term[] => [term]),
    fc
      .tuple(fc.constantFrom('&' as const, '|' as const), tie('domain'), tie('domain'))
      .map(([join, left, right]): Term[] => [join, ...left, ...right]),
    tie('domain').map((of): Term[] => ['!', ...of]),
  ),
}));

const within = async (check: (env: Env) => void): Promise<void> =>
  (await opening).store.change((env) => check(env.with({ active_test: false })));
const all = (env: Env): number[] => env.search('product.product', [], { order: 'id' });

describe("the simulated Odoo's search", () => {
  it('finds by index what it finds by looking at every record', () =>
    within((env) => {
      fc.assert(
        fc.property(domain, (terms) => {
          // Joined to nothing by `|`, no index can serve the terms.
          expect(env.search('product.product', terms, { order: 'id' })).toEqual(
            env.search('product.product', ['|', [0, '=', 1], ...terms], { order: 'id' }),
          );
        }),
        { numRuns: 300 },
      );
    }));

  it('a domain and its negation share the records among them', () =>
    within((env) => {
      fc.assert(
        fc.property(domain, (terms) => {
          const [found, others] = [
            env.search('product.product', terms, { order: 'id' }),
            env.search('product.product', ['!', ...terms], { order: 'id' }),
          ];
          expect([...found, ...others].sort((a, b) => a - b)).toEqual(all(env));
        }),
        { numRuns: 150 },
      );
    }));

  it('pages by id > last, and by offset, are the whole', () =>
    within((env) => {
      fc.assert(
        fc.property(domain, fc.integer({ min: 1, max: 90 }), (terms, limit) => {
          const whole = env.search('product.product', terms, { order: 'id' });
          const byId: number[] = [];
          const byOffset: number[] = [];
          for (let page = env.search('product.product', terms, { order: 'id', limit }); page.length > 0;) {
            byId.push(...page);
            page = env.search('product.product', [['id', '>', page.at(-1)], ...terms], { order: 'id', limit });
          }
          for (let offset = 0; byOffset.length < whole.length; offset += limit)
            byOffset.push(...env.search('product.product', terms, { order: 'id', limit, offset }));
          expect(byId).toEqual(whole);
          expect(byOffset).toEqual(whole);
        }),
        { numRuns: 60 },
      );
    }));

  it('sorts by any field both ways, nothing first when falling', () =>
    within((env) => {
      const rows = env
        .search('product.product', [], { order: 'barcode desc, id' })
        .map((id) => env.row('product.product', id).barcode ?? false);
      const filled = rows.filter((barcode) => barcode !== false).map(String);
      expect(rows.slice(0, rows.length - filled.length).every((barcode) => barcode === false)).toBe(true);
      expect(filled).toEqual([...filled].sort().reverse());
    }));

  it('takes % and _ for patterns and \\ for themselves', () =>
    within((env) => {
      const one = env.create('res.partner', { name: '50% off_now' });
      const two = env.create('res.partner', { name: '500 offXnow' });
      const find = (pattern: string): number[] =>
        env.search(
          'res.partner',
          [
            ['name', '=like', pattern],
            ['id', 'in', [one.id, two.id]],
          ],
          { order: 'id' },
        );
      expect(find('50%')).toEqual([one.id, two.id]);
      expect(find('50\\%%')).toEqual([one.id]);
      expect(find('%off_now')).toEqual([one.id, two.id]);
      expect(find('%off\\_now')).toEqual([one.id]);
    }));
});
