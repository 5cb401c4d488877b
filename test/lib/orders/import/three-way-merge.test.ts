import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeLines, sameContent } from '../../../../src/lib/orders/import/three-way-merge.js';
import type { LineValues, OdooLine } from '../../../../src/lib/odoo/records/sale-orders.js';

const values: fc.Arbitrary<LineValues> = fc.record({
  productId: fc.constantFrom(1, 2),
  quantity: fc.constantFrom('1', '2', '3'),
  priceUnit: fc.constantFrom('5', '6'),
});
const lines = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), values, { noNullPrototype: true })
  .map((record) => new Map(Object.entries(record)));
const odooLines = lines.map(
  (map) => new Map<string, OdooLine>([...map].map(([key, line], at) => [key, { ...line, id: at + 1 }])),
);

/** What Odoo has once the changes are made. */
function apply(odoo: ReadonlyMap<string, OdooLine>, changes: ReturnType<typeof mergeLines>): Map<string, LineValues> {
  const after = new Map<string, LineValues>(
    [...odoo].map(([key, { productId, quantity, priceUnit }]) => [key, { productId, quantity, priceUnit }]),
  );
  for (const { key, quantity, priceUnit } of changes.write)
    after.set(key, { ...(after.get(key) ?? { productId: 0 }), quantity, priceUnit });
  for (const { key, values: added } of changes.add) after.set(key, added);
  for (const { key } of changes.remove) after.delete(key);
  return after;
}

const line = (quantity: string, priceUnit = '5', productId = 1): LineValues => ({ productId, quantity, priceUnit });

describe('diffLines', () => {
  it('brings what only Cartona changed', () => {
    const base = new Map([
      ['a', line('1')],
      ['b', line('2')],
    ]);
    const odoo = new Map([
      ['a', { ...line('1'), id: 10 }],
      ['b', { ...line('2'), id: 11 }],
    ]);
    const cartona = new Map([
      ['a', line('3', '6')],
      ['c', line('1')],
    ]);
    expect(mergeLines(base, odoo, cartona)).toEqual({
      write: [{ key: 'a', id: 10, quantity: '3', priceUnit: '6' }],
      add: [{ key: 'c', values: line('1') }],
      remove: [{ key: 'b', id: 11 }],
      conflicts: [],
    });
  });

  it('leaves what only a salesperson changed', () => {
    const base = new Map([
      ['a', line('1')],
      ['b', line('2')],
    ]);
    expect(mergeLines(base, new Map([['a', { ...line('7'), id: 10 }]]), base)).toEqual({
      write: [],
      add: [],
      remove: [],
      conflicts: [],
    });
  });

  it('writes nothing over a line that both changed, and names it', () => {
    const changes = mergeLines(
      new Map([['a', line('1')]]),
      new Map([['a', { ...line('7'), id: 10 }]]),
      new Map([['a', line('3')]]),
    );
    expect(changes).toEqual({
      write: [],
      add: [],
      remove: [],
      conflicts: [{ key: 'a', odoo: { ...line('7'), id: 10 }, cartona: line('3') }],
    });
  });

  it('names a line that a salesperson deleted and Cartona changed', () => {
    expect(mergeLines(new Map([['a', line('1')]]), new Map(), new Map([['a', line('3')]])).conflicts).toEqual([
      { key: 'a', odoo: undefined, cartona: line('3') },
    ]);
  });

  it('takes nothing for known without a base', () => {
    expect(
      mergeLines(undefined, new Map([['a', { ...line('1'), id: 10 }]]), new Map([['a', line('3')]])).conflicts,
    ).toHaveLength(1);
    expect(
      mergeLines(undefined, new Map([['a', { ...line('3'), id: 10 }]]), new Map([['a', line('3')]])).conflicts,
    ).toHaveLength(0);
  });

  it('where nobody touched Odoo, the result is what Cartona says, but for a line whose product changed', () => {
    fc.assert(
      fc.property(odooLines, lines, (odoo, cartona) => {
        const changes = mergeLines(odoo, odoo, cartona);
        const expected = new Map(cartona);
        for (const { key } of changes.conflicts) {
          expect(odoo.get(key)?.productId).not.toBe(cartona.get(key)?.productId);
          const kept = odoo.get(key);
          if (kept) expected.set(key, line(kept.quantity, kept.priceUnit, kept.productId));
        }
        expect(apply(odoo, changes)).toEqual(expected);
      }),
    );
  });

  it('where Cartona changed nothing, nothing is done', () => {
    fc.assert(
      fc.property(odooLines, lines, (odoo, cartona) => {
        expect(mergeLines(cartona, odoo, cartona)).toEqual({ write: [], add: [], remove: [], conflicts: [] });
      }),
    );
  });

  it('never touches a line that differs from the base and from Cartona', () => {
    fc.assert(
      fc.property(lines, odooLines, lines, (base, odoo, cartona) => {
        const after = apply(odoo, mergeLines(base, odoo, cartona));
        for (const [key, is] of odoo) {
          const was = base.get(key);
          const changedByPerson = was === undefined || !sameContent([was], [is]);
          if (changedByPerson) expect(after.get(key)).toEqual(line(is.quantity, is.priceUnit, is.productId));
        }
      }),
    );
  });

  it('done once, there is nothing left to do', () => {
    fc.assert(
      fc.property(lines, odooLines, lines, (base, odoo, cartona) => {
        const after = new Map(
          [...apply(odoo, mergeLines(base, odoo, cartona))].map(([key, one], at) => [key, { ...one, id: 100 + at }]),
        );
        const again = mergeLines(base, after, cartona);
        expect([...again.write, ...again.add, ...again.remove]).toEqual([]);
      }),
    );
  });
});
