import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../../src/lib/mapping/match.js';
import { MappingPlan } from '../../../src/lib/mapping/plan.js';

interface World {
  /** What Odoo holds. */
  readonly products: readonly Product[];
  /** What the file says: product (by place) and id. */
  readonly rows: readonly { readonly product: number; readonly to: string }[];
  readonly replace: boolean;
}

const IDS = ['A', 'B', 'C', 'D', 'E', 'F'];

/** Few products and few ids, so that they meet often. */
const worlds: fc.Arbitrary<World> = fc
  .record({
    held: fc.array(fc.option(fc.constantFrom(...IDS), { nil: undefined }), { minLength: 1, maxLength: 7 }),
    archived: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
    rows: fc.array(fc.record({ product: fc.nat(6), to: fc.constantFrom(...IDS) }), { maxLength: 8 }),
    mostlyActive: fc.boolean(),
    replace: fc.boolean(),
  })
  .map(({ held, archived, rows, mostlyActive, replace }) => ({
    products: held.map((cartonaId, at) => ({
      id: at + 1,
      holder: at + 1,
      reference: undefined,
      barcode: undefined,
      active: mostlyActive || archived[at] !== true,
      variants: 1,
      cartonaId,
    })),
    rows: rows.map((row) => ({ ...row, product: row.product % held.length })),
    replace,
  }));

function planOf({ products, rows }: World): MappingPlan {
  const plan = new MappingPlan();
  rows.forEach(({ product, to }, at) => {
    plan.add({
      line: at + 2,
      cartonaId: to,
      product: products[product],
      holders: products
        .filter((one) => one.cartonaId === to)
        .map((one) => ({ holder: one.holder, label: `id ${one.id}`, remedy: undefined })),
      problems: [],
    });
  });
  return plan;
}

const rejectedRows = (plan: MappingPlan, rows: number): number[] =>
  Array.from({ length: rows }, (_, row) => row).filter((row) => plan.reason(row) !== undefined);

/** The rules written down the slow way: drop what breaks one, until nothing does. */
function rejectedByTheRules({ products, rows, replace }: World): number[] {
  let good = rows
    .map((_, at) => at)
    .filter((at) => {
      const row = rows[at];
      const product = products[row?.product ?? -1];
      if (!row || !product) return false;
      const alone = rows.filter((other) => other.to === row.to).length === 1;
      const oneId = new Set(rows.filter((other) => other.product === row.product).map((other) => other.to)).size === 1;
      const changes = product.cartonaId !== row.to;
      return alone && oneId && (!changes || (product.active && (product.cartonaId === undefined || replace)));
    });
  for (let before = -1; before !== good.length;) {
    before = good.length;
    good = good.filter((at) => {
      const row = rows[at];
      const others = products.filter((product, place) => product.cartonaId === row?.to && place !== row?.product);
      return others.every((other) =>
        good.some((giver) => rows[giver]?.product === other.id - 1 && rows[giver]?.to !== other.cartonaId),
      );
    });
  }
  return rows.map((_, at) => at).filter((at) => !good.includes(at));
}

describe('a mapping is one to one', () => {
  it('exactly the rows that break a rule are rejected', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planOf(world);
        plan.finish(world.replace);
        expect(rejectedRows(plan, world.rows.length)).toEqual(rejectedByTheRules(world));
        expect(plan.rejected).toBe(rejectedByTheRules(world).length);
      }),
      { numRuns: 2000 },
    );
  });

  it('once written, each accepted id is held by its product alone, and nothing else has changed', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planOf(world);
        const { order, unchanged } = plan.finish(world.replace);
        const after = new Map(world.products.map((product) => [product.holder, product.cartonaId]));
        for (const row of order) after.set(plan.change(row).holder, plan.change(row).to);
        for (const [row, { product, to }] of world.rows.entries()) {
          if (plan.reason(row) !== undefined) continue;
          expect([...after].filter(([, id]) => id === to)).toEqual([[product + 1, to]]);
        }
        const written = new Set(order.map((row) => plan.change(row).holder));
        for (const product of world.products)
          if (!written.has(product.holder)) expect(after.get(product.holder)).toBe(product.cartonaId);
        expect(order.length + unchanged + plan.rejected).toBe(world.rows.length);
        expect(new Set(order).size).toBe(order.length);
        for (const row of order)
          expect(plan.change(row).from).toBe(world.products[world.rows[row]?.product ?? -1]?.cartonaId);
      }),
      { numRuns: 2000 },
    );
  });

  it('at no moment of the writing do two products hold an id, unless ids go round in a ring', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const plan = planOf({ ...world, replace: true });
        const { order } = plan.finish(true);
        const now = new Map(world.products.map((product) => [product.holder, product.cartonaId]));
        for (const row of order) {
          const { holder, to } = plan.change(row);
          const other = [...now].find(([one, id]) => id === to && one !== holder)?.[0];
          if (other !== undefined) expect(ring(world, holder, to)).toContain(holder);
          now.set(holder, to);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('the order of the rows decides nothing', () => {
    const shuffled = worlds.chain((world) =>
      fc.tuple(fc.constant(world), fc.shuffledSubarray([...world.rows.keys()], { minLength: world.rows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([world, order]) => {
        const plan = planOf(world);
        plan.finish(world.replace);
        const other = planOf({ ...world, rows: order.map((row) => world.rows[row] ?? { product: 0, to: '' }) });
        other.finish(world.replace);
        expect(
          rejectedRows(other, order.length)
            .map((place) => order[place])
            .sort(),
        ).toEqual(rejectedRows(plan, order.length).sort());
      }),
    );
  });

  it('a row that is refused later takes those with it that counted on it, and no others', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, pick) => {
        const plan = planOf({ ...world, replace: true });
        const { order } = plan.finish(true);
        const refused = order[pick % Math.max(1, order.length)];
        if (refused === undefined) return;
        plan.refuse(refused, 'no');
        const after = new Map(world.products.map((product) => [product.holder, product.cartonaId]));
        for (const row of order)
          if (plan.reason(row) === undefined) after.set(plan.change(row).holder, plan.change(row).to);
        for (const row of order) {
          const { holder, to } = plan.change(row);
          const holders = [...after].filter(([, id]) => id === to).map(([one]) => one);
          if (plan.reason(row) === undefined) expect(holders).toEqual([holder]);
          else if (row !== refused) expect(holders.some((one) => one !== holder)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/**
 * The products from whom ids would come to `holder` and on, along every holder of each id (several may hold one), as
 * far as that goes.
 */
function ring(world: World, holder: number, to: string): number[] {
  const givers: number[] = [];
  const wanted = [to];
  for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
    for (const product of world.products) {
      if (product.cartonaId !== id || givers.includes(product.id) || (id === to && product.id === holder)) continue;
      givers.push(product.id);
      const next = world.rows.find((row) => row.product === product.id - 1)?.to;
      if (next !== undefined && product.id !== holder) wanted.push(next);
    }
  }
  return givers;
}

describe('reasons', () => {
  const product = (id: number, more: Partial<Product> = {}): Product => ({
    id,
    holder: id,
    reference: `R${id}`,
    barcode: undefined,
    active: true,
    variants: 1,
    cartonaId: undefined,
    ...more,
  });

  it('three lines with one id: each names another', () => {
    const plan = new MappingPlan();
    [2, 5, 9].forEach((line, at) =>
      plan.add({ line, cartonaId: 'A', product: product(at + 1), holders: [], problems: [] }),
    );
    plan.finish(false);
    expect([...plan.rejections()].map(({ line, reason }) => [line, /line (\d+)/.exec(reason)?.[1]])).toEqual([
      [2, '5'],
      [5, '2'],
      [9, '2'],
    ]);
  });

  it('a row with several problems has them all', () => {
    const plan = new MappingPlan();
    plan.add({
      line: 2,
      cartonaId: 'A',
      product: product(1, { active: false, cartonaId: 'B' }),
      holders: [{ holder: 7, label: 'id 7 (archived)', remedy: 'mend it' }],
      problems: [],
    });
    plan.finish(false);
    expect(plan.reason(0)).toMatch(
      /^archived product: .*; the product .* already has .* --replace.*; the Cartona id 'A' is already held by id 7 \(archived\) \(free it with `mend it`\)$/,
    );
  });

  it('an id of an unreadable row is not free for another', () => {
    const plan = new MappingPlan();
    plan.add({ line: 2, cartonaId: 'A', product: undefined, holders: [], problems: ['unknown product'] });
    plan.add({ line: 3, cartonaId: 'A', product: product(1), holders: [], problems: [] });
    plan.finish(false);
    expect(plan.rejected).toBe(2);
  });

  it('an archived product whose id stands already is no problem', () => {
    const plan = new MappingPlan();
    plan.add({
      line: 2,
      cartonaId: 'A',
      product: product(1, { active: false, cartonaId: 'A' }),
      holders: [{ holder: 1, label: 'id 1', remedy: undefined }],
      problems: [],
    });
    expect(plan.finish(false)).toEqual({ order: [], unchanged: 1 });
    expect(plan.rejected).toBe(0);
  });
});
