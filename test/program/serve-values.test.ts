import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadProfile } from '../../src/lib/settings/profiles.js';
import { runCli } from '../fixtures/cli.js';
import { becomes, eventually, freePort } from '../fixtures/service.js';
import { countIn, openShop, SWEEPING } from '../fixtures/shop.js';

describe.each([16, 18, 19] as const)('cartona serve: what changes in Odoo %i arrives at the marketplace', (version) => {
  it('prices, extras, counts, reservations, withdrawals and the mapping; nothing else', async () => {
    const shop = await openShop({ products: 12, odoo: { version } });
    const service = await shop.serveLive();
    // Both sides are equal: there is nothing to say.
    expect(shop.writes()).toEqual([]);

    shop.setPrice('P1', 12.5);
    await becomes(() => shop.priceAt('P1'), 12.5);
    shop.change((env) => {
      const [value] = env.value(
        env.model('product.product'),
        env.row('product.product', shop.idOf('V2')),
        'product_template_attribute_value_ids',
      ) as readonly number[];
      env.write('product.template.attribute.value', [value ?? 0], { price_extra: 3.75 });
    });
    await becomes(() => shop.priceAt('V2'), 53.75);
    expect(shop.priceAt('V1')).toBe(50);
    shop.count('P2', 37);
    await becomes(() => shop.stockAt('P2'), 37);
    shop.sell('P3', 30);
    await becomes(() => shop.stockAt('P3'), 70);

    shop.write('P4', { active: false });
    await becomes(() => shop.stockAt('P4'), 0);
    shop.write('P4', { active: true });
    await becomes(() => shop.stockAt('P4'), 100);
    shop.change((env) => env.write('product.template', [shop.templateOf('P5')], { sale_ok: false }));
    await becomes(() => shop.stockAt('P5'), 0);
    shop.change((env) => env.write('product.template', [shop.templateOf('P5')], { sale_ok: true }));
    await becomes(() => shop.stockAt('P5'), 100);

    // A change of the mapping: cleared, nothing of it is sent any more; set anew, all of it is.
    shop.write('P6', { x_cartona_id: false });
    shop.setPrice('P6', 99);
    shop.setPrice('P7', 17.5);
    await becomes(() => shop.priceAt('P7'), 17.5);
    expect(shop.priceAt('P6')).toBe(16);
    shop.write('P6', { x_cartona_id: 'P6' });
    // A price that rises so far waits for a yes: the brake knows what Cartona had before.
    await eventually(
      () => shop.withRows((session) => session.store.deliveries.get('price', ['P6'])),
      (rows) => rows.get('P6')?.outcome === 'braked',
    );
    shop.setPrice('P6', 16.25);
    await becomes(() => shop.priceAt('P6'), 16.25);
    expect(shop.sentItems().some((item) => item['internal_product_id'] === 'U1')).toBe(false);

    // Moved from one product to another: the id means the other one now.
    shop.change((env) => {
      env.write('product.product', [shop.idOf('P8')], { x_cartona_id: false });
      env.write('product.product', [shop.idOf('P9')], { x_cartona_id: 'P8' });
    });
    await becomes(() => shop.priceAt('P8'), 19);

    // Held by two products: nobody knows which one is meant.
    shop.write('P10', { x_cartona_id: 'P11' });
    await sleep(2500);
    shop.setPrice('P10', 21.5);
    shop.setPrice('P11', 22.5);
    shop.setPrice('P12', 23.5);
    await becomes(() => shop.priceAt('P12'), 23.5);
    expect(shop.priceAt('P11')).toBe(21);

    const unmapped = shop.odoo.store.records('product.template').at(-1)?.['id'];
    shop.change((env) => env.write('product.template', [Number(unmapped)], { list_price: 77 }));
    shop.setPrice('P1', 13);
    await becomes(() => shop.priceAt('P1'), 13);
    expect(shop.priceAt('U1')).toBe(21 + 4);
    expect(shop.sentItems().some((item) => item['internal_product_id'] === 'U1')).toBe(false);
    expect((await service.stop()).code).toBe(0);
  });
});

describe('cartona serve: what is withdrawn', () => {
  it('is taken off the marketplace where the settings say so, and put back', async () => {
    const shop = await openShop({ products: 12, settings: { catalog: { withdrawn: 'unpublish' } } });
    await shop.serveLive();
    shop.write('P1', { active: false });
    await becomes(() => shop.listed('P1').isPublished, false);
    shop.change((env) => env.write('product.template', [shop.templateOf('P2')], { sale_ok: false }));
    await becomes(() => shop.listed('P2').isPublished, false);
    shop.write('P1', { active: true });
    shop.change((env) => env.write('product.template', [shop.templateOf('P2')], { sale_ok: true }));
    await becomes(
      () => ['P1', 'P2', 'P3'].map((id) => [shop.listed(id).isPublished, shop.stockAt(id)]),
      [
        [true, 100],
        [true, 100],
        [true, 100],
      ],
    );
  });
});

describe.each([18, 19] as const)('cartona serve: hints from Odoo %i', (version) => {
  it('a change arrives at once although nobody asks Odoo for a minute', async () => {
    const shop = await openShop({
      odoo: { version },
      settings: { serve: { pollMs: 60_000, idlePollMs: 60_000, pullMinutes: 1440 } },
    });
    const port = await freePort();
    const setup = await runCli(
      [
        'odoo',
        'setup',
        '--push',
        '--push-url',
        `http://127.0.0.1:${port}`,
        '--admin-login',
        shop.odoo.adminLogin,
        '--json',
      ],
      { env: { ...shop.env, CARTONA_ODOO_ADMIN_KEY: shop.odoo.adminKey } },
    );
    expect(setup.json()).toMatchObject({ push: { outcome: 'created' } });
    const service = await shop.serveLive('--port', String(port));
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    shop.count('P2', 37);
    await becomes(() => shop.stockAt('P2'), 37);
    const order = shop.place([['P3', 2]]);
    await becomes(() => shop.saleOf(order)?.['state'], 'draft');
    shop.confirm(order);
    await becomes(() => shop.orderAt(order).status, 'approved');
    const { odoo } = await loadProfile(shop.paths, 'default');
    expect(odoo.push?.secret.length).toBeGreaterThan(20);
    expect(service.output()).not.toContain(odoo.push?.secret);
  });
});

describe('cartona serve: the mapping', () => {
  it('a price that changes together with the end of its mapping is not sent any more', async () => {
    const shop = await openShop();
    await shop.serveLive();
    shop.change((env) => {
      env.write('product.product', [shop.idOf('P1')], { x_cartona_id: false });
      env.write('product.template', [shop.templateOf('P1')], { list_price: 11.75 });
    });
    shop.setPrice('P2', 12.75);
    await becomes(() => shop.priceAt('P2'), 12.75);
    shop.count('P1', 55);
    shop.count('P2', 66);
    await becomes(() => shop.stockAt('P2'), 66);
    expect(shop.sentItems().filter((item) => item['internal_product_id'] === 'P1')).toEqual([]);
  });
});

describe('cartona serve: the sweep', () => {
  it('mends what was edited at Cartona', async () => {
    const shop = await openShop({ settings: { serve: SWEEPING } });
    await shop.serveLive();
    shop.marketplace.state.products.update([
      { internal_product_id: 'P1', selling_price: 10.5 },
      { internal_product_id: 'P2', available_stock_quantity: 3 },
    ]);
    await becomes(() => [shop.priceAt('P1'), shop.stockAt('P2')], [11, 100]);
  });

  it('finds what a transaction committed long after it was dated', async () => {
    let skewMs = 0;
    const shop = await openShop({
      settings: { serve: SWEEPING },
      odoo: { clock: () => new Date(Date.now() + skewMs) },
    });
    // Dated hours before: no poll looks so far back.
    skewMs = -3 * 3_600_000;
    const late = shop.odoo.store.open();
    skewMs = 0;
    late.change((env) => {
      env.write('product.template', [shop.templateOf('P1')], { list_price: 11.75 });
      countIn(env, shop.idOf('P2'), 42);
    });
    const service = await shop.serveLive();
    shop.setPrice('P3', 13.25);
    await becomes(() => shop.priceAt('P3'), 13.25);
    expect([shop.priceAt('P1'), shop.stockAt('P2')]).toEqual([11, 100]);
    late.commit();
    await becomes(() => [shop.priceAt('P1'), shop.stockAt('P2')], [11.75, 42]);
    expect((await service.stop()).code).toBe(0);
  });
});

describe('cartona serve: the brake', () => {
  it('a wild price waits, the others go, and a yes lets it go while the service runs', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    shop.setPrice('P1', 1100);
    shop.setPrice('P2', 12.75);
    await becomes(() => shop.priceAt('P2'), 12.75);
    await service.until('brake');
    expect(shop.priceAt('P1')).toBe(11);
    const approved = await shop.run('approve', '--yes', '--json');
    expect(approved.json()).toMatchObject({ held: [{ flow: 'price', cartonaId: 'P1' }], approved: 1 });
    await becomes(() => shop.priceAt('P1'), 1100);
    expect(service.events().filter(({ event }) => event === 'brake')).toHaveLength(1);
  });

  it('a wrong warehouse, everything at zero, waits; not the counts that went up', async () => {
    const shop = await openShop({ products: 20 });
    const service = await shop.serveLive();
    shop.change((env) => {
      for (let at = 1; at <= 19; at += 1) countIn(env, shop.idOf(`P${at}`), 0);
      countIn(env, shop.idOf('P20'), 120);
    });
    await becomes(() => shop.stockAt('P20'), 120);
    await service.until('brake');
    expect(Array.from({ length: 19 }, (_, at) => shop.stockAt(`P${at + 1}`))).toEqual(
      Array.from({ length: 19 }, () => 100),
    );
    expect((await shop.run('approve', '--json')).json<{ held: unknown[] }>().held).toHaveLength(19);
    // The right figures again: nothing waits any more.
    shop.change((env) => {
      for (let at = 1; at <= 19; at += 1) countIn(env, shop.idOf(`P${at}`), 90);
    });
    await becomes(
      () => Array.from({ length: 19 }, (_, at) => shop.stockAt(`P${at + 1}`)),
      Array.from({ length: 19 }, () => 90),
    );
    expect((await shop.run('approve', '--json')).json()).toMatchObject({ held: [] });
  });
});
