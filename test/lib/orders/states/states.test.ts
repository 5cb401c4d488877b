import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '../../../../src/lib/cartona/schemas.js';
import { planPush, wantedStatus, type PushQuestion } from '../../../../src/lib/orders/states/cartona-states.js';
import { isFinal, supplierSteps } from '../../../../src/lib/orders/order-cycle.js';
import { deliveryStage, stepsTowards, type OdooStep } from '../../../../src/lib/orders/states/odoo-states.js';
import type { Picking, SaleOrderStatus } from '../../../../src/lib/odoo/records/sale-orders.js';
import { profileSchema } from '../../../../src/lib/settings/profile.js';

const { toCartona, toOdoo } = profileSchema.shape.orders.parse({}).states;
const picking = (state: string, incoming = false): Picking => ({
  name: incoming ? 'WH/IN/1' : 'WH/OUT/1',
  state,
  incoming,
});
const sale = (fields: Partial<SaleOrderStatus> = {}): SaleOrderStatus => ({
  name: 'S00001',
  state: 'draft',
  locked: false,
  pickings: [],
  allLinesDelivered: false,
  ...fields,
});
const confirmed = (...pickings: Picking[]): SaleOrderStatus => sale({ state: 'sale', pickings });

const anySale = fc.record({
  name: fc.constant('S00001'),
  state: fc.constantFrom('draft', 'sent', 'sale', 'done', 'cancel'),
  locked: fc.boolean(),
  pickings: fc.array(
    fc
      .tuple(fc.constantFrom('waiting', 'confirmed', 'assigned', 'done', 'cancel'), fc.boolean())
      .map(([state, incoming]) => picking(state, incoming)),
    { maxLength: 3 },
  ),
  allLinesDelivered: fc.boolean(),
}) as fc.Arbitrary<SaleOrderStatus>;

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

describe("what brings Odoo to Cartona's state", () => {
  it.each<[OrderStatus, SaleOrderStatus, OdooStep[]]>([
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
    expect(stepsTowards(status, order, toOdoo)).toEqual({ kind: 'steps', steps });
  });

  it.each<[OrderStatus, SaleOrderStatus]>([
    ['cancelled_by_retailer', confirmed(picking('done'))],
    ['cancelled_by_supplier', confirmed(picking('done'), picking('assigned'))],
    ['returned', confirmed(picking('done'))],
  ])('%s is for a person where goods have left, the delivery named', (status, order) => {
    expect(stepsTowards(status, order, toOdoo)).toEqual({
      kind: 'person',
      reason: expect.stringContaining('WH/OUT/1, done') as string,
    });
  });

  it('delivered at Cartona and cancelled in Odoo is for a person', () => {
    expect(stepsTowards('delivered', sale({ state: 'cancel' }), toOdoo)).toEqual({
      kind: 'person',
      reason: expect.stringContaining('S00001') as string,
    });
  });

  it.each<[OrderStatus, Partial<typeof toOdoo>, SaleOrderStatus, unknown]>([
    ['approved', { approved: 'nothing' }, sale(), { kind: 'steps', steps: [] }],
    ['approved', { approved: 'person' }, sale(), { kind: 'person', reason: expect.stringContaining('confirm S00001') }],
    ['approved', { approved: 'person' }, confirmed(picking('assigned')), { kind: 'steps', steps: [] }],
    ['assigned_to_salesman', { approved: 'nothing' }, sale(), { kind: 'steps', steps: ['confirm'] }],
    ['assigned_to_salesman', { assigned: 'nothing' }, sale(), { kind: 'steps', steps: [] }],
    ['delivered', { delivered: 'confirmed' }, sale(), { kind: 'steps', steps: ['confirm'] }],
    ['delivered', { delivered: 'confirmed' }, confirmed(picking('assigned')), { kind: 'steps', steps: [] }],
    [
      'delivered',
      { delivered: 'person' },
      confirmed(picking('assigned')),
      { kind: 'person', reason: expect.stringContaining('deliver, lock S00001') },
    ],
    [
      'cancelled_by_retailer',
      { cancelled: 'person' },
      sale(),
      { kind: 'person', reason: expect.stringContaining('cancel S00001') },
    ],
    ['cancelled_by_supplier', { cancelled: 'nothing' }, confirmed(picking('done')), { kind: 'steps', steps: [] }],
    ['returned', { returned: 'nothing' }, confirmed(picking('done')), { kind: 'steps', steps: [] }],
  ])('%s with the table set to %j', (status, table, order, plan) => {
    expect(stepsTowards(status, order, { ...toOdoo, ...table })).toEqual(plan);
  });

  it("never cancels, unlocks or delivers against Cartona's state, nor cancels what was delivered", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ORDER_STATUSES), anySale, (status, order) => {
        const plan = stepsTowards(status, order, toOdoo);
        const steps = plan.kind === 'steps' ? plan.steps : [];
        const cancelled = status === 'cancelled_by_retailer' || status === 'cancelled_by_supplier';
        if (!cancelled) expect(steps).not.toContain('cancel');
        if (status !== 'delivered') expect(steps).not.toContain('deliver');
        if (order.pickings.some((one) => one.state === 'done')) expect(steps).not.toContain('cancel');
        if (order.state === 'cancel') expect(steps).toEqual([]);
      }),
    );
  });
});

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
