import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src/lib/store/store.js';
import { dataFile } from '../../fixtures/store.js';

const event = (digest: string, more: Partial<NewEvent> = {}): NewEvent => ({
  kind: 'order',
  hashedId: 'h1',
  webhookId: undefined,
  digest,
  payload: `{"d":"${digest}"}`,
  ...more,
});

describe('events', () => {
  it('without an id are repeats of the last one of their order only: pending, editing, pending are three', async () => {
    const { events } = dataFile().open();
    expect(await events.keep([event('pending'), event('pending'), event('editing')], 1)).toEqual([true, false, true]);
    expect(await events.keep([event('pending')], 2)).toEqual([true]);
    expect(await events.keep([event('pending'), event('pending', { hashedId: 'h2' })], 3)).toEqual([false, true]);
  });

  it('with an id are repeats by it, whatever came between, for the same order and kind', async () => {
    const { events } = dataFile().open();
    const first = event('a', { webhookId: 'w1' });
    expect(await events.keep([first, event('b', { webhookId: 'w2' }), first], 1)).toEqual([true, true, false]);
    expect(
      await events.keep(
        [
          { ...first, hashedId: 'h2' },
          { ...first, kind: 'status' },
        ],
        2,
      ),
    ).toEqual([true, true]);
  });

  it('are worked off oldest first, and are waiting until they are done', async () => {
    const file = dataFile();
    const { events } = file.open();
    await events.keep([event('a'), event('b'), event('c')], 7);
    expect(await events.backlog()).toEqual({ count: 3, oldest: 7 });
    const [a, b] = await events.waiting(2);
    expect([a?.digest, b?.digest]).toEqual(['a', 'b']);
    await events.done([a?.id ?? 0, b?.id ?? 0], 8);
    expect((await file.open().events.waiting(10)).map((one) => one.digest)).toEqual(['c']);
    expect(await file.open('other').events.waiting(10)).toEqual([]);
  });

  it('are forgotten when they were worked off long ago, those of this profile only', async () => {
    const file = dataFile();
    const [one, other] = [file.open().events, file.open('other').events];
    for (const events of [one, other]) {
      await events.keep([event('a', { webhookId: 'w' }), event('b')], 1);
      await events.done([(await events.waiting(1))[0]?.id ?? 0], 10);
    }
    await one.prune(10);
    expect(await one.keep([event('a', { webhookId: 'w' })], 20)).toEqual([false]);
    await one.prune(11);
    expect(await one.keep([event('a', { webhookId: 'w' })], 20)).toEqual([true]);
    expect(await one.waiting(10)).toHaveLength(2);
    expect(await other.keep([event('a', { webhookId: 'w' })], 20)).toEqual([false]);
  });
});
