import { describe, expect, it } from 'vitest';
import { candidates, chosenField, homeOf, type Fields } from '../../../src/lib/odoo/id-field.js';

/** As `fields_get` told them on 18.0 and 19.0. */
const own: Fields[string] = { type: 'char', store: true };
const delegated = (name: string): Fields[string] => ({
  type: 'char',
  store: false,
  related: `product_tmpl_id.${name}`,
});

describe('where the Cartona id lives', () => {
  it("a field of the variant's own", () => {
    expect(candidates({ x_cartona_id: own }, {})).toEqual([{ model: 'product.product', name: 'x_cartona_id' }]);
  });

  it('a field of the template, which shows on the variant too', () => {
    expect(candidates({ cartona_id: delegated('cartona_id') }, { cartona_id: own })).toEqual([
      { model: 'product.template', name: 'cartona_id' },
    ]);
  });

  it("a field of both: the variant's own hides the template's", () => {
    expect(homeOf('cartona_id', { cartona_id: own }, { cartona_id: own })).toBe('product.product');
    // As a module may do: the template shows what its only variant holds.
    expect(
      homeOf('cartona_id', { cartona_id: own }, { cartona_id: { type: 'char', store: false, related: false } }),
    ).toBe('product.product');
  });

  it('a delegated field is known by its path, or by not being stored where a version does not tell the path', () => {
    expect(homeOf('a', { a: { type: 'char', store: false, related: ['product_tmpl_id', 'a'] } }, { a: own })).toBe(
      'product.template',
    );
    expect(homeOf('a', { a: { type: 'char', store: false } }, { a: own })).toBe('product.template');
  });

  it("the variant's fields come before the template's", () => {
    const variant = { x_cartona_id: delegated('x_cartona_id'), cartona_id: own };
    expect(candidates(variant, { x_cartona_id: own }).map(({ model, name }) => `${model}.${name}`)).toEqual([
      'product.product.cartona_id',
      'product.template.x_cartona_id',
    ]);
  });

  it('none, or one that cannot hold text', () => {
    expect(candidates({}, {})).toEqual([]);
    expect(candidates({ x_cartona_id: { type: 'integer', store: true } }, {})).toEqual([]);
  });

  it.each([
    ['default_code', { model: 'product.product', name: 'default_code' }],
    ['product.product:default_code', { model: 'product.product', name: 'default_code' }],
    ['x_on_template', { model: 'product.template', name: 'x_on_template' }],
    ['product.template:x_on_template', { model: 'product.template', name: 'x_on_template' }],
    ['template:x_on_template', { model: 'product.template', name: 'x_on_template' }],
  ])('a person may choose %s', (wish, field) => {
    const variant = { default_code: own, x_on_template: delegated('x_on_template') };
    expect(chosenField(wish, variant, { default_code: { type: 'char', store: true }, x_on_template: own })).toEqual(
      field,
    );
  });

  it.each([
    ['x_nothing', /no field "x_nothing"/],
    ['product.product:x_on_template', /belongs to the template/],
    ['lst_price', /of type float/],
    ['res.partner:name', /does not name a field/],
    ['a b', /does not name a field/],
    ['a:b:c', /does not name a field/],
  ])('but not %s', (wish, reason) => {
    const variant: Fields = { x_on_template: delegated('x_on_template'), lst_price: { type: 'float', store: false } };
    expect(() => chosenField(wish, variant, { x_on_template: own })).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(reason) as string }),
    );
  });
});
