import { z } from 'zod';
import { expect, it } from 'vitest';
import { holdsId, holdsNoId } from '../../../src/lib/odoo/id-field.js';
import { load, product, templateOf, twoVariants, unique } from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

const FIELDS = new WeakMap<Odoo, Map<string, Promise<string>>>();

/**
 * The name of a text field made over RPC, as `cartona odoo setup` makes it; one for each model and run, for a new field
 * costs a server time.
 */
async function makeField(odoo: Odoo, model: string): Promise<string> {
  const known = FIELDS.get(odoo) ?? new Map<string, Promise<string>>();
  FIELDS.set(odoo, known);
  const field = known.get(model) ?? makeNewField(odoo, model);
  known.set(model, field);
  return field;
}

async function makeNewField(odoo: Odoo, model: string): Promise<string> {
  const name = `x_${unique(odoo).replaceAll('-', '_')}`;
  const [modelId] = z
    .array(z.number())
    .parse(await odoo.call('ir.model', 'search', { domain: [['model', '=', model]] }, 'admin'));
  await odoo.create(
    'ir.model.fields',
    { name, model_id: modelId, ttype: 'char', field_description: 'Contract', index: true, copied: false },
    'admin',
  );
  return name;
}

contract('product identity', (odoo) => {
  it('a field made over RPC must be called x_…, takes an administrator, and is effective at once', async () => {
    const [modelId] = z
      .array(z.number())
      .parse(await odoo.call('ir.model', 'search', { domain: [['model', '=', 'product.product']] }, 'admin'));
    const values = { model_id: modelId, ttype: 'char', field_description: 'Contract' };
    expect(
      await odoo.refusal(
        odoo.call('ir.model.fields', 'create', { vals_list: { ...values, name: 'cartona_id' } }, 'admin'),
      ),
    ).toContain("must have a name that starts with 'x_'");
    expect(
      await odoo.refusal(odoo.call('ir.model.fields', 'create', { vals_list: { ...values, name: 'x_mine' } })),
    ).toContain('You are not allowed to');
    const field = await makeField(odoo, 'product.product');
    const id = await product(odoo, { [field]: 'C1' });
    expect(await odoo.read('product.product', id, [field])).toMatchObject({ [field]: 'C1' });
  });

  it('a second field of the same name is refused', async () => {
    const name = await makeField(odoo, 'product.product');
    const [modelId] = z
      .array(z.number())
      .parse(await odoo.call('ir.model', 'search', { domain: [['model', '=', 'product.product']] }, 'admin'));
    expect(
      await odoo.refusal(
        odoo.call(
          'ir.model.fields',
          'create',
          { vals_list: { name, model_id: modelId, ttype: 'char', field_description: 'Again' } },
          'admin',
        ),
      ),
    ).toContain('Field names must be unique per model.');
  });

  it('fields_get tells what is there: type, store, relation, readonly; a field that is not there is left out', async () => {
    const field = await makeField(odoo, 'product.product');
    const answer = await odoo.call('product.product', 'fields_get', {
      allfields: [field, 'default_code', 'name', 'product_tmpl_id', 'write_date', 'no_such'],
      attributes: ['type', 'store', 'relation', 'readonly'],
    });
    expect(answer).toEqual({
      [field]: { type: 'char', store: true, readonly: false },
      default_code: { type: 'char', store: true, readonly: false },
      name: { type: 'char', store: false, readonly: false },
      product_tmpl_id: { type: 'many2one', store: true, readonly: false, relation: 'product.template' },
      write_date: { type: 'datetime', store: true, readonly: true },
    });
  });

  it('what differs between versions: storable, kinds of product, the price decimals that fields_get tells', async () => {
    const fields = z.record(z.string(), z.looseObject({ digits: z.unknown().optional() })).parse(
      await odoo.call('product.product', 'fields_get', {
        allfields: ['is_storable', 'detailed_type', 'lst_price'],
        attributes: ['digits', 'type'],
      }),
    );
    expect(Object.keys(fields).sort()).toEqual(
      odoo.major >= 18 ? ['is_storable', 'lst_price'] : ['detailed_type', 'lst_price'],
    );
    expect(fields.lst_price?.digits).toEqual(odoo.major >= 19 ? false : [16, 2]);
    const partner = z
      .record(z.string(), z.unknown())
      .parse(await odoo.call('res.partner', 'fields_get', { allfields: ['mobile', 'phone'], attributes: ['type'] }));
    expect(Object.keys(partner).sort()).toEqual(odoo.major >= 19 ? ['phone'] : ['mobile', 'phone']);
  });

  it("a field on the template shows on every variant, and writing it through one variant writes the template's", async () => {
    const field = await makeField(odoo, 'product.template');
    const {
      template,
      variants: [small = 0, large = 0],
    } = await twoVariants(odoo);
    await odoo.write('product.product', [small], { [field]: 'T1' });
    expect(await odoo.read('product.template', template, [field])).toMatchObject({ [field]: 'T1' });
    expect(await odoo.read('product.product', large, [field])).toMatchObject({ [field]: 'T1' });
    expect(await odoo.search('product.product', [[field, '=', 'T1']], { order: 'id' })).toEqual([small, large]);
    expect(
      await odoo.call('product.product', 'fields_get', { allfields: [field], attributes: ['store', 'type'] }),
    ).toEqual({
      [field]: { type: 'char', store: false },
    });
    expect(
      await odoo.call('product.template', 'fields_get', { allfields: [field], attributes: ['store', 'type'] }),
    ).toEqual({
      [field]: { type: 'char', store: true },
    });
  });

  it('a field on the variant is not on the template, and is not copied', async () => {
    const field = await makeField(odoo, 'product.product');
    expect(await odoo.call('product.template', 'fields_get', { allfields: [field] })).toEqual({});
    const id = await product(odoo, { [field]: 'C1' });
    const copied = z
      .union([z.number(), z.tuple([z.number()]).transform(([only]) => only)])
      .parse(await odoo.call('product.product', 'copy', { ids: [id] }));
    odoo.remember('product.product', copied);
    expect(await odoo.read('product.product', copied, [field])).toMatchObject({ [field]: false });
  });

  it('empty text is a value on 16 and none later; `holdsId` and `holdsNoId` ask alike on all', async () => {
    for (const model of ['product.product', 'product.template']) {
      const field = await makeField(odoo, model);
      const [filled, empty, none] = [
        await product(odoo, { [field]: 'C1' }),
        await product(odoo, { [field]: '' }),
        await product(odoo),
      ];
      const among = (...terms: unknown[]): Promise<number[]> =>
        odoo.search('product.product', [['id', 'in', [filled, empty, none]], ...terms], { order: 'id' });
      const onSixteen = odoo.major === 16;
      expect(await among([field, '!=', false])).toEqual(onSixteen ? [filled, empty] : [filled]);
      expect(await among([field, '=', false])).toEqual(onSixteen ? [none] : [empty, none]);
      expect(await among(...holdsId(field))).toEqual([filled]);
      expect(await among(...holdsNoId(field))).toEqual([empty, none]);
    }
  });

  it('nothing keeps such a field unique', async () => {
    const field = await makeField(odoo, 'product.product');
    const ids = [await product(odoo), await product(odoo)];
    await odoo.write('product.product', ids, { [field]: 'the same' });
    expect(await odoo.search('product.product', [[field, '=', 'the same']], { order: 'id' })).toEqual(ids);
  });

  it('archived products are hidden unless the context says active_test: false or the domain speaks of active', async () => {
    const code = unique(odoo);
    const id = await product(odoo, { default_code: code, active: false });
    expect(await odoo.search('product.product', [['default_code', '=', code]])).toEqual([]);
    expect(
      await odoo.search('product.product', [['default_code', '=', code]], { context: { active_test: false } }),
    ).toEqual([id]);
    expect(
      await odoo.search('product.product', [
        ['default_code', '=', code],
        ['active', 'in', [true, false]],
      ]),
    ).toEqual([id]);
    expect(await odoo.read('product.product', id, ['active'])).toMatchObject({ active: false });
  });

  it('archiving a template archives its variants; archiving the variants leaves the template', async () => {
    const { template, variants } = await twoVariants(odoo);
    await odoo.write('product.template', [template], { active: false });
    expect(await odoo.search('product.product', [['product_tmpl_id', '=', template]])).toEqual([]);
    await odoo.write('product.template', [template], { active: true });
    await odoo.write('product.product', variants, { active: false });
    expect(await odoo.read('product.template', template, ['active', 'product_variant_ids'])).toMatchObject({
      active: true,
      product_variant_ids: [],
    });
  });

  it('pages by id > last, in order of id, give every record once', async () => {
    const code = unique(odoo);
    const ids = [
      await product(odoo, { default_code: code }),
      await product(odoo, { default_code: code }),
      await product(odoo, { default_code: code }),
    ];
    const seen: number[] = [];
    for (let last = 0; ;) {
      const page = await odoo.search(
        'product.product',
        [
          ['default_code', '=', code],
          ['id', '>', last],
        ],
        { order: 'id', limit: 2 },
      );
      seen.push(...page);
      if (page.length < 2) break;
      last = page.at(-1) ?? last;
    }
    expect(seen).toEqual(ids);
  });

  it('text is kept as it was written, spaces around it included', async () => {
    const id = await product(odoo, { default_code: '  a b ' });
    expect(await odoo.read('product.product', id, ['default_code'])).toMatchObject({ default_code: '  a b ' });
  });

  it('finds many values at once with `in`, and patterns with =like and =ilike', async () => {
    const code = unique(odoo);
    const ids = [await product(odoo, { default_code: `${code}A` }), await product(odoo, { default_code: `${code}b` })];
    expect(
      await odoo.search('product.product', [['default_code', 'in', [`${code}A`, `${code}b`, 'nothing']]], {
        order: 'id',
      }),
    ).toEqual(ids);
    expect(await odoo.search('product.product', [['default_code', '=like', `${code}_`]], { order: 'id' })).toEqual(ids);
    expect(await odoo.search('product.product', [['default_code', '=like', `${code}a%`]])).toEqual([]);
    expect(await odoo.search('product.product', [['default_code', '=ilike', `${code}a%`]])).toEqual(ids.slice(0, 1));
  });

  it('telephone numbers are found by =like with % between their digits, however they are written', async () => {
    const name = unique(odoo);
    const ids = [
      await odoo.create('res.partner', { name, phone: '+20 100 123 4567' }),
      await odoo.create('res.partner', { name, phone: '01001234567' }),
      await odoo.create('res.partner', { name }),
    ];
    const pattern = `%${[...'1001234567'].join('%')}`;
    expect(
      (
        await odoo.search('res.partner', [
          ['name', '=', name],
          ['phone', '=like', pattern],
        ])
      ).sort(),
    ).toEqual(ids.slice(0, 2));
  });

  it('a barcode is unique among active products, an internal reference is not', async () => {
    const code = unique(odoo);
    await product(odoo, { default_code: code, barcode: code });
    const other = await product(odoo, { default_code: code });
    expect(await odoo.refusal(odoo.write('product.product', [other], { barcode: code }))).toContain('already assigned');
  });

  it('load writes a different value to each of many records in one call', async () => {
    const field = await makeField(odoo, 'product.product');
    const ids = [await product(odoo), await product(odoo, { active: true })];
    const answer = await load(
      odoo,
      'product.product',
      ['.id', field],
      ids.map((id, at) => [String(id), `C${at}`]),
    );
    expect(answer).toMatchObject({ ids, messages: [] });
    expect(await odoo.find('product.product', [['id', 'in', ids]], [field])).toMatchObject([
      { [field]: 'C0' },
      { [field]: 'C1' },
    ]);
  });

  it('load is all or nothing and names the failing rows; without them the rest goes through', async () => {
    const field = await makeField(odoo, 'product.product');
    const id = await product(odoo);
    const rows = [
      [String(id), 'C1'],
      ['999999999', 'C2'],
    ];
    const refused = await load(odoo, 'product.product', ['.id', field], rows);
    expect(refused.ids).toBe(false);
    expect(refused.messages[0]).toMatchObject({
      type: 'error',
      record: 1,
      rows: { from: 1, to: 1 },
      field: '.id',
      message: "Unknown database identifier '999999999'",
    });
    expect(new Set(refused.messages.map((message) => message.record))).toEqual(new Set([1]));
    expect(await odoo.read('product.product', id, [field])).toMatchObject({ [field]: false });
    expect(await load(odoo, 'product.product', ['.id', field], rows.slice(0, 1))).toMatchObject({
      ids: [id],
      messages: [],
    });
  });

  it('load finds an archived product by its database id only with active_test: false', async () => {
    const field = await makeField(odoo, 'product.product');
    const id = await product(odoo, { active: false });
    expect(await load(odoo, 'product.product', ['.id', field], [[String(id), 'C1']])).toMatchObject({ ids: false });
    expect(
      await load(odoo, 'product.product', ['.id', field], [[String(id), 'C1']], { active_test: false }),
    ).toMatchObject({
      ids: [id],
      messages: [],
    });
    expect(await odoo.read('product.product', id, [field])).toMatchObject({ [field]: 'C1' });
  });

  it('an empty cell in load clears the field', async () => {
    const field = await makeField(odoo, 'product.product');
    const id = await product(odoo, { [field]: 'C1' });
    await load(odoo, 'product.product', ['.id', field], [[String(id), '']]);
    expect(await odoo.read('product.product', id, [field])).toMatchObject({ [field]: false });
  });

  it('an unknown column in load is an error, not a message', async () => {
    expect(await odoo.refusal(load(odoo, 'product.product', ['.id', 'no_such_field'], [['1', 'x']]))).toContain(
      'no_such_field',
    );
  });

  it.runIf(odoo.major >= 19)('web_save_multi writes different values to many records (19)', async () => {
    const field = await makeField(odoo, 'product.product');
    const ids = [await product(odoo), await product(odoo)];
    expect(
      await odoo.call('product.product', 'web_save_multi', {
        ids,
        vals_list: [{ [field]: 'A' }, { [field]: 'B' }],
        specification: { [field]: {} },
      }),
    ).toEqual([
      { id: ids[0], [field]: 'A' },
      { id: ids[1], [field]: 'B' },
    ]);
    expect(
      await odoo.refusal(odoo.call('product.product', 'web_save_multi', { ids, vals_list: [{}], specification: {} })),
    ).toContain('Each record must have a corresponding vals entry.');
  });

  it('a name written in another language leaves the English one; written without a language it changes the English one', async () => {
    const english = `English ${unique(odoo)}`;
    const id = await product(odoo, { name: english });
    await odoo.write('product.product', [id], { name: 'عربي' }, { lang: 'ar_001' });
    expect(await odoo.read('product.product', id, ['name'])).toMatchObject({ name: english });
    expect(await odoo.read('product.product', id, ['name'], { lang: 'ar_001' })).toMatchObject({ name: 'عربي' });
    await odoo.write('product.product', [id], { name: `${english}!` });
    expect(await odoo.read('product.product', id, ['name'], { lang: 'ar_001' })).toMatchObject({ name: 'عربي' });
  });

  it('a record is shown as [id, name], or as its id with load=false', async () => {
    const id = await product(odoo);
    const template = await templateOf(odoo, id);
    expect(await odoo.call('product.product', 'read', { ids: [id], fields: ['product_tmpl_id'], load: false })).toEqual(
      [{ id, product_tmpl_id: template }],
    );
    expect((await odoo.read('product.product', id, ['product_tmpl_id'])).product_tmpl_id).toEqual([
      template,
      expect.any(String),
    ]);
  });
});
