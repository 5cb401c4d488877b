import { describe, expect, it } from 'vitest';
import { checkMapping } from '../../../src/lib/mapping/check.js';
import { openGround, tag } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;

describe('checking the mapping', () => {
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
