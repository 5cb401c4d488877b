import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import {
  openStagedWorld,
  openWorld,
  TARGETS,
  targetName,
  type Target,
  type World,
} from '../../../fixtures/orders-world.js';

/** A world with products P1 (a percentage added on top) and P2 (no taxes). */
async function taxed(target: Target, taxes: 'none' | 'included' | 'added'): Promise<{ world: World; percent: number }> {
  const world = await openWorld(target, { orders: { taxes } });
  const domain = [
    ['type_tax_use', '=', 'sale'],
    ['amount_type', '=', 'percent'],
    ['amount', '>', 0],
    ['company_id', '=', world.session.profile.odoo.company.id],
  ];
  const rows = await world.admin.call(
    'account.tax',
    'search_read',
    { domain, fields: ['amount', 'price_include'] },
    z.array(z.object({ id: z.number(), amount: z.number(), price_include: z.boolean() })),
  );
  const tax = rows.find((row) => !row.price_include);
  if (!tax) throw new Error('this Odoo has no tax that is added on top');
  const [p1] = await world.products(['P1', 'P2']);
  await world.write('product.product', p1 ?? 0, { 'taxes_id/.id': String(tax.id) });
  return { world, percent: tax.amount };
}

const twoLines = [
  { internal_product_id: 'P1', amount: 1, selling_price: 33.35 },
  { internal_product_id: 'P2', amount: 2, selling_price: 5 },
];

describe.each(TARGETS.map((target) => [targetName(target), target] as const))('taxes in %s', (_name, target) => {
  it("none: lines without taxes, the total is Cartona's", async () => {
    const { world } = await taxed(target, 'none');
    const id = world.place(twoLines);
    expect((await pullOrders(world.session)).applied).toMatchObject([{ differences: [] }]);
    expect(await world.sale(id)).toMatchObject({
      amount_total: 43.35,
      lines: [{ [world.lineTaxes]: [] }, { [world.lineTaxes]: [] }],
    });
  });

  it("included: the product's taxes stay, the price is reckoned back, the total is Cartona's", async () => {
    const { world, percent } = await taxed(target, 'included');
    const id = world.place(twoLines);
    expect((await pullOrders(world.session)).applied).toMatchObject([{ differences: [], odooTotal: '43.35' }]);
    const [withTax, without] = (await world.sale(id)).lines;
    expect(withTax?.[world.lineTaxes]).toHaveLength(1);
    expect(withTax?.price_unit).toBeCloseTo(33.35 / (1 + percent / 100), 2);
    expect(without?.price_unit).toBe(5);
  });

  it('added: Odoo adds them, and the total that differs is told in Odoo and in the result', async () => {
    const { world, percent } = await taxed(target, 'added');
    const id = world.place(twoLines);
    const total = Math.round((33.35 * (1 + percent / 100) + 10) * 100) / 100;
    const { applied, acknowledged } = await pullOrders(world.session);
    expect(applied).toMatchObject([
      {
        cartonaTotal: '43.35',
        odooTotal: String(total),
        differences: [`the total in Odoo is ${total.toFixed(2)}, Cartona's is 43.35`],
      },
    ]);
    expect(acknowledged).toBe(1);
    expect(
      (await world.messages((await world.sale(id)).id)).filter((body) => body.includes(total.toFixed(2))),
    ).toHaveLength(1);
  });

  it('a total that Cartona itself does not add up to is told', async () => {
    const { world } = await taxed(target, 'none');
    world.place(twoLines, { total_price: 40 });
    expect((await pullOrders(world.session)).applied).toMatchObject([
      { differences: ["the total in Odoo is 43.35, Cartona's is 40.00"] },
    ]);
  });
});

describe('what a person should know of an order that stands', () => {
  it('many pieces with taxes reckoned back: what the rounding of prices leaves is told, with what mends it', async () => {
    const { world } = await taxed({ version: 18, protocol: 'json-rpc' }, 'included');
    const id = world.place([{ internal_product_id: 'P1', amount: 1000, selling_price: 10 }]);
    const { applied } = await pullOrders(world.session);
    expect(applied[0]?.differences[0]).toMatch(/Cartona's is 10000\.00 \(.*Product Price/);
    expect((await world.sale(id)).amount_total).toBeCloseTo(10_000, -1);
  });

  it('an order in another currency', async () => {
    const { simulated, world } = await openStagedWorld();
    simulated.store.change((env) =>
      env.write('res.currency', env.search('res.currency', [['name', '=', 'EGP']]), { name: 'USD' }),
    );
    world.place([{}]);
    expect((await pullOrders(world.session)).applied[0]?.differences).toEqual([expect.stringContaining('in USD')]);
  });
});
