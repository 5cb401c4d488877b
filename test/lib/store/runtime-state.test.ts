import { describe, expect, it } from 'vitest';
import { dataFile } from '../../fixtures/store.js';

describe('runtime state rows', () => {
  it('hold the newest value of each name, per profile', async () => {
    const file = dataFile();
    const [one, other] = [file.open().runtimeState, file.open('other').runtimeState];
    await one.put('live', '1', 10);
    await one.put('live', '2', 20);
    await other.put('live', '3', 30);
    expect(await one.get('live')).toEqual({ value: '2', at: 20 });
    expect(await other.all()).toEqual(new Map([['live', { value: '3', at: 30 }]]));
    await one.remove('live');
    expect(await one.get('live')).toBeUndefined();
    expect(await other.get('live')).toBeDefined();
  });
});
