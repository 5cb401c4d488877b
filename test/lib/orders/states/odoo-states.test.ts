import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '../../../../src/lib/cartona/schemas.js';
import type { SaleOrderStatus } from '../../../../src/lib/odoo/records/sale-orders.js';
import { deliveryStage, stepsTowards, type OdooStep } from '../../../../src/lib/orders/states/odoo-states.js';
import { profileSchema } from '../../../../src/lib/settings/profile.js';
import { confirmed, picking, sale } from '../../../fixtures/sale-order-status.js';

const { toOdoo } = profileSchema.shape.orders.parse({}).states;

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
