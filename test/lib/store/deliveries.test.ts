import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryRows, Flow } from '../../../src/lib/store/store.js';
import { dataFile } from '../../fixtures/store.js';

const value = (key: string, wanted: string) => ({ key, odooId: 1, wanted });
const row = async (deliveries: DeliveryRows, key: string, flow: Flow = 'price'): Promise<Delivery | undefined> =>
  (await deliveries.get(flow, [key])).get(key);

describe('what is taken', () => {
  it('is left to whoever took it first, until it is recorded or its time is over', async () => {
    const file = dataFile();
    const [one, two] = [file.open().deliveries, file.open().deliveries];
    expect(await one.claim('price', [value('A', '5')], 1000, 100)).toEqual(new Set(['A']));
    expect(await two.claim('price', [value('A', '6'), value('B', '7')], 1000, 200)).toEqual(new Set(['B']));
    expect(await row(two, 'A')).toMatchObject({ wanted: '5' });
    await one.record('price', [{ ...value('A', '5'), outcome: 'delivered' }], 300);
    expect(await two.claim('price', [value('A', '6')], 1000, 400)).toEqual(new Set(['A']));
    expect(await one.claim('price', [value('A', '8')], 2000, 999)).toEqual(new Set());
    expect(await one.claim('price', [value('A', '8')], 2000, 1000)).toEqual(new Set(['A']));
  });

  it('is left when it was recorded since it was compared: the same may just have been sent', async () => {
    const file = dataFile();
    const [one, two] = [file.open().deliveries, file.open().deliveries];
    const seen = (key: string, at: number | null) => ({ ...value(key, '5'), attemptedAt: at });
    expect(await one.claim('price', [seen('A', null), seen('B', null)], 1000, 100)).toEqual(new Set(['A', 'B']));
    await one.record(
      'price',
      [
        { ...value('A', '5'), outcome: 'delivered' },
        { ...value('B', '5'), outcome: 'failed' },
      ],
      200,
    );
    expect(await two.claim('price', [seen('A', null), seen('B', null), seen('C', null)], 1000, 300)).toEqual(
      new Set(['C']),
    );
    expect(await two.claim('price', [seen('A', 200), seen('B', 200)], 1000, 300)).toEqual(new Set(['A', 'B']));
  });

  it('is not taken twice by one worker either', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.claim('price', [value('A', '5')], 1000, 100);
    expect(await deliveries.claim('price', [value('A', '6')], 1000, 100)).toEqual(new Set());
  });

  it('counts as unconfirmed, and keeps the last known value for showing', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.recordObserved('price', [{ key: 'A', delivered: '5' }], 1);
    await deliveries.claim('price', [value('A', '6')], 1000, 100);
    expect(await row(deliveries, 'A')).toMatchObject({ delivered: '5', deliveredAt: undefined, wanted: '6' });
  });

  it('is freed at once when its worker on this machine is gone, and not while it lives or is elsewhere', async () => {
    const file = dataFile();
    const { deliveries } = file.open();
    await deliveries.claim('price', [value('A', '5'), value('B', '5'), value('C', '5')], 1_000_000, 100);
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const take = (key: string, owner: string): void => {
      const db = new Libsql(file.path);
      db.prepare('UPDATE delivery SET lease_owner = ? WHERE key = ?').run(owner, key);
      db.close();
    };
    take('A', `${hostname()} ${child.pid} x`);
    take('B', `elsewhere.example ${child.pid} x`);
    take('C', `${hostname()} ${child.pid} x`);
    const told = ['B', 'C'].map((key) => ({ key, delivered: '5' }));
    await deliveries.recordObserved('price', told, 200);
    expect(await row(deliveries, 'C')).toMatchObject({ deliveredAt: undefined });
    expect(await deliveries.claim('price', [value('A', '6'), value('B', '6')], 1_000_000, 200)).toEqual(new Set());
    await new Promise((resolve) => {
      child.on('exit', resolve);
      child.kill('SIGKILL');
    });
    // What the other side tells of a value that the gone worker was telling counts.
    await deliveries.recordObserved('price', told, 250);
    expect(await row(deliveries, 'C')).toMatchObject({ delivered: '5', deliveredAt: 250 });
    expect(await row(deliveries, 'B')).toMatchObject({ deliveredAt: undefined });
    expect(await deliveries.claim('price', [value('A', '6'), value('B', '6')], 1_000_000, 300)).toEqual(new Set(['A']));
  });

  it('becomes due when its time is over, so that a worker that vanished leaves nothing behind', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', reason: 'x', dueAt: 50 }], 10);
    await deliveries.claim('price', [value('A', '5')], 1000, 100);
    expect(await deliveries.takeDue('price', 999, 10)).toEqual([]);
    expect(await deliveries.takeDue('price', 1000, 10)).toEqual(['A']);
  });

  it.each(['rejected', 'braked', 'given_up', 'discarded'] as const)(
    'with another value ends the verdict "%s" on the old one',
    async (outcome) => {
      const { deliveries } = dataFile().open();
      for (const at of [10, 20]) await deliveries.record('price', [{ ...value('A', '5'), outcome, reason: 'no' }], at);
      await deliveries.claim('price', [value('A', '6')], 1000, 100);
      expect(await row(deliveries, 'A')).toMatchObject({
        wanted: '6',
        outcome: 'failed',
        reason: undefined,
        attempts: 0,
        failingSince: undefined,
      });
    },
  );
});

describe('what an order made unconfirmed', () => {
  it('is not taken with a value that was read before, and is with a later one', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('stock', [{ ...value('A', '5'), outcome: 'delivered' }], 10);
    await deliveries.invalidate('stock', ['A'], 100);
    expect(await deliveries.claim('stock', [value('A', '5')], 1000, 110, 90)).toEqual(new Set());
    expect(await deliveries.takeDue('stock', 110, 10)).toEqual(['A']);
    expect(await deliveries.claim('stock', [value('A', '4')], 1000, 120, 115)).toEqual(new Set(['A']));
  });

  it('stays unconfirmed and due when it happened while the value was under way', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.claim('stock', [value('A', '5')], 1000, 100, 90);
    await deliveries.invalidate('stock', ['A'], 150);
    // Whoever has it comes first.
    expect(await deliveries.takeDue('stock', 160, 10)).toEqual([]);
    await deliveries.record('stock', [{ ...value('A', '5'), outcome: 'delivered' }], 200);
    expect(await row(deliveries, 'A', 'stock')).toMatchObject({ delivered: '5', deliveredAt: undefined, dueAt: 150 });
    expect(await deliveries.takeDue('stock', 210, 10)).toEqual(['A']);
    await deliveries.claim('stock', [value('A', '4')], 1000, 220, 215);
    await deliveries.record('stock', [{ ...value('A', '4'), outcome: 'delivered' }], 230);
    expect(await row(deliveries, 'A', 'stock')).toMatchObject({ delivered: '4', deliveredAt: 230, dueAt: undefined });
  });
});

describe('what Cartona reports of a value that an order touched', () => {
  it('is passed over when it was asked for before, and settles it when it was asked for afterwards', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('stock', [{ ...value('A', '5'), outcome: 'delivered' }], 10);
    await deliveries.invalidate('stock', ['A'], 100);
    await deliveries.recordObserved('stock', [{ key: 'A', delivered: '5' }], 90);
    expect(await row(deliveries, 'A', 'stock')).toMatchObject({ deliveredAt: undefined, dueAt: 100 });
    await deliveries.recordObserved('stock', [{ key: 'A', delivered: '5' }], 110);
    expect(await row(deliveries, 'A', 'stock')).toMatchObject({ delivered: '5', deliveredAt: 110, dueAt: undefined });
    // Nothing of it is left: a later record stands as it is.
    await deliveries.record('stock', [{ ...value('A', '5'), outcome: 'delivered' }], 120);
    expect(await row(deliveries, 'A', 'stock')).toMatchObject({ deliveredAt: 120, dueAt: undefined });
  });
});

describe('what is recorded', () => {
  it('only makes a row unconfirmed that somebody else took meanwhile', async () => {
    const file = dataFile();
    const [slow, quick] = [file.open().deliveries, file.open().deliveries];
    await slow.claim('price', [value('A', '5')], 200, 100);
    await quick.claim('price', [value('A', '6')], 1000, 300);
    await slow.record('price', [{ ...value('A', '5'), outcome: 'delivered' }], 400);
    expect(await row(quick, 'A')).toMatchObject({ wanted: '6', delivered: undefined, deliveredAt: undefined });
    await quick.record('price', [{ ...value('A', '6'), outcome: 'delivered' }], 500);
    expect(await row(quick, 'A')).toMatchObject({ delivered: '6', deliveredAt: 500, outcome: 'delivered' });
    await slow.recordObserved('price', [{ key: 'A', delivered: '5' }], 600);
    expect(await row(quick, 'A')).toMatchObject({ wanted: '6', delivered: '5' });
  });

  it('counts where the time of another worker is over', async () => {
    const file = dataFile();
    const [gone, other] = [file.open().deliveries, file.open().deliveries];
    await gone.claim('price', [value('A', '5')], 200, 100);
    await other.record('price', [{ ...value('A', '6'), outcome: 'delivered' }], 300);
    expect(await row(other, 'A')).toMatchObject({ delivered: '6', deliveredAt: 300 });
  });

  it('is never older than what Cartona was asked for before', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.claim('price', [value('A', '6')], 1000, 100);
    await deliveries.recordObserved('price', [{ key: 'A', delivered: '5' }], 150);
    await deliveries.record('price', [{ ...value('A', '6'), outcome: 'delivered' }], 200);
    await deliveries.recordObserved('price', [{ key: 'A', delivered: '5' }], 190);
    expect(await row(deliveries, 'A')).toMatchObject({ delivered: '6', deliveredAt: 200 });
  });

  it('tells since when a value fails, how often, and forgets that with success', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', dueAt: 11 }], 10);
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', dueAt: 40 }], 20);
    expect(await row(deliveries, 'A')).toMatchObject({ failingSince: 10, attempts: 2, dueAt: 40 });
    expect(await deliveries.nextDue('price')).toBe(40);
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'delivered' }], 30);
    expect(await row(deliveries, 'A')).toMatchObject({ failingSince: undefined, attempts: 0, dueAt: undefined });
    expect(await deliveries.nextDue('price')).toBeUndefined();
  });

  it('is settled when Cartona shows the wanted value itself: nothing stays due', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', reason: 'no answer', dueAt: 11 }], 10);
    await deliveries.recordObserved('price', [{ key: 'A', delivered: '5' }], 20);
    expect(await row(deliveries, 'A')).toMatchObject({
      outcome: 'delivered',
      reason: undefined,
      attempts: 0,
      failingSince: undefined,
      dueAt: undefined,
    });
    expect(await deliveries.takeDue('price', 100, 10)).toEqual([]);
  });
});

describe('what is due', () => {
  it('comes the most overdue first, as much as is asked for, of its own flow and profile', async () => {
    const file = dataFile();
    const { deliveries } = file.open();
    const failed = (key: string, dueAt: number) => ({ ...value(key, '5'), outcome: 'failed' as const, dueAt });
    await deliveries.record('price', [failed('A', 30), failed('B', 10), failed('C', 20), failed('D', 99)], 1);
    await deliveries.record('stock', [failed('S', 1)], 1);
    await file.open('other').deliveries.record('price', [failed('O', 1)], 1);
    expect(await deliveries.nextDue('price')).toBe(10);
    expect((await deliveries.takeDue('price', 50, 2)).sort()).toEqual(['B', 'C']);
    expect(await deliveries.nextDue('price')).toBe(30);
    expect(await deliveries.takeDue('price', 50, 9)).toEqual(['A']);
    expect(await deliveries.takeDue('price', 50, 9)).toEqual([]);
  });
});

describe('what a person decides', () => {
  it('another try is due at once with its patience anew, whatever was said before', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record(
      'price',
      [
        { ...value('A', '5'), outcome: 'given_up', reason: 'x' },
        { ...value('B', '5'), outcome: 'rejected', reason: 'y' },
        { ...value('C', '5'), outcome: 'delivered' },
      ],
      10,
    );
    expect(await deliveries.retry('price', ['A', 'B', 'C', 'unknown'], 500)).toBe(2);
    expect((await deliveries.takeDue('price', 500, 10)).sort()).toEqual(['A', 'B']);
    expect(await row(deliveries, 'A')).toMatchObject({ outcome: 'failed', attempts: 0, failingSince: 500 });
  });

  it('a yes lets just the value through that was shown, and only what the brake holds', async () => {
    const { deliveries } = dataFile().open();
    const braked = (key: string, wanted: string) => ({
      ...value(key, wanted),
      outcome: 'braked' as const,
      reason: 'jump',
    });
    await deliveries.record(
      'price',
      [braked('A', '5'), braked('B', '6'), { ...value('C', '7'), outcome: 'rejected', reason: 'no' }],
      10,
    );
    expect(
      await deliveries.approve(
        'price',
        [
          { key: 'A', wanted: '5' },
          { key: 'B', wanted: '5.9' },
          { key: 'C', wanted: '7' },
        ],
        500,
      ),
    ).toBe(1);
    expect(await row(deliveries, 'A')).toMatchObject({
      outcome: 'failed',
      approved: '5',
      dueAt: 500,
      failingSince: 500,
    });
    expect(await row(deliveries, 'B')).toMatchObject({ outcome: 'braked', approved: undefined });
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'delivered' }], 600);
    expect(await row(deliveries, 'A')).toMatchObject({ approved: undefined });
  });

  it('a no keeps just that value back, and nothing of it stays due', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record(
      'price',
      [
        { ...value('A', '5'), outcome: 'failed', dueAt: 20 },
        { ...value('B', '6'), outcome: 'braked' },
      ],
      10,
    );
    expect(
      await deliveries.discard(
        'price',
        [
          { key: 'A', wanted: '5' },
          { key: 'B', wanted: '5' },
        ],
        'not wanted',
      ),
    ).toBe(1);
    expect(await row(deliveries, 'A')).toMatchObject({ outcome: 'discarded', reason: 'not wanted', dueAt: undefined });
    expect(await row(deliveries, 'B')).toMatchObject({ outcome: 'braked' });
  });

  it('all of it is counted by flow and outcome, with the oldest', async () => {
    const { deliveries } = dataFile().open();
    await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', dueAt: 1 }], 10);
    await deliveries.record(
      'price',
      [
        { ...value('B', '5'), outcome: 'failed', dueAt: 1 },
        { ...value('C', '5'), outcome: 'delivered' },
      ],
      20,
    );
    expect(await deliveries.summary()).toEqual([{ flow: 'price', outcome: 'failed', count: 2, oldest: 10 }]);
  });
});

it('a value that the other side did not take up at all has not failed itself', async () => {
  const { deliveries } = dataFile().open();
  await deliveries.record(
    'price',
    [{ ...value('A', '5'), outcome: 'failed', reason: 'slow down', dueAt: 9, notTaken: true }],
    1,
  );
  expect(await row(deliveries, 'A')).toMatchObject({ outcome: 'failed', attempts: 0, failingSince: 1, dueAt: 9 });
  await deliveries.record('price', [{ ...value('A', '5'), outcome: 'failed', reason: 'HTTP 500', dueAt: 9 }], 2);
  expect(await row(deliveries, 'A')).toMatchObject({ attempts: 1 });
});
