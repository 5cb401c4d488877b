import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '../../../../src/lib/cartona/schemas.js';
import type { SaleOrderStatus } from '../../../../src/lib/odoo/records/sale-orders.js';
import { isFinal, supplierSteps } from '../../../../src/lib/orders/order-cycle.js';
import { planPush, wantedStatus, type PushQuestion } from '../../../../src/lib/orders/states/cartona-states.js';
import { profileSchema } from '../../../../src/lib/settings/profile.js';
import { confirmed, picking, sale } from '../../../fixtures/sale-order-status.js';

const { toCartona } = profileSchema.shape.orders.parse({}).states;

describe("Cartona's state for an Odoo order", () => {
  const options = { table: toCartona, doneIsState: false };

  it.each([
    ['pending', sale()],
    ['pending', sale({ state: 'sent' })],
    ['approved', confirmed(picking('assigned'))],
    ['approved', { ...confirmed(picking('assigned')), locked: true }],
    ['approved', { ...confirmed(), locked: true }],
    ['delivered', confirmed(picking('done'))],
    ['delivered', sale({ state: 'sale', allLinesDelivered: true })],
    ['cancelled_by_supplier', sale({ state: 'cancel' })],
  ] as const)('%s', (status, order) => {
    expect(wantedStatus(order, options)).toBe(status);
  });

  it('assigned is told only where the setting says so', () => {
    const order = confirmed(picking('done'), picking('assigned'));
    expect(wantedStatus(order, options)).toBe('approved');
    expect(wantedStatus(order, { ...options, table: { ...toCartona, underWay: 'assigned_to_salesman' } })).toBe(
      'assigned_to_salesman',
    );
  });

  it('the table says otherwise where it is set; a stage without a word of its own is told as the one before', () => {
    const told = (table: Partial<typeof toCartona>, order: SaleOrderStatus): string | undefined =>
      wantedStatus(order, { ...options, table: { ...toCartona, ...table } });
    expect(told({ quotation: 'approved' }, sale())).toBe('approved');
    expect(told({ quotation: 'nothing' }, sale())).toBeUndefined();
    expect(told({ confirmed: 'assigned_to_salesman' }, confirmed(picking('assigned')))).toBe('assigned_to_salesman');
    expect(told({ delivered: 'assigned_to_salesman' }, confirmed(picking('done')))).toBe('assigned_to_salesman');
    expect(told({ delivered: 'nothing' }, confirmed(picking('done')))).toBe('approved');
    expect(told({ delivered: 'nothing', confirmed: 'nothing' }, confirmed(picking('done')))).toBeUndefined();
    expect(told({ cancelled: 'nothing' }, sale({ state: 'cancel' }))).toBeUndefined();
  });

  it('on 16 a delivered order counts once it is done, and one that was locked at confirmation does not', () => {
    expect(wantedStatus(confirmed(picking('done')), { ...options, doneIsState: true })).toBe('approved');
    expect(
      wantedStatus(sale({ state: 'done', locked: true, pickings: [picking('done')] }), {
        ...options,
        doneIsState: true,
      }),
    ).toBe('delivered');
    expect(
      wantedStatus(sale({ state: 'done', locked: true, pickings: [picking('assigned')] }), {
        ...options,
        doneIsState: true,
      }),
    ).toBe('approved');
  });
});

describe('what to tell Cartona', () => {
  const question = (fields: Partial<PushQuestion>): PushQuestion => ({
    wanted: 'approved',
    cartona: 'pending',
    answered: false,
    deliveredBy: 'delivered_by_supplier',
    needsOtp: false,
    viaAssigned: false,
    ...fields,
  });

  it.each<[Partial<PushQuestion>, unknown]>([
    [{}, { kind: 'steps', steps: ['approved'] }],
    [{ wanted: 'delivered' }, { kind: 'steps', steps: ['approved', 'delivered'] }],
    [
      { wanted: 'delivered', viaAssigned: true },
      { kind: 'steps', steps: ['approved', 'assigned_to_salesman', 'delivered'] },
    ],
    [
      { wanted: 'delivered', cartona: 'assigned_to_salesman' },
      { kind: 'steps', steps: ['delivered'] },
    ],
    [
      { wanted: 'cancelled_by_supplier', cartona: 'assigned_to_salesman' },
      { kind: 'steps', steps: ['cancelled_by_supplier'] },
    ],
    [{ wanted: 'cancelled_by_supplier', cartona: 'cancelled_by_retailer' }, { kind: 'equal' }],
    [{ cartona: 'approved' }, { kind: 'equal' }],
    [{ cartona: 'assigned_to_salesman' }, { kind: 'equal' }],
    [
      { wanted: 'cancelled_by_supplier', deliveredBy: 'delivered_by_cartona' },
      { kind: 'steps', steps: ['cancelled_by_supplier'] },
    ],
    [{ wanted: undefined }, { kind: 'equal' }],
    [{ wanted: 'assigned_to_salesman', cartona: 'delivered', answered: true }, { kind: 'equal' }],
    [{ cartona: 'cancelled_by_retailer', answered: true }, { kind: 'equal' }],
    [{ wanted: 'cancelled_by_supplier', cartona: 'returned', answered: true }, { kind: 'equal' }],
  ])('%j: %j', (fields, plan) => {
    expect(planPush(question(fields))).toEqual(plan);
  });

  it.each<[Partial<PushQuestion>, string]>([
    [{ cartona: 'editing' }, 'waits'],
    [{ cartona: 'editing', wanted: 'cancelled_by_supplier' }, 'waits'],
    [{ deliveredBy: 'delivered_by_cartona' }, 'waits'],
    [{ wanted: 'delivered', cartona: 'approved', needsOtp: true }, 'awaits_otp'],
    [{ wanted: 'pending', cartona: 'approved' }, 'illegal'],
    [{ cartona: 'delivered' }, 'illegal'],
    [{ cartona: 'cancelled_by_retailer' }, 'illegal'],
    [{ wanted: 'delivered', cartona: 'returned' }, 'illegal'],
    [{ wanted: 'cancelled_by_supplier', cartona: 'delivered' }, 'illegal'],
  ])('%j: %s', (fields, kind) => {
    expect(planPush(question(fields)).kind).toBe(kind);
  });

  it('an order that needs an OTP goes as far as it may without', () => {
    expect(planPush(question({ wanted: 'delivered', needsOtp: true }))).toEqual({
      kind: 'awaits_otp',
      steps: ['approved'],
    });
  });

  const anyQuestion = fc.record({
    wanted: fc.constantFrom(
      'pending',
      'approved',
      'assigned_to_salesman',
      'delivered',
      'cancelled_by_supplier',
      undefined,
    ),
    answered: fc.boolean(),
    cartona: fc.constantFrom(...ORDER_STATUSES),
    deliveredBy: fc.constantFrom('delivered_by_supplier', 'delivered_by_cartona'),
    needsOtp: fc.boolean(),
    viaAssigned: fc.boolean(),
  }) as fc.Arbitrary<PushQuestion>;

  it("every step is one that Cartona's cycle allows after the one before", () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        let at: OrderStatus = asked.cartona;
        for (const step of 'steps' in plan ? plan.steps : []) {
          expect(supplierSteps(at)).toContain(step);
          at = step;
        }
        if (plan.kind === 'steps') expect(at).toBe(asked.wanted);
      }),
    );
  });

  it("nothing is told of an order that is over, is being edited, or is Cartona's to deliver (but a cancellation), nor a delivery without its OTP", () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        const steps = 'steps' in plan ? plan.steps : [];
        if (isFinal(asked.cartona) || asked.cartona === 'editing') expect(steps).toEqual([]);
        if (asked.deliveredBy === 'delivered_by_cartona')
          expect(steps.filter((step) => step !== 'cancelled_by_supplier')).toEqual([]);
        if (asked.needsOtp) expect(steps).not.toContain('delivered');
      }),
    );
  });

  it('once told, there is nothing left to tell', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        const last = 'steps' in plan ? plan.steps.at(-1) : undefined;
        fc.pre(last !== undefined);
        const next = planPush({ ...asked, cartona: last });
        expect('steps' in next ? next.steps : []).toEqual([]);
      }),
    );
  });
});
