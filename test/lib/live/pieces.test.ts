import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CartonaError } from '../../../src/lib/common/errors.js';
import type { LiveEvent } from '../../../src/lib/live/events.js';
import { HintedRecords } from '../../../src/lib/live/changes/hinted-records.js';
import { ZeroStockLimit } from '../../../src/lib/live/catalog/zero-stock-limit.js';
import { WebhookHealth } from '../../../src/lib/live/webhooks/webhook-health.js';
import { retryForever } from '../../../src/lib/live/retry-forever.js';
import { HintSchedule } from '../../../src/lib/live/changes/hint-schedule.js';
import { WakeableSleep, pause } from '../../../src/lib/live/wakeable-sleep.js';
import { Throttle } from '../../../src/lib/live/throttle.js';
import { sweepPeriodMs } from '../../../src/lib/catalog/sweep-period.js';

const HOUR = 3_600_000;

describe('schedule', () => {
  it('every hint is followed by a look at once, and by one when its transaction has had time to commit; however many come, looks are few', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.oneof(fc.nat(60), fc.nat(3000)),
            model: fc.constantFrom(
              'product.product',
              'product.template',
              'stock.quant',
              'stock.move',
              'sale.order',
              undefined,
            ),
            direct: fc.boolean(),
          }),
          { minLength: 1, maxLength: 60 },
        ),
        (drawn) => {
          const schedule = new HintSchedule();
          const hints: { at: number; watched: string }[] = [];
          const looks: { at: number; watched: string }[] = [];
          const run = (until: number): void => {
            for (let at = schedule.nextAt; at !== undefined && at <= until; at = schedule.nextAt)
              looks.push({ at, watched: schedule.take(at) ?? 'none' });
          };
          let now = 1_000_000;
          for (const { gap, model, direct } of drawn) {
            now += gap;
            run(now);
            schedule.hint(model, now, direct);
            hints.push({
              at: now,
              watched:
                model === undefined || model.startsWith('product')
                  ? 'price'
                  : model.startsWith('stock')
                    ? 'stock'
                    : 'order',
            });
          }
          run(Infinity);
          for (const { at, watched } of hints) {
            const after = looks.filter((look) => look.watched === watched && look.at > at).map((look) => look.at - at);
            expect(Math.min(...after)).toBeLessThanOrEqual(500);
            expect(Math.max(...after)).toBeGreaterThanOrEqual(700);
          }
          for (const kind of ['price', 'stock', 'order']) {
            const of = looks.filter(({ watched }) => watched === kind).map(({ at }) => at);
            const span = now - (hints[0]?.at ?? 0);
            expect(of.length).toBeLessThanOrEqual(5 * (Math.floor(span / 200) + 1));
            expect(new Set(of).size).toBe(of.length);
          }
          expect(schedule.nextAt).toBeUndefined();
        },
      ),
    ));

  it('ten thousand hints of a mass change are one series', () => {
    const schedule = new HintSchedule();
    for (let at = 0; at < 10_000; at += 1) schedule.hint('product.product', 5000 + at / 100);
    let looks = 0;
    while (schedule.take(Infinity) === 'price') looks += 1;
    expect(looks).toBe(5);
  });

  it('where the named record itself is looked at, the polls come after these looks', () => {
    const schedule = new HintSchedule();
    schedule.hint('product.product', 1000, true);
    expect(schedule.nextAt).toBeGreaterThanOrEqual(1150);
  });

  it('nothing is taken before it is due', () => {
    const schedule = new HintSchedule();
    schedule.hint('stock.quant', 1000);
    expect(schedule.take((schedule.nextAt ?? 0) - 1)).toBeUndefined();
    expect(schedule.take(schedule.nextAt ?? 0)).toBe('stock');
  });
});

describe('an alarm', () => {
  const never = (): AbortSignal => new AbortController().signal;
  const LONG = 1e12;

  it('that rang before ends the next wait, and only that', async () => {
    const alarm = new WakeableSleep();
    alarm.wake();
    alarm.wake();
    await alarm.wait(LONG, never());
    const second = alarm.wait(LONG, never());
    expect(await Promise.race([second.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
    alarm.wake();
    await second;
  });

  it('that rings during a wait ends it, and not the next', async () => {
    const alarm = new WakeableSleep();
    const waits = alarm.wait(LONG, never());
    alarm.wake();
    alarm.wake();
    await waits;
    const next = alarm.wait(LONG, never());
    expect(await Promise.race([next.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
    alarm.wake();
    await next;
  });

  it('is ended by the signal, before and during', async () => {
    const stop = new AbortController();
    const waits = new WakeableSleep().wait(LONG, stop.signal);
    stop.abort();
    await waits;
    await new WakeableSleep().wait(LONG, stop.signal);
    await pause(LONG, stop.signal);
  });

  it('leaves no listener at a signal that lives long, however a wait ends', async () => {
    const { signal } = new AbortController();
    const alarm = new WakeableSleep();
    for (let round = 0; round < 50; round += 1) {
      const waits = alarm.wait(round % 3 === 0 ? 0 : LONG, signal);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      if (round % 3 !== 0) alarm.wake();
      await waits;
      alarm.wake();
      await alarm.wait(LONG, signal);
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('waits as long as a timer can for what lies further ahead', async () => {
    for (const ms of [Infinity, LONG]) {
      const alarm = new WakeableSleep();
      const waits = alarm.wait(ms, never());
      expect(await Promise.race([waits.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
      alarm.wake();
      await waits;
    }
    await new WakeableSleep().wait(-5, never());
  });
});

describe('work that is kept going', () => {
  const away = (): CartonaError => new CartonaError('unreachable', 'Odoo is away.');

  /** Runs the outcomes in order, then stops. */
  async function told(outcomes: readonly (Error | undefined)[]): Promise<LiveEvent[]> {
    const stop = new AbortController();
    const events: LiveEvent[] = [];
    let at = 0;
    await retryForever(
      'work',
      stop.signal,
      (event) => events.push(event),
      async () => {
        const outcome = outcomes[at];
        at += 1;
        if (at > outcomes.length) stop.abort();
        else if (outcome) throw outcome;
      },
    );
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    return events;
  }

  it('tells one failure once as long as it lasts, and again when it comes back or is another', async () => {
    expect(
      (await told([away(), away(), undefined, away()])).map(({ level, event, message, details }) => [
        level,
        event,
        message,
        details?.['kind'],
      ]),
    ).toEqual([
      ['warn', 'work', 'Odoo is away.', 'unreachable'],
      ['warn', 'work', 'Odoo is away.', 'unreachable'],
    ]);
    expect(await told([away(), new CartonaError('refused', 'No.'), new CartonaError('refused', 'No.')])).toHaveLength(
      2,
    );
  });

  it('tells a fault of its own as an error with its stack, and goes on', async () => {
    const [fault] = await told([new TypeError('x is no function'), undefined]);
    expect(fault).toMatchObject({
      level: 'error',
      message: 'x is no function',
      details: { kind: 'fault', stack: expect.stringContaining('pieces.test') as string },
    });
  });

  it('ends on the signal while it pauses, and when it is interrupted', async () => {
    const stop = new AbortController();
    let runs = 0;
    await retryForever(
      'work',
      stop.signal,
      () => setImmediate(() => stop.abort()),
      async () => {
        runs += 1;
        throw away();
      },
    );
    expect(runs).toBeLessThan(4);
    const events: LiveEvent[] = [];
    await retryForever(
      'work',
      new AbortController().signal,
      (event) => events.push(event),
      async () => {
        throw new CartonaError('interrupted', 'Stopped.');
      },
    );
    expect(events).toEqual([]);
  });

  it('waits longer with each failure: soon it is hardly tried any more', async () => {
    const stop = new AbortController();
    let tries = 0;
    const going = retryForever(
      'work',
      stop.signal,
      () => undefined,
      async () => {
        tries += 1;
        throw away();
      },
    );
    await pause(1200, stop.signal);
    stop.abort();
    await going;
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(25);
  });
});

describe('what is told seldom', () => {
  it('is told again when its time is over, each thing by itself', () => {
    const seldom = new Throttle(100);
    expect([
      seldom.allow('a', 0),
      seldom.allow('a', 99),
      seldom.allow('b', 99),
      seldom.allow('a', 100),
      seldom.allow('a', 150),
    ]).toEqual([true, false, true, true, false]);
  });

  it('is told again after the clock was set back, and seldom from then on', () => {
    const seldom = new Throttle(100);
    expect([seldom.allow('a', 1000), seldom.allow('a', 500), seldom.allow('a', 599), seldom.allow('a', 600)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

describe('falls to zero over time', () => {
  it('what is let go within an hour is never more than the bound, in whatever pieces it comes', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(
          fc.record({ gap: fc.oneof(fc.nat(60_000), fc.nat(HOUR)), falls: fc.array(fc.nat(300), { maxLength: 60 }) }),
          { maxLength: 40 },
        ),
        (size, percent, steps) => {
          const window = new ZeroStockLimit(percent);
          let now = 1_000_000;
          const letGo: { at: number; key: string }[] = [];
          for (const { gap, falls } of steps) {
            now += gap;
            const keys = [...new Set(falls.map(String))];
            if (window.judge(keys, size, now) === undefined) letGo.push(...keys.map((key) => ({ at: now, key })));
            const inHour = new Set(letGo.filter(({ at }) => now - at < HOUR).map(({ key }) => key));
            expect((inHour.size / size) * 100).toBeLessThanOrEqual(percent);
          }
        },
      ),
    ));

  it('the same fall that is judged again, because it could not be sent, counts once', () => {
    const window = new ZeroStockLimit(20);
    const fifteen = Array.from({ length: 15 }, (_, at) => `P${at}`);
    for (let now = 0; now < 5; now += 1) expect(window.judge(fifteen, 100, now)).toBeUndefined();
    expect(window.judge(['Q1', 'Q2', 'Q3', 'Q4', 'Q5'], 100, 6)).toBeUndefined();
    expect(window.judge(['R1'], 100, 7)).toContain('21 products of 100');
    expect(window.judge(['R1'], 100, 5 + HOUR)).toBeUndefined();
  });

  it('what is held does not count, and nothing is no fall', () => {
    const window = new ZeroStockLimit(20);
    expect(
      window.judge(
        Array.from({ length: 21 }, (_, at) => `P${at}`),
        100,
        0,
      ),
    ).toContain('20 %');
    expect(
      window.judge(
        Array.from({ length: 20 }, (_, at) => `Q${at}`),
        100,
        1,
      ),
    ).toBeUndefined();
    expect(window.judge([], 100, 2)).toBeUndefined();
  });
});

describe("the sweep's period", () => {
  it('is as set up to its size, then longer in proportion', () => {
    expect([0, 1, 10_000, 20_000, 100_000].map((size) => sweepPeriodMs(10, size))).toEqual([
      600_000, 600_000, 600_000, 1_200_000, 6_000_000,
    ]);
  });
});

describe('how webhooks fare', () => {
  const received = { kind: 'received', route: 'order', hashedIds: ['h'], repeats: 0 } as const;
  const refused = (reason: 'token' | 'signature' | 'malformed') =>
    ({ kind: 'refused', status: 401, reason, message: `bad ${reason}`, address: '::1' }) as const;

  it('counts refusals for want of credentials since the last that was taken; others say nothing', () => {
    const intake = new WebhookHealth();
    intake.take();
    intake.note(refused('token'), 5);
    intake.note(refused('signature'), 6);
    expect(intake.take()).toEqual({ refused: 2, refusedSince: 5, reason: 'bad signature' });
    intake.note({ kind: 'fault', error: new Error('x') }, 7);
    intake.note(refused('malformed'), 7);
    expect(intake.take()).toBeUndefined();
    intake.note(received, 8);
    expect(intake.take()).toEqual({ acceptedAt: 8, refused: 0 });
    expect(intake.take()).toBeUndefined();
  });
});

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
