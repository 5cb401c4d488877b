import { describe, expect, it } from 'vitest';
import { Identity, identify, type MappedVariant } from '../../../src/lib/mapping/identity.js';

interface Row {
  readonly id: number;
  readonly cartonaId: string;
  readonly active?: boolean;
  readonly template?: number;
}

const columns = (rows: readonly Row[]) => ({
  ids: rows.map((row) => row.id),
  cartonaIds: rows.map((row) => row.cartonaId),
  active: Uint8Array.from(rows, (row) => (row.active === false ? 0 : 1)),
  templates: rows.map((row) => row.template ?? 0),
  idOnTemplate: rows.some((row) => row.template !== undefined),
});
const all = (rows: readonly Row[]): MappedVariant[] => [...new Identity(columns(rows)).pages(2)].flat();

describe('who holds which Cartona id', () => {
  it('takes an id that one product holds, in pages', () => {
    const rows = [
      { id: 1, cartonaId: 'A' },
      { id: 2, cartonaId: 'B' },
      { id: 3, cartonaId: 'C', active: false },
    ];
    expect(all(rows)).toEqual([
      { odooId: 1, cartonaId: 'A', active: true },
      { odooId: 2, cartonaId: 'B', active: true },
      { odooId: 3, cartonaId: 'C', active: false },
    ]);
    expect(new Identity(columns(rows)).find({ cartonaId: 'B' })?.odooId).toBe(2);
    expect(new Identity(columns(rows)).find({ odooId: 3 })?.cartonaId).toBe('C');
    expect(new Identity(columns(rows)).find({ odooId: 4 })).toBeUndefined();
  });

  it('holds back an id that two products hold, an archived one included', () => {
    const rows = [
      { id: 1, cartonaId: 'A' },
      { id: 3, cartonaId: 'B' },
      { id: 2, cartonaId: 'A', active: false },
    ];
    expect(all(rows).map((variant) => variant.cartonaId)).toEqual(['B']);
    expect(identify(columns(rows)).clashes).toEqual(new Map([['A', [1, 2]]]));
    expect(new Identity(columns(rows)).find({ cartonaId: 'A' })).toBeUndefined();
  });

  it('takes a blank id for none, however many have it', () => {
    expect(
      identify(
        columns([
          { id: 1, cartonaId: '' },
          { id: 2, cartonaId: '' },
        ]),
      ),
    ).toEqual({ meant: new Int32Array(0), clashes: new Map() });
  });

  it("takes a template's id for its one active variant, and holds it back when several are active", () => {
    expect(
      all([
        { id: 1, cartonaId: 'A', template: 7 },
        { id: 2, cartonaId: 'A', template: 7, active: false },
      ]),
    ).toEqual([{ odooId: 1, cartonaId: 'A', active: true }]);
    expect(
      identify(
        columns([
          { id: 1, cartonaId: 'A', template: 7 },
          { id: 2, cartonaId: 'A', template: 7 },
        ]),
      ).clashes,
    ).toEqual(new Map([['A', [1, 2]]]));
    expect(
      identify(
        columns([
          { id: 1, cartonaId: 'A', template: 7 },
          { id: 2, cartonaId: 'A', template: 8, active: false },
        ]),
      ).clashes,
    ).toEqual(new Map([['A', [1, 2]]]));
  });
});
