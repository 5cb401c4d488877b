import { describe, expect, it } from 'vitest';
import type { AuditEntry, NewEvent } from '../../../src/lib/store/store.js';
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

describe('the inbox', () => {
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

describe('notes', () => {
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

describe('alerts', () => {
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

describe('the audit trail', () => {
  const entry = (fields: Partial<AuditEntry>): AuditEntry => ({
    at: 1,
    actor: 'serve',
    system: 'cartona',
    action: 'price',
    record: 'A',
    outcome: 'delivered',
    ...fields,
  });

  it('is found by who, what, where, how it ended and when; newest first', async () => {
    const { audit } = dataFile().open();
    await audit.write([
      entry({ at: 1 }),
      entry({ at: 2, actor: 'sync prices' }),
      entry({ at: 3, system: 'odoo', action: 'state', record: 'h1' }),
      entry({ at: 4, outcome: 'rejected', detail: 'x'.repeat(5000) }),
    ]);
    const found = async (filter: Parameters<typeof audit.list>[0]): Promise<number[]> =>
      (await audit.list(filter)).map((one) => one.at);
    expect(await found({})).toEqual([4, 3, 2, 1]);
    expect(await found({ actor: 'serve' })).toEqual([4, 3, 1]);
    expect(await found({ system: 'odoo' })).toEqual([3]);
    expect(await found({ action: 'state', record: 'h1' })).toEqual([3]);
    expect(await found({ outcome: 'rejected' })).toEqual([4]);
    expect(await found({ since: 2, until: 4 })).toEqual([3, 2]);
    expect(await found({ limit: 1 })).toEqual([4]);
    expect((await audit.list({ limit: 1 }))[0]?.detail).toHaveLength(1000);
  });

  it('is followed in the order of writing', async () => {
    const { audit } = dataFile().open();
    await audit.write([entry({ at: 9 }), entry({ at: 8 })]);
    const last = (await audit.list({ limit: 1 }))[0]?.id ?? 0;
    await audit.write([entry({ at: 7 }), entry({ at: 6 })]);
    expect((await audit.list({ afterId: last })).map((one) => one.at)).toEqual([7, 6]);
  });

  it('is pruned by age, that of this profile only', async () => {
    const file = dataFile();
    const [one, other] = [file.open().audit, file.open('other').audit];
    for (const audit of [one, other]) await audit.write([entry({ at: 1 }), entry({ at: 5 })]);
    await one.prune(5);
    expect((await one.list({})).map((row) => row.at)).toEqual([5]);
    expect(await other.list({})).toHaveLength(2);
  });
});
