import { describe, expect, it } from 'vitest';
import { identify } from '../../../src/lib/mapping/identity.js';

const row = (id: number, cartonaId: string, over: { active?: boolean; template?: number } = {}) => ({ id, cartonaId, active: over.active ?? true, template: over.template });

describe('who holds which Cartona id', () => {
  it('takes an id that one product holds', () => {
    expect(identify([row(1, 'A'), row(2, 'B')])).toEqual({ variants: [{ odooId: 1, cartonaId: 'A', active: true }, { odooId: 2, cartonaId: 'B', active: true }], clashes: new Map() });
  });

  it('holds back an id that two products hold, an archived one included', () => {
    const { variants, clashes } = identify([row(1, 'A'), row(2, 'A', { active: false }), row(3, 'B')]);
    expect(variants.map((v) => v.cartonaId)).toEqual(['B']);
    expect(clashes).toEqual(new Map([['A', [1, 2]]]));
  });

  it("takes a template's id for its one active variant, and holds it back when several are active", () => {
    expect(identify([row(1, 'A', { template: 7 }), row(2, 'A', { template: 7, active: false })]).variants).toEqual([{ odooId: 1, cartonaId: 'A', active: true }]);
    expect(identify([row(1, 'A', { template: 7 }), row(2, 'A', { template: 7 })]).clashes).toEqual(new Map([['A', [1, 2]]]));
    expect(identify([row(1, 'A', { template: 7 }), row(2, 'A', { template: 8, active: false })]).clashes).toEqual(new Map([['A', [1, 2]]]));
  });
});
