import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '../../../src/lib/cartona/schemas.js';
import { FINAL, planPush, SUPPLIER_STEPS, wantedStatus, type PushQuestion } from '../../../src/lib/orders/cartona-states.js';
import { deliveryStage, stepsTowards, type OdooStep, type Picking, type SaleStanding } from '../../../src/lib/orders/odoo-states.js';

const picking = (state: string, incoming = false): Picking => ({ name: incoming ? 'WH/IN/1' : 'WH/OUT/1', state, incoming });
const sale = (fields: Partial<SaleStanding> = {}): SaleStanding => ({ name: 'S00001', state: 'draft', locked: false, pickings: [], allLinesDelivered: false, ...fields });
const confirmed = (...pickings: Picking[]): SaleStanding => sale({ state: 'sale', pickings });

const anySale = fc.record({
  name: fc.constant('S00001'),
  state: fc.constantFrom('draft', 'sent', 'sale', 'done', 'cancel'),
  locked: fc.boolean(),
  pickings: fc.array(fc.tuple(fc.constantFrom('waiting', 'confirmed', 'assigned', 'done', 'cancel'), fc.boolean()).map(([state, incoming]) => picking(state, incoming)), { maxLength: 3 }),
  allLinesDelivered: fc.boolean(),
}) as fc.Arbitrary<SaleStanding>;

describe('how far the goods are', () => {
  it.each([
    ['none', sale()],
    ['open', confirmed(picking('assigned'))],
    ['under_way', confirmed(picking('done'), picking('waiting'))],
    ['delivered', confirmed(picking('done'), picking('cancel'))],
    ['none', confirmed(picking('cancel'))],
    ['delivered', sale({ state: 'sale', allLinesDelivered: true })],
  ])('%s', (stage, order) => {
    expect(deliveryStage(order)).toBe(stage);
  });
});

describe('what brings Odoo to Cartona\'s state', () => {
  it.each<[OrderStatus, SaleStanding, OdooStep[]]>([
    ['pending', sale(), []],
    ['pending', confirmed(picking('assigned')), []],
    ['editing', sale(), []],
    ['approved', sale(), ['confirm']],
    ['approved', sale({ state: 'sent' }), ['confirm']],
    ['approved', sale({ state: 'cancel' }), []],
    ['assigned_to_salesman', sale(), ['confirm']],
    ['assigned_to_salesman', confirmed(picking('assigned')), []],
    ['delivered', sale(), ['confirm', 'deliver', 'lock']],
    ['delivered', confirmed(picking('assigned')), ['deliver', 'lock']],
    ['delivered', confirmed(picking('done')), ['lock']],
    ['delivered', { ...confirmed(picking('done')), locked: true }, []],
    ['cancelled_by_retailer', sale(), ['cancel']],
    ['cancelled_by_retailer', confirmed(picking('assigned')), ['cancel']],
    ['cancelled_by_supplier', { ...confirmed(picking('assigned')), locked: true }, ['unlock', 'cancel']],
    ['cancelled_by_retailer', sale({ state: 'cancel' }), []],
    ['cancelled_by_retailer', confirmed(picking('done'), picking('done', true)), []],
    ['returned', confirmed(picking('done'), picking('done', true)), []],
    ['returned', sale({ state: 'cancel' }), []],
  ])('%s, from %j: %j', (status, order, steps) => {
    expect(stepsTowards(status, order)).toEqual({ steps });
  });

  it.each<[OrderStatus, SaleStanding]>([
    ['cancelled_by_retailer', confirmed(picking('done'))],
    ['cancelled_by_supplier', confirmed(picking('done'), picking('assigned'))],
    ['returned', confirmed(picking('done'))],
  ])('%s is for a person where goods have left, the delivery named', (status, order) => {
    expect(stepsTowards(status, order)).toEqual({ person: expect.stringContaining('WH/OUT/1, done') as string });
  });

  it('delivered at Cartona and cancelled in Odoo is for a person', () => {
    expect(stepsTowards('delivered', sale({ state: 'cancel' }))).toEqual({ person: expect.stringContaining('S00001') as string });
  });

  it('never cancels, unlocks or delivers against Cartona\'s state, nor cancels what was delivered', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ORDER_STATUSES), anySale, (status, order) => {
        const verdict = stepsTowards(status, order);
        const steps = 'steps' in verdict ? verdict.steps : [];
        const cancelled = status === 'cancelled_by_retailer' || status === 'cancelled_by_supplier';
        if (!cancelled) expect(steps).not.toContain('cancel');
        if (status !== 'delivered') expect(steps).not.toContain('deliver');
        if (order.pickings.some((one) => one.state === 'done')) expect(steps).not.toContain('cancel');
        if (order.state === 'cancel') expect(steps).toEqual([]);
      }),
    );
  });
});

describe('Cartona\'s state for an Odoo order', () => {
  const options = { pushAssigned: false, doneIsState: false };

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
    expect(wantedStatus(order, { ...options, pushAssigned: true })).toBe('assigned_to_salesman');
  });

  it('on 16 a delivered order counts once it is done, and one that was locked at confirmation does not', () => {
    expect(wantedStatus(confirmed(picking('done')), { ...options, doneIsState: true })).toBe('approved');
    expect(wantedStatus(sale({ state: 'done', locked: true, pickings: [picking('done')] }), { ...options, doneIsState: true })).toBe('delivered');
    expect(wantedStatus(sale({ state: 'done', locked: true, pickings: [picking('assigned')] }), { ...options, doneIsState: true })).toBe('approved');
  });
});

describe('what to tell Cartona', () => {
  const question = (fields: Partial<PushQuestion>): PushQuestion => ({ wanted: 'approved', cartona: 'pending', deliveredBy: 'delivered_by_supplier', needsOtp: false, viaAssigned: false, ...fields });

  it.each<[Partial<PushQuestion>, unknown]>([
    [{}, { kind: 'steps', steps: ['approved'] }],
    [{ wanted: 'delivered' }, { kind: 'steps', steps: ['approved', 'delivered'] }],
    [{ wanted: 'delivered', viaAssigned: true }, { kind: 'steps', steps: ['approved', 'assigned_to_salesman', 'delivered'] }],
    [{ wanted: 'delivered', cartona: 'assigned_to_salesman' }, { kind: 'steps', steps: ['delivered'] }],
    [{ wanted: 'cancelled_by_supplier', cartona: 'assigned_to_salesman' }, { kind: 'steps', steps: ['cancelled_by_supplier'] }],
    [{ wanted: 'cancelled_by_supplier', cartona: 'cancelled_by_retailer' }, { kind: 'equal' }],
    [{ cartona: 'approved' }, { kind: 'equal' }],
    [{ cartona: 'assigned_to_salesman' }, { kind: 'equal' }],
    [{ wanted: 'cancelled_by_supplier', deliveredBy: 'delivered_by_cartona' }, { kind: 'steps', steps: ['cancelled_by_supplier'] }],
  ])('%j: %j', (fields, plan) => {
    expect(planPush(question(fields))).toEqual(plan);
  });

  it.each<[Partial<PushQuestion>, string]>([
    [{ cartona: 'editing' }, 'waits'],
    [{ cartona: 'editing', wanted: 'cancelled_by_supplier' }, 'waits'],
    [{ deliveredBy: 'delivered_by_cartona' }, 'waits'],
    [{ wanted: 'delivered', cartona: 'approved', needsOtp: true }, 'waits'],
    [{ wanted: 'pending', cartona: 'approved' }, 'illegal'],
    [{ cartona: 'delivered' }, 'illegal'],
    [{ cartona: 'cancelled_by_retailer' }, 'illegal'],
    [{ wanted: 'delivered', cartona: 'returned' }, 'illegal'],
    [{ wanted: 'cancelled_by_supplier', cartona: 'delivered' }, 'illegal'],
  ])('%j: %s', (fields, kind) => {
    expect(planPush(question(fields)).kind).toBe(kind);
  });

  it('an order that needs an OTP goes as far as it may without', () => {
    expect(planPush(question({ wanted: 'delivered', needsOtp: true }))).toEqual({ kind: 'steps', steps: ['approved'], waits: expect.stringContaining('OTP') as string });
  });

  const anyQuestion = fc.record({
    wanted: fc.constantFrom('pending', 'approved', 'assigned_to_salesman', 'delivered', 'cancelled_by_supplier'),
    cartona: fc.constantFrom(...ORDER_STATUSES),
    deliveredBy: fc.constantFrom('delivered_by_supplier', 'delivered_by_cartona'),
    needsOtp: fc.boolean(),
    viaAssigned: fc.boolean(),
  }) as fc.Arbitrary<PushQuestion>;

  it('every step is one that Cartona\'s cycle allows after the one before', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        let at: OrderStatus = asked.cartona;
        for (const step of plan.kind === 'steps' ? plan.steps : []) {
          expect(SUPPLIER_STEPS[at]).toContain(step);
          at = step;
        }
        if (plan.kind === 'steps' && plan.waits === undefined) expect(at).toBe(asked.wanted);
      }),
    );
  });

  it('nothing is told of an order that is over, is being edited, or is Cartona\'s to deliver (but a cancellation), nor a delivery without its OTP', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        const steps = plan.kind === 'steps' ? plan.steps : [];
        if (FINAL.has(asked.cartona) || asked.cartona === 'editing') expect(steps).toEqual([]);
        if (asked.deliveredBy === 'delivered_by_cartona') expect(steps.filter((step) => step !== 'cancelled_by_supplier')).toEqual([]);
        if (asked.needsOtp) expect(steps).not.toContain('delivered');
      }),
    );
  });

  it('once told, there is nothing left to tell', () => {
    fc.assert(
      fc.property(anyQuestion, (asked) => {
        const plan = planPush(asked);
        const last = plan.kind === 'steps' ? plan.steps.at(-1) : undefined;
        fc.pre(last !== undefined);
        expect(planPush({ ...asked, cartona: last }).kind).not.toBe('steps');
      }),
    );
  });
});
