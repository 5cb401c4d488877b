import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliveryInstant } from '../../../../src/lib/orders/import/delivery-day.js';

describe('deliveryInstant', () => {
  it.each([
    ['2026-11-25', '2026-11-25 10:00:00'],
    ['2026-11-25T08:30:00Z', '2026-11-25 08:30:00'],
    ['2026-11-25T00:30:00+02:00', '2026-11-24 22:30:00'],
    ['2026-11-25 00:30:00+0200', '2026-11-24 22:30:00'],
    ['2026-11-25T08:30:00.123Z', '2026-11-25 08:30:00'],
    ['2026-11-25T08:30:00', '2026-11-25 10:00:00'],
  ])('%s is %s UTC', (text, expected) => {
    expect(deliveryInstant(text)).toBe(expected);
  });

  it.each([undefined, '', 'tomorrow', '25/11/2026', '2026-02-30', '2026-13-01', '2026-11-251'])(
    '%j is no day',
    (text) => {
      expect(deliveryInstant(text)).toBeUndefined();
    },
  );

  it('a day shows as that day in Cairo, in any season', () => {
    const cairo = new Intl.DateTimeFormat('en-CA', { timeZone: 'Africa/Cairo' });
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          expect(cairo.format(new Date(`${(deliveryInstant(day) ?? '').replace(' ', 'T')}Z`))).toBe(day);
        },
      ),
    );
  });
});
