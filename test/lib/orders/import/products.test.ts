import { describe, expect, it } from 'vitest';
import { productOf, type LineProduct, type ProductHolder } from '../../../../src/lib/orders/import/products.js';

const holder = (id: number, fields: Partial<ProductHolder> = {}): ProductHolder => ({
  id,
  templateId: undefined,
  active: true,
  taxIds: [],
  ...fields,
});

describe('which product an id means', () => {
  it.each<[string, ProductHolder[], LineProduct]>([
    ['the only one that holds it', [holder(1, { taxIds: [7] })], { kind: 'found', id: 1, taxIds: [7] }],
    ['an archived one is wanted to be archived', [holder(1, { active: false })], { kind: 'archived', id: 1 }],
    ['two that hold it are not sure', [holder(1), holder(2)], { kind: 'several', ids: [1, 2] }],
    ['nor is one beside an archived one', [holder(1), holder(2, { active: false })], { kind: 'several', ids: [1, 2] }],
    [
      'on the template: its one active variant, whatever archived sisters',
      [holder(1, { templateId: 5, active: false }), holder(2, { templateId: 5 })],
      { kind: 'found', id: 2, taxIds: [] },
    ],
    [
      'on a template of several active variants: not sure',
      [holder(1, { templateId: 5 }), holder(2, { templateId: 5 })],
      { kind: 'several', ids: [1, 2] },
    ],
    [
      'on two templates: not sure',
      [holder(1, { templateId: 5 }), holder(2, { templateId: 6, active: false })],
      { kind: 'several', ids: [1, 2] },
    ],
  ])('%s', (_what, holders, product) => {
    expect(productOf(holders)).toEqual(product);
  });
});
