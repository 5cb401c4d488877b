import { describe, expect, it } from 'vitest';
import { dataFile } from '../../fixtures/store.js';

describe('alert rows', () => {
  it('keep since when and whether somebody was told, take the newer reason, and end', async () => {
    const file = dataFile();
    const { alerts } = file.open();
    await alerts.raise('brake.price', '3 prices', 10);
    await alerts.told('brake.price', 15);
    await alerts.raise('brake.price', '4 prices', 20);
    await alerts.raise('odoo', 'down', 5);
    expect(await file.open().alerts.list()).toEqual([
      { cause: 'odoo', reason: 'down', since: 5, toldAt: undefined },
      { cause: 'brake.price', reason: '4 prices', since: 10, toldAt: 15 },
    ]);
    await alerts.clear('odoo');
    expect((await alerts.list()).map((one) => one.cause)).toEqual(['brake.price']);
    expect(await file.open('other').alerts.list()).toEqual([]);
  });
});
