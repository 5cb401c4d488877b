import { describe, expect, it } from 'vitest';
import { dataFile } from '../../fixtures/store.js';

describe('the summary of the inbox', () => {
  it('counts what is not acknowledged yet, by phase, with the oldest', async () => {
    const file = dataFile();
    const { inbox } = file.open();
    const order = (hashedId: string) => ({ hashedId, payload: '{}', version: '1', status: 'pending' });
    await inbox.receive([order('a'), order('b')], 5);
    await inbox.receive([order('c'), order('d')], 7);
    await inbox.update('a', { phase: 'acknowledged' });
    await inbox.update('c', { phase: 'held', reason: 'x' });
    expect((await inbox.summary()).sort((x, y) => x.phase.localeCompare(y.phase))).toEqual([
      { phase: 'held', count: 1, oldest: 7 },
      { phase: 'received', count: 2, oldest: 5 },
    ]);
    expect(await file.open('other').inbox.summary()).toEqual([]);
  });
});
