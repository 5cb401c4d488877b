import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { setUpPush, tearDownPush } from '../../../src/lib/odoo/setup/push-rules.js';
import {
  confirmed,
  customer,
  mainWarehouse,
  product,
  putStock,
  quantOf,
  templateOf,
  twoVariants,
} from '../../fixtures/odoo-contract/goods.js';
import { listenForHints, type Listener } from '../../fixtures/odoo-contract/listener.js';
import { contract } from '../../fixtures/odoo-contract/subjects.js';

/** Hints of these records, without repetition, sorted: Odoo sends some several times. */
const heard = (listener: Listener, model: string): number[] =>
  [...new Set(listener.hints.filter(({ body }) => body._model === model).map(({ body }) => body._id))].sort(
    (a, b) => a - b,
  );

contract('automation rules', (odoo) => {
  if (odoo.major < 17) {
    it('cannot send webhooks before 17', async () => {
      const target = { url: 'http://127.0.0.1:9', secret: 'x' };
      await expect(
        setUpPush(await odoo.client('admin'), target, { idField: undefined, dryRun: false }),
      ).rejects.toMatchObject({ kind: 'usage' });
    });
    return;
  }
  const secret = randomBytes(12).toString('hex');
  let listener: Listener;

  async function during(work: () => Promise<unknown>): Promise<Listener> {
    listener.hints.length = 0;
    await work();
    return listener;
  }

  beforeAll(async () => {
    listener = await listenForHints();
    await setUpPush(await odoo.client('admin'), { url: listener.url, secret }, { idField: undefined, dryRun: false });
  });
  afterAll(async () => {
    await tearDownPush(await odoo.client('admin'), { dryRun: false });
    await listener.close();
  });

  it('are not for the integration user to see', async () => {
    expect(await odoo.refusal(odoo.call('base.automation', 'search', { domain: [] }))).toContain('base.automation');
  });

  it('made again by the same external ids are changed, not doubled', async () => {
    const count = async (): Promise<unknown> => odoo.call('base.automation', 'search_count', { domain: [] }, 'admin');
    const before = await count();
    await setUpPush(await odoo.client('admin'), { url: listener.url, secret }, { idField: undefined, dryRun: false });
    expect(await count()).toBe(before);
  });

  it("send one request to the action's address, with model, id and the fields that it names", async () => {
    const { stock } = await mainWarehouse(odoo);
    const item = await product(odoo);
    const { hints } = await during(() => putStock(odoo, item, stock, 5));
    const quant = await quantOf(odoo, item, stock);
    const [first] = hints.filter(({ body }) => body._model === 'stock.quant');
    expect(first).toEqual({
      path: `/odoo/hint/${secret}`,
      body: {
        _action: expect.stringMatching(/\(#\d+\)$/) as string,
        _id: quant.id,
        _model: 'stock.quant',
        id: quant.id,
        product_id: item,
      },
    });
    // The place where counted differences come from is filtered out.
    expect(heard(listener, 'stock.quant')).toEqual([quant.id]);
  });

  it('up to 18 fire before the commit, so that who looks at once sees the old value; from 19 on after it', async () => {
    const template = await templateOf(odoo, await product(odoo));
    let seen: unknown;
    listener.onHint = async () => {
      seen = (await odoo.read('product.template', template, ['list_price'])).list_price;
    };
    await during(() => odoo.write('product.template', [template], { list_price: 77 }));
    listener.onHint = () => Promise.resolve();
    expect(seen).toBe(odoo.major >= 19 ? 77 : 10);
    expect(await odoo.read('product.template', template, ['list_price'])).toMatchObject({ list_price: 77 });
  });

  it('fire where a watched value changes, not where it is written again', async () => {
    const template = await templateOf(odoo, await product(odoo));
    expect(
      heard(await during(() => odoo.write('product.template', [template], { list_price: 11 })), 'product.template'),
    ).toEqual([template]);
    expect(
      heard(await during(() => odoo.write('product.template', [template], { list_price: 11 })), 'product.template'),
    ).toEqual([]);
    expect(
      heard(await during(() => odoo.write('product.template', [template], { description: 'x' })), 'product.template'),
    ).toEqual([]);
  });

  it("hear of a variant's price as its template's, and of an extra price as its own", async () => {
    const { template, variants } = await twoVariants(odoo);
    const [value = 0] = await odoo.search('product.template.attribute.value', [['product_tmpl_id', '=', template]], {
      order: 'id',
    });
    const write = (): Promise<void> => odoo.write('product.product', variants.slice(0, 1), { lst_price: 23 });
    expect(heard(await during(write), 'product.template')).toEqual([template]);
    await during(() => odoo.write('product.template.attribute.value', [value], { price_extra: 3 }));
    expect(listener.hints.map(({ body }) => body)).toEqual([
      {
        _action: expect.any(String) as string,
        _id: value,
        _model: 'product.template.attribute.value',
        id: value,
        product_tmpl_id: template,
      },
    ]);
  });

  it('hear of an order that is confirmed, its delivery and what it reserves', async () => {
    const { stock } = await mainWarehouse(odoo);
    const item = await product(odoo);
    await putStock(odoo, item, stock, 5);
    const partner = await customer(odoo);
    let id = 0;
    await during(async () => {
      id = await confirmed(odoo, partner, [{ product: item, quantity: 2 }]);
    });
    const [delivery] = await odoo.search('stock.picking', [['sale_id', '=', id]]);
    expect(heard(listener, 'sale.order')).toEqual([id]);
    expect(heard(listener, 'stock.picking')).toEqual([delivery]);
    expect(heard(listener, 'stock.quant')).toEqual([(await quantOf(odoo, item, stock)).id]);
  });

  it('one request for each record of a write', async () => {
    const templates = [await templateOf(odoo, await product(odoo)), await templateOf(odoo, await product(odoo))].sort(
      (a, b) => a - b,
    );
    const { hints } = await during(() => odoo.write('product.template', templates, { list_price: 31 }));
    expect(hints.filter(({ body }) => body._model === 'product.template')).toHaveLength(2);
    expect(heard(listener, 'product.template')).toEqual(templates);
  });

  it('a refused or failing address costs no save', async () => {
    const template = await templateOf(odoo, await product(odoo));
    await setUpPush(
      await odoo.client('admin'),
      { url: 'http://127.0.0.1:9', secret },
      { idField: undefined, dryRun: false },
    );
    await odoo.write('product.template', [template], { list_price: 12 });
    expect(await odoo.read('product.template', template, ['list_price'])).toMatchObject({ list_price: 12 });
    await setUpPush(await odoo.client('admin'), { url: listener.url, secret }, { idField: undefined, dryRun: false });
  });

  it('removed, leave no rule, no action and no external id behind', async () => {
    const own = [
      ['module', '=', '__cartona__'],
      ['name', '=like', 'push\\_%'],
    ];
    const left = async (): Promise<unknown> =>
      odoo.call('ir.model.data', 'search_read', { domain: own, fields: ['model', 'res_id'] }, 'admin');
    const before = z.array(z.looseObject({ model: z.string(), res_id: z.number() })).parse(await left());
    expect(before.length).toBe(14);
    expect(await tearDownPush(await odoo.client('admin'), { dryRun: false })).toEqual({ rules: 7 });
    expect(await left()).toEqual([]);
    for (const model of ['base.automation', 'ir.actions.server']) {
      const ids = before.filter((record) => record.model === model).map((record) => record.res_id);
      expect(
        await odoo.call(model, 'search', { domain: [['id', 'in', ids]], context: { active_test: false } }, 'admin'),
      ).toEqual([]);
    }
    expect(
      (
        await during(async () =>
          odoo.write('product.template', [await templateOf(odoo, await product(odoo))], { list_price: 3 }),
        )
      ).hints,
    ).toEqual([]);
  });
});
