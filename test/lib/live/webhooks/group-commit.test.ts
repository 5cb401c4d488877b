import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CartonaError } from '../../../../src/lib/common/errors.js';
import { GroupCommit } from '../../../../src/lib/live/webhooks/group-commit.js';
import type { NewEvent } from '../../../../src/lib/store/store.js';

const event = (hashedId: string): NewEvent => ({
  kind: 'order',
  hashedId,
  webhookId: undefined,
  digest: hashedId,
  payload: '{}',
});
const events = (prefix: string, count: number): NewEvent[] =>
  Array.from({ length: count }, (_, at) => event(`${prefix}.${at}`));

describe('group commit', () => {
  it('gives each request its own answers, in few commits, in the order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const order: string[] = [];
        let commits = 0;
        const commit = new GroupCommit(async (batch) => {
          commits += 1;
          await new Promise((resolve) => setImmediate(resolve));
          order.push(...batch.map(({ hashedId }) => hashedId));
          return batch.map(({ hashedId }) => hashedId.endsWith('.0'));
        });
        const answers = await Promise.all(sizes.map((size, at) => commit.keep(events(String(at), size))));
        expect(answers).toEqual(sizes.map((size) => Array.from({ length: size }, (_, at) => at === 0)));
        expect(order).toEqual(sizes.flatMap((size, at) => events(String(at), size).map(({ hashedId }) => hashedId)));
        expect(commits).toBe(1);
      }),
    );
  });

  it('what comes during a commit shares the next; a commit has its bounds, a request is never parted', async () => {
    const batches: number[] = [];
    const commit = new GroupCommit(async (batch) => {
      batches.push(batch.length);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return batch.map(() => true);
    });
    const first = commit.keep(events('a', 1));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await Promise.all([
      first,
      ...['b', 'c', 'd'].map((name) => commit.keep(events(name, 900))),
      commit.keep(events('e', 5000)),
      commit.keep(events('f', 1)),
    ]);
    expect(batches).toEqual([1, 1800, 900, 5000, 1]);
  });

  it('rests as long as a commit took, so that answers leave; who comes alone does not wait', async () => {
    const began: number[] = [];
    const commit = new GroupCommit(async (batch) => {
      began.push(performance.now());
      for (const until = performance.now() + 15; performance.now() < until;);
      return batch.map(() => true);
    });
    const first = commit.keep(events('a', 1));
    await first;
    await Promise.all([commit.keep(events('b', 1)), commit.keep(events('c', 1))]);
    expect(began).toHaveLength(2);
    expect((began[1] ?? 0) - (began[0] ?? 0)).toBeGreaterThan(28);
  });

  it('one that cannot be kept does not cost the others; a store that cannot write is asked once', async () => {
    let calls = 0;
    const keep =
      (error: Error) =>
      async (batch: readonly NewEvent[]): Promise<boolean[]> => {
        calls += 1;
        if (batch.some(({ hashedId }) => hashedId.startsWith('bad'))) throw error;
        return batch.map(() => true);
      };
    const settle = (commit: GroupCommit): Promise<string[]> =>
      Promise.allSettled(['a', 'bad', 'c'].map((name) => commit.keep(events(name, 1)))).then((all) =>
        all.map(({ status }) => status),
      );
    expect(await settle(new GroupCommit(keep(new Error('constraint'))))).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    calls = 0;
    expect(await settle(new GroupCommit(keep(new CartonaError('local', 'The disk is full.'))))).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(calls).toBe(1);
  });
});
