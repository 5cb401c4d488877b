import { describe, expect, it } from 'vitest';
import { HintedRecords } from '../../../../src/lib/live/changes/hinted-records.js';

describe('looks at hinted records', () => {
  it('come a few times for each, together for those that are hinted together, and are left to the polls in a mass change', async () => {
    const looks: (readonly number[])[] = [];
    const direct = new HintedRecords((ids) => looks.push(ids));
    for (const id of [1, 2, 2, 3]) direct.hint([id]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(looks).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    for (let id = 0; id < 5000; id += 1) direct.hint([id]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(looks.slice(3).map((ids) => ids.length)).toEqual([100, 100, 100]);
  });
});
