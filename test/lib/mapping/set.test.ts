import { describe, expect, it } from 'vitest';
import { clearMapping, setMapping } from '../../../src/lib/mapping/set.js';
import { openGround, tag } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;

describe('setting and clearing the id of one product', () => {
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
