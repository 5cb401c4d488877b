import { describe, expect, it } from 'vitest';
import { wantedLines, type LineTerms } from '../../../../src/lib/orders/import/order-lines.js';
import { order } from '../../../fixtures/orders.js';

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
