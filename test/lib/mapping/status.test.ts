import { describe, expect, it } from 'vitest';
import { mappingStatus } from '../../../src/lib/mapping/status.js';
import { openGround, tag } from '../../fixtures/mapping.js';

const id = (n: number): string => `${tag}-C${n}`;

describe('how much is mapped', () => {
  it('counts the sellable, and who else holds ids', async () => {
    const ground = await openGround();
    const before = await mappingStatus(ground.session);
    await ground.products([
      { cartonaId: id(1) },
      { cartonaId: id(2) },
      {},
      { cartonaId: '' },
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
    ]).toEqual([4, 2, 2, 1, 1]);
    expect(after.field).toBe('product.product.x_cartona_id');
    if (before.sellable === 0) {
      expect(before.percent).toBeNull();
      expect(after.percent).toBe('50.0');
    }
  });
});
