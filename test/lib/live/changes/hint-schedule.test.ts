import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HintSchedule } from '../../../../src/lib/live/changes/hint-schedule.js';

describe('the hint schedule', () => {
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
