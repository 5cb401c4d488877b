import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchLimit, sendBatch } from '../../../src/lib/cartona/bulk.js';

const names = (item: string) => ({ ids: [item] });

/** A server that refuses any batch with a bad item whole, without naming it, and takes at most `most` items. */
function strict(bad: ReadonlySet<string>, most = 100) {
  const taken: string[] = [];
  const sizes: number[] = [];
  return {
    taken,
    sizes,
    post: async (batch: readonly string[]) => {
      sizes.push(batch.length);
      if (batch.length > most) return { status: 413, answer: {} };
      if (batch.some((item) => bad.has(item)))
        return {
          status: 422,
          answer: { error: `cannot take ${batch.filter((item) => bad.has(item)).length > 0 ? 'it' : ''}` },
        };
      taken.push(...batch);
      return { status: 200, answer: {} };
    },
  };
}

describe('sending a batch', () => {
  it('finds the bad ones by halving, and takes every good one exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 8 }), async (badOnes) => {
        const items = Array.from({ length: 100 }, (_, at) => `P${at}`);
        const bad = new Set(badOnes.map((at) => `P${at}`));
        const server = strict(bad);
        const outcomes = await sendBatch(items, names, server.post, new BatchLimit(100));
        expect(outcomes.map((o) => o.kind === 'accepted')).toEqual(items.map((item) => !bad.has(item)));
        expect([...server.taken].sort()).toEqual(items.filter((item) => !bad.has(item)).sort());
      }),
      { numRuns: 50 },
    );
  });

  it('makes all later batches smaller after a 413', async () => {
    const server = strict(new Set(), 30);
    const limit = new BatchLimit(100);
    const items = Array.from({ length: 100 }, (_, at) => `P${at}`);
    expect((await sendBatch(items, names, server.post, limit)).every((o) => o.kind === 'accepted')).toBe(true);
    expect(limit.size).toBe(25);
    server.sizes.length = 0;
    await sendBatch(items, names, server.post, limit);
    expect(Math.max(...server.sizes)).toBe(25);
  });

  it('fails only the items that a 2xx names', async () => {
    const outcomes = await sendBatch(
      ['A', 'B'],
      names,
      async () => ({ status: 200, answer: { error: 'some', details: [{ id: 'B', message: 'no' }] } }),
      new BatchLimit(100),
    );
    expect(outcomes).toEqual([{ kind: 'accepted' }, { kind: 'refused', reason: 'no' }]);
  });

  it('sends the others again when a 4xx names the bad one', async () => {
    const sent: string[][] = [];
    const outcomes = await sendBatch(
      ['A', 'B', 'C'],
      names,
      async (batch) => {
        sent.push([...batch]);
        return batch.includes('B')
          ? { status: 422, answer: { errors: [{ id: 'B', message: 'bad' }] } }
          : { status: 200, answer: {} };
      },
      new BatchLimit(100),
    );
    expect(sent).toEqual([
      ['A', 'B', 'C'],
      ['A', 'C'],
    ]);
    expect(outcomes.map((o) => o.kind === 'accepted')).toEqual([true, false, true]);
  });

  it('stops when every single one is refused for one reason: that is not about the products', async () => {
    const items = Array.from({ length: 20 }, (_, at) => `P${at}`);
    await expect(
      sendBatch(
        items,
        names,
        async () => ({ status: 400, answer: { error: 'supplier suspended' } }),
        new BatchLimit(100),
      ),
    ).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('supplier suspended') as string });
  });
});
