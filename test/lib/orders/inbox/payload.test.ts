import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOrder, type ReceivedOrder } from '../../../../src/lib/cartona/client.js';
import { keepOrder, orderVersion, readPayload } from '../../../../src/lib/orders/inbox/payload.js';
import { order, rawOrder } from '../../../fixtures/orders.js';

const received = (raw: Record<string, unknown>): ReceivedOrder & { hashedId: string } => ({
  ...readOrder(raw),
  hashedId: String(raw.hashed_id),
});

describe('the version of an order', () => {
  const raw = rawOrder([
    { id: 1, amount: 2 },
    { id: 2, selling_price: 12.5 },
  ]);
  const version = keepOrder(received(raw)).version;

  it('is the same, however the same content is written', () => {
    const shuffled = Object.fromEntries(
      Object.entries({
        ...raw,
        total_price: `${raw.total_price}0`,
        order_details: [...raw.order_details].reverse().map((line) => ({ ...line, id: String(line.id) })),
      }).reverse(),
    );
    expect(keepOrder(received({ ...shuffled, hashed_id: raw.hashed_id })).version).toBe(version);
    expect(keepOrder(received({ ...raw, pickup_otp: '1234' })).version).toBe(version);
  });

  it.each([
    { status: 'approved' },
    { total_price: 1 },
    { delivery_day: '2026-11-26' },
    { note_message: 'x' },
    { cartona_credit: 1 },
    { order_details: raw.order_details.slice(1) },
  ])('differs with %j', (change) => {
    expect(keepOrder(received({ ...raw, ...change })).version).not.toBe(version);
  });

  it('differs whenever a line does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (a, b) => {
        const of = (amount: number): string =>
          orderVersion(
            order([{ id: 1, amount }], {
              hashed_id: 'x',
              created_at: null,
              total_price: 1,
              retailer: { retailer_name: 'n' },
            }),
          );
        expect(of(a) === of(b)).toBe(a === b);
      }),
    );
  });
});

describe('a kept order', () => {
  it('does not keep the pick-up OTP', () => {
    expect(keepOrder(received({ ...rawOrder([{}]), pickup_otp: '774411' })).payload).not.toContain('774411');
  });

  it('reads as it was received', () => {
    const raw = rawOrder([{ comment: 'x' }]);
    expect(readPayload(keepOrder(received(raw)).payload)).toMatchObject({ kind: 'read', order: order([], raw) });
  });

  it('that cannot be read is kept as it came, and says why', () => {
    const kept = keepOrder(received({ ...rawOrder([{}]), total_price: 'much' }));
    expect(kept).toMatchObject({ status: 'unreadable', cartonaTotal: undefined });
    expect(readPayload(kept.payload)).toMatchObject({ kind: 'unreadable', reason: 'total_price is "much"' });
  });

  it('names every field that cannot be read and what stands in it', () => {
    const lines = [{ selling_price: '1,250.00' }, { amount: 'ten', id: null }];
    const { payload } = keepOrder(
      received({ ...rawOrder([{}]), order_details: rawOrder(lines as never[]).order_details }),
    );
    expect(readPayload(payload)).toMatchObject({
      kind: 'unreadable',
      reason: 'order_details.0.selling_price is "1,250.00", order_details.1.amount is "ten"',
    });
    const unnamed = { ...rawOrder([{}]), order_details: [{ amount: 1, selling_price: 1 }] };
    expect(readPayload(JSON.stringify(unnamed))).toMatchObject({ reason: 'order_details.0.id is missing' });
  });
});
