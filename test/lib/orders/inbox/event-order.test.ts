import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '../../../../src/lib/cartona/schemas.js';
import {
  eventTime,
  eventOrder,
  timeOfSame,
  withEventTime,
  type OrderVersion,
} from '../../../../src/lib/orders/inbox/event-order.js';

const FINAL: readonly string[] = ['delivered', 'cancelled_by_retailer', 'cancelled_by_supplier', 'returned'];
const STEPS: Readonly<Record<string, readonly OrderStatus[]>> = {
  pending: ['editing', 'approved', 'cancelled_by_retailer', 'cancelled_by_supplier'],
  editing: ['pending'],
  approved: ['assigned_to_salesman', 'delivered', 'cancelled_by_retailer', 'cancelled_by_supplier'],
  assigned_to_salesman: ['delivered', 'cancelled_by_supplier', 'returned'],
};
/** Where the retailer or the supplier may also have changed the lines. */
const EDITABLE: readonly string[] = ['pending', 'approved', 'assigned_to_salesman'];

const standing = (status: string, content = 1, at?: number): OrderVersion => ({
  status,
  version: `${status} ${content}`,
  at,
});
const anyStanding = fc
  .record({
    status: fc.constantFrom<string>(...ORDER_STATUSES, 'unreadable'),
    content: fc.nat(2),
    at: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  })
  .map(({ status, content, at }) => standing(status, content, at));

/**
 * A legal history from `pending`: each entry is a step of the cycle or an edit of the lines, one second after the one
 * before.
 */
const history = fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 8 }).map((choices) => {
  let status: OrderStatus = 'pending';
  let content = 0;
  const versions = [{ status: status as OrderStatus, content }];
  for (const [choice, edits] of choices) {
    const ways: readonly OrderStatus[] = STEPS[status] ?? [];
    if (ways.length === 0) break;
    if (edits && EDITABLE.includes(status)) content += 1;
    else status = ways[choice % ways.length] ?? status;
    versions.push({ status, content });
  }
  return versions;
});

/** The versions of a history in some order, each at least once. */
const delivered = (timed: fc.Arbitrary<boolean>) =>
  fc.tuple(history, timed).chain(([versions, withTimes]) => {
    const all = versions.map(({ status, content }, at) => standing(status, content, withTimes ? 1000 + at : undefined));
    return fc.record({
      last: fc.constant(all[all.length - 1]),
      events: fc
        .tuple(
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.constantFrom(...all), { maxLength: 5 }),
          fc.array(fc.constantFrom(...all), { maxLength: 5 }),
        )
        .map((parts) => parts.flat()),
    });
  });

/** What is known in the end, and whether a pull was asked for. */
function take(events: readonly OrderVersion[]): { kept: OrderVersion | undefined; pull: boolean } {
  let kept: OrderVersion | undefined;
  let pull = false;
  for (const event of events) {
    const said = eventOrder(kept, event);
    if (said === 'newer') kept = event;
    if (said === 'same' && kept) kept = { ...kept, at: timeOfSame(kept.at, event.at) };
    if (said === 'undecided') pull = true;
  }
  return { kept, pull };
}

describe('which of two versions is the newer one', () => {
  it('no two are each newer than the other, and the same is the same both ways', () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, (a, b) => {
        const [ab, ba] = [eventOrder(a, b), eventOrder(b, a)];
        const mirror = { newer: 'older', older: 'newer', same: 'same', undecided: 'undecided' } as const;
        expect(ba).toBe(mirror[ab]);
      }),
      { numRuns: 2000 },
    );
  });

  it('a legal history with times ends at its last version, in whatever order and however often it comes', () => {
    fc.assert(
      fc.property(delivered(fc.constant(true)), ({ events, last }) => {
        const { kept, pull } = take(events);
        expect(kept?.version).toBe(last?.version);
        expect(pull).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('without times it ends there too, or a pull is asked for', () => {
    fc.assert(
      fc.property(delivered(fc.boolean()), ({ events, last }) => {
        const { kept, pull } = take(events);
        if (!pull) expect(kept?.version).toBe(last?.version);
      }),
      { numRuns: 2000 },
    );
  });

  it('a final status is never left by an event', () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, (kept, event) => {
        if (FINAL.includes(kept.status) && event.status !== kept.status)
          expect(eventOrder(kept, event)).not.toBe('newer');
      }),
    );
  });

  it('times decide between pending and editing; without them only Cartona knows', () => {
    expect(eventOrder(standing('pending', 1, 10), standing('editing', 1, 20))).toBe('newer');
    expect(eventOrder(standing('pending', 1, 20), standing('editing', 1, 10))).toBe('older');
    expect(eventOrder(standing('pending'), standing('editing'))).toBe('undecided');
    expect(eventOrder(standing('editing'), standing('pending', 1, 20))).toBe('undecided');
  });

  it('without times, later in the cycle is newer, and other lines under the same status are not to be told apart', () => {
    expect(eventOrder(standing('pending'), standing('delivered'))).toBe('newer');
    expect(eventOrder(standing('returned'), standing('approved'))).toBe('older');
    expect(eventOrder(standing('approved', 1), standing('approved', 2))).toBe('undecided');
    expect(eventOrder(standing('delivered'), standing('returned'))).toBe('undecided');
  });

  it('an order that nobody knows is new', () => {
    expect(eventOrder(undefined, standing('approved'))).toBe('newer');
  });
});

describe('the time that a body carries', () => {
  it.each([
    [{ updated_at: '2026-11-23T10:00:00Z' }],
    [{ event_time: '2026-11-23T12:00:00+02:00' }],
    [{ occurred_at: '2026-11-23 10:00:00' }],
    [{ timestamp: Date.UTC(2026, 10, 23, 10) }],
    [{ timestamp: Date.UTC(2026, 10, 23, 10) / 1000 }],
    [{ timestamp: String(Date.UTC(2026, 10, 23, 10) / 1000) }],
    [{ updated_at: null, timestamp: Date.UTC(2026, 10, 23, 10) }],
  ])('%j', (body) => {
    expect(eventTime(body)).toBe(Date.UTC(2026, 10, 23, 10));
  });

  it.each([
    [{}],
    [{ updated_at: 'yesterday' }],
    [{ updated_at: '2026-11-23' }],
    [{ timestamp: -1 }],
    [{ timestamp: true }],
    [{ timestamp: 1e300 }],
    [{ created_at: '2026-11-23T10:00:00Z' }],
  ])('%j has none', (body) => {
    expect(eventTime(body)).toBeUndefined();
  });

  it('is written so that it is read again', () => {
    expect(eventTime(withEventTime({ timestamp: 5, status: 'pending' }, 1_700_000_000_000))).toBe(1_700_000_000_000);
    expect(withEventTime({ timestamp: 5, status: 'pending' }, undefined)).toEqual({ status: 'pending' });
  });
});
