import { describe, expect, it } from 'vitest';
import { checkMapping } from '../../../src/lib/mapping/check.js';
import { clearMapping, setMapping } from '../../../src/lib/mapping/set.js';
import { mappingStatus } from '../../../src/lib/mapping/status.js';
import { openGround, tag } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;

describe('check', () => {
  it('names every id that several hold, archived ones included, and every malformed one', async () => {
    const ground = await openGround();
    const [a, b, , d] = await ground.products([
      { reference: ref(1), cartonaId: id(1) },
      { reference: ref(2), cartonaId: id(1), archived: true },
      { reference: ref(3), cartonaId: id(3) },
      { reference: ref(4), cartonaId: `${tag} 4` },
    ]);
    const result = await checkMapping(ground.session);
    expect(result.clashes.filter((clash) => clash.cartonaId.startsWith(tag))).toEqual([
      {
        cartonaId: id(1),
        reason: 'several products hold this id',
        products: expect.arrayContaining([
          { odooId: a, name: expect.stringContaining(ref(1)) as string, active: true },
          { odooId: b, name: expect.stringContaining(ref(2)) as string, active: false },
        ]) as unknown,
      },
    ]);
    expect(result.malformed.filter((entry) => entry.cartonaId.startsWith(tag))).toMatchObject([
      { cartonaId: `${tag} 4`, product: { odooId: d }, reason: expect.stringMatching(/space/) as string },
    ]);
  });

  it('an id on a template of several variants is one that several show', async () => {
    const ground = await openGround({ idField: 'template' });
    const variants = await ground.variants(['S', 'M'], id(1));
    const clash = (await checkMapping(ground.session)).clashes.find((one) => one.cartonaId === id(1));
    expect(clash?.reason).toBe('several variants show this id');
    expect(clash?.products.map((product) => product.odooId).sort((x, y) => x - y)).toEqual(variants);
    await ground.write([variants[0] ?? 0], { active: false });
    expect((await checkMapping(ground.session)).clashes.some((one) => one.cartonaId === id(1))).toBe(false);
  });
});

describe('status', () => {
  it('counts the sellable, and who else holds ids', async () => {
    const ground = await openGround();
    const before = await mappingStatus(ground.session);
    await ground.products([
      { cartonaId: id(1) },
      { cartonaId: id(2) },
      {},
      { cartonaId: id(4), notForSale: true },
      { notForSale: true },
      { cartonaId: id(6), archived: true },
      { archived: true },
    ]);
    const after = await mappingStatus(ground.session);
    const grown = (
      key: 'sellable' | 'sellableMapped' | 'sellableUnmapped' | 'mappedNotForSale' | 'mappedArchived',
    ): number => after[key] - before[key];
    expect([
      grown('sellable'),
      grown('sellableMapped'),
      grown('sellableUnmapped'),
      grown('mappedNotForSale'),
      grown('mappedArchived'),
    ]).toEqual([3, 2, 1, 1, 1]);
    expect(after.field).toBe('product.product.x_cartona_id');
    if (before.sellable === 0) {
      expect(before.percent).toBeNull();
      expect(after.percent).toBe('66.6');
    }
  });
});

describe('set and clear', () => {
  it('by Odoo id, reference and barcode; repeating changes nothing; both are audited', async () => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1) }, { reference: ref(2) }, { barcode: `${tag}3` }]);
    expect(await setMapping(ground.session, `id:${made[0]}`, id(1), false)).toMatchObject({
      product: { odooId: made[0] },
      from: null,
      to: id(1),
      changed: true,
    });
    await setMapping(ground.session, ref(2), id(2), false);
    await setMapping(ground.session, `${tag}3`, id(3), false);
    expect(await ground.held(made)).toEqual([id(1), id(2), id(3)]);
    expect(await setMapping(ground.session, ref(2), id(2), false)).toMatchObject({ changed: false });
    expect(await clearMapping(ground.session, String(made[0]))).toMatchObject({ from: id(1), to: null, changed: true });
    expect(await clearMapping(ground.session, String(made[0]))).toMatchObject({ changed: false });
    expect(await ground.held(made)).toEqual([null, id(2), id(3)]);
    const audit = await ground.store.audit.list({ record: `product.product,${made[0]}` });
    expect(audit).toMatchObject([
      { actor: 'map clear', from: id(1), to: undefined, outcome: 'written' },
      { actor: 'map set', to: id(1), outcome: 'written' },
    ]);
  });

  it.each([
    ['an unknown product', ref(99), id(1), /no product/],
    ['two of one reference', ref(2), id(1), /2 products .* are called .*id:\d+ .*, id:\d+ /],
    ['an id that is none', ref(1), '12 34', /space/],
    ['an id that another holds', ref(1), id(4), /already held by .*archived/],
    ['a product that has another', ref(5), id(1), /already has .* --replace/],
    ['an archived product', ref(6), id(1), /Archived product/],
    ['an empty name', ' ', id(1), /names no product/],
    ['a wrong id', 'id:abc', id(1), /names no product/],
  ])('%s is refused with the reason, and nothing changes', async (_name, product, cartonaId, message) => {
    const ground = await openGround();
    const made = await ground.products([
      { reference: ref(1) },
      { reference: ref(2) },
      { reference: ref(2) },
      { reference: ref(4), cartonaId: id(4), archived: true },
      { reference: ref(5), cartonaId: id(5) },
      { reference: ref(6), archived: true },
    ]);
    await expect(setMapping(ground.session, product, cartonaId, false)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message) as string,
    });
    expect(await ground.held(made)).toEqual([null, null, null, id(4), id(5), null]);
  });

  it('--replace gives another one; an archived product can be cleared', async () => {
    const ground = await openGround();
    const made = await ground.products([
      { reference: ref(1), cartonaId: id(1) },
      { reference: ref(2), cartonaId: id(2), archived: true },
    ]);
    await setMapping(ground.session, ref(1), id(3), true);
    await clearMapping(ground.session, ref(2));
    expect(await ground.held(made)).toEqual([id(3), null]);
  });

  it('a number that is the Odoo id of one product and the reference of another is ambiguous', async () => {
    const ground = await openGround();
    const [a] = await ground.products([{ reference: ref(1) }]);
    const [b] = await ground.products([{ reference: String(a) }]);
    await expect(clearMapping(ground.session, String(a))).rejects.toMatchObject({
      message: expect.stringMatching(/2 products/) as string,
    });
    expect(await setMapping(ground.session, `id:${b}`, id(1), false)).toMatchObject({ product: { odooId: b } });
  });

  it('on the template', async () => {
    const ground = await openGround({ idField: 'template' });
    const [single] = await ground.products([{ reference: ref(1) }]);
    const several = await ground.variants(['S', 'M']);
    await setMapping(ground.session, `id:${single}`, id(1), false);
    await expect(setMapping(ground.session, `id:${several[0]}`, id(2), false)).rejects.toMatchObject({
      message: expect.stringMatching(/template/) as string,
    });
    expect(await ground.held([Number(single)])).toEqual([id(1)]);
    await clearMapping(ground.session, `id:${single}`);
    expect(await ground.held([Number(single)])).toEqual([null]);
  });
});
