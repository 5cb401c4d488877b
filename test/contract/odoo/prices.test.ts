import { expect, it } from 'vitest';
import { product, templateOf, twoVariants } from '../../fixtures/odoo-contract/goods.js';
import { contract } from '../../fixtures/odoo-contract/subjects.js';

contract('prices', (odoo) => {
  it("lst_price is the template's list price with the variant's extra", async () => {
    const {
      template,
      variants: [small = 0, large = 0],
    } = await twoVariants(odoo, { list_price: 20.5 });
    const [, value] = await odoo.find(
      'product.template.attribute.value',
      [['product_tmpl_id', '=', template]],
      ['price_extra'],
    );
    await odoo.write('product.template.attribute.value', [value?.id ?? 0], { price_extra: 4.25 });
    expect(
      await odoo.find('product.product', [['id', 'in', [small, large]]], ['lst_price', 'list_price']),
    ).toMatchObject([
      { lst_price: 20.5, list_price: 20.5 },
      { lst_price: 24.75, list_price: 20.5 },
    ]);
  });

  it("writing a variant's lst_price changes its template's list price, less the extra, and so its siblings'", async () => {
    const {
      template,
      variants: [small = 0, large = 0],
    } = await twoVariants(odoo);
    const [, value] = await odoo.find(
      'product.template.attribute.value',
      [['product_tmpl_id', '=', template]],
      ['price_extra'],
    );
    await odoo.write('product.template.attribute.value', [value?.id ?? 0], { price_extra: 5 });
    await odoo.write('product.product', [large], { lst_price: 40 });
    expect(await odoo.read('product.template', template, ['list_price'])).toMatchObject({ list_price: 35 });
    expect(await odoo.read('product.product', small, ['lst_price'])).toMatchObject({ lst_price: 35 });
  });

  it('prices have two decimals, but 19 keeps what was written', async () => {
    const id = await product(odoo, { list_price: 12.345 });
    expect(await odoo.read('product.product', id, ['lst_price'])).toMatchObject({
      lst_price: odoo.major >= 19 ? 12.345 : 12.35,
    });
  });

  it("a pricelist's result cannot be asked for", async () => {
    const id = await product(odoo);
    const [pricelist = 0] = await odoo.search('product.pricelist', [], { limit: 1 });
    expect(
      await odoo.refusal(
        odoo.call('product.pricelist', 'get_product_price', { ids: [pricelist], product: id, quantity: 1 }),
      ),
    ).toContain('get_product_price');
    expect(
      await odoo.refusal(
        odoo.call('product.pricelist', '_get_product_price', { ids: [pricelist], product: id, quantity: 1 }),
      ),
    ).toContain('Private methods');
    expect(await odoo.refusal(odoo.read('product.product', id, ['price']))).toContain("Invalid field 'price'");
  });

  it('a search on lst_price is ignored in silence up to 18 and refused by 19; sorting by it is refused from 17 on', async () => {
    const id = await product(odoo, { list_price: 10 });
    const search = odoo.search('product.product', [
      ['id', '=', id],
      ['lst_price', '>', 1000],
    ]);
    if (odoo.major >= 19) expect(await odoo.refusal(search)).toContain('lst_price');
    else expect(await search).toEqual([id]);
    const sorted = odoo.search('product.product', [['id', '=', id]], { order: 'lst_price' });
    if (odoo.major <= 16) expect(await sorted).toEqual([id]);
    else expect(await odoo.refusal(sorted)).toContain('lst_price');
  });

  it("writing the template's list price moves the variant's write_date from 17 on, and not on 16: looking at both finds it on all", async () => {
    const id = await product(odoo);
    const before = String((await odoo.read('product.product', id, ['write_date'])).write_date);
    await odoo.nextSecond();
    await odoo.write('product.template', [await templateOf(odoo, id)], { list_price: 11 });
    const after = String((await odoo.read('product.product', id, ['write_date'])).write_date);
    if (odoo.major >= 17) expect(after > before).toBe(true);
    else expect(after).toBe(before);
    const since = String((await odoo.read('product.template', await templateOf(odoo, id), ['write_date'])).write_date);
    expect(since > before).toBe(true);
    expect(
      await odoo.search('product.product', [
        ['id', '=', id],
        '|',
        ['write_date', '>=', since],
        ['product_tmpl_id.write_date', '>=', since],
      ]),
    ).toEqual([id]);
  });

  it("an extra price moves no product's and no template's write_date, only its own", async () => {
    const { template, variants } = await twoVariants(odoo);
    const [value] = await odoo.find(
      'product.template.attribute.value',
      [['product_tmpl_id', '=', template]],
      ['write_date'],
    );
    const dates = async (): Promise<unknown> => [
      await odoo.find('product.product', [['id', 'in', variants]], ['write_date']),
      await odoo.read('product.template', template, ['write_date']),
    ];
    const before = await dates();
    await odoo.nextSecond();
    await odoo.write('product.template.attribute.value', [value?.id ?? 0], { price_extra: 3 });
    expect(await dates()).toEqual(before);
    const moved = await odoo.read('product.template.attribute.value', value?.id ?? 0, ['write_date']);
    expect(String(moved.write_date) > String(value?.write_date)).toBe(true);
  });

  it('writing the same value moves write_date all the same', async () => {
    const id = await product(odoo, { default_code: 'same' });
    const before = String((await odoo.read('product.product', id, ['write_date'])).write_date);
    await odoo.nextSecond();
    await odoo.write('product.product', [id], { default_code: 'same' });
    expect(String((await odoo.read('product.product', id, ['write_date'])).write_date) > before).toBe(true);
  });
});
