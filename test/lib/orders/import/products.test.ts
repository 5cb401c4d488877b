import { describe, expect, it } from 'vitest';
import { wantedLines, type LineTerms } from '../../../../src/lib/orders/import/order-lines.js';
import { productOf, type LineProduct, type ProductHolder } from '../../../../src/lib/orders/import/products.js';
import { order } from '../../../fixtures/orders.js';

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

describe('the lines of an order', () => {
  const terms: LineTerms = {
    identifyBy: 'internal_product_id',
    taxes: 'none',
    precision: { quantity: 2, price: 2 },
    products: { byCartonaId: new Map([['P1', { kind: 'found', id: 11, taxIds: [] }]]), taxes: new Map() },
  };

  it("stand at Odoo's precision under external ids of their own", () => {
    const wanted = wantedLines(order([{ id: 7, amount: 1.005, selling_price: 12.345 }], { hashed_id: 'h-1' }), terms);
    expect(wanted).toEqual({
      kind: 'lines',
      lines: new Map([['__cartona__.line_h_002d1__7', { productId: 11, quantity: '1.01', priceUnit: '12.35' }]]),
    });
  });

  it('are whole or held, every bad one named', () => {
    const wanted = wantedLines(
      order([{}, { id: 'x', internal_product_id: 'P2', product_name: 'شاي' }, { internal_product_id: null }]),
      terms,
    );
    expect(wanted).toEqual({
      kind: 'held',
      reason: expect.stringMatching(/line x \(شاي\).*P2.*has no internal_product_id/) as string,
    });
  });

  it('are identified by the one kind of id that the profile keeps, never by the other', () => {
    const bySupplierId: LineTerms = {
      ...terms,
      identifyBy: 'supplier_product_id',
      products: { ...terms.products, byCartonaId: new Map([['P1', { kind: 'found', id: 11, taxIds: [] }]]) },
    };
    expect(wantedLines(order([{ internal_product_id: 'P1', supplier_product_id: 4 }]), bySupplierId)).toEqual({
      kind: 'held',
      reason: expect.stringContaining('Cartona id 4') as string,
    });
  });

  it.each([
    [[], 'no lines'],
    [[{ id: 1 }, { id: 1 }], 'twice'],
  ])('%j cannot be an order', (lines, reason) => {
    expect(wantedLines(order(lines), terms)).toEqual({
      kind: 'held',
      reason: expect.stringContaining(reason) as string,
    });
  });
});
