import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Catalogue } from '../../../src/sandbox/marketplace/products/catalogue.js';
import { DEFAULT_BEHAVIOUR } from '../../../src/sandbox/marketplace/behaviour.js';
import { refuseLineEdit, refuseStep, type Actor } from '../../../src/sandbox/marketplace/orders/order-cycle.js';
import { OrderBook } from '../../../src/sandbox/marketplace/orders/order-book.js';
import { ACCEPTED_STATUSES } from '../../../src/sandbox/marketplace/orders/order-schemas.js';
import { Refusal } from '../../../src/sandbox/marketplace/refusal.js';
import { RetailerSide } from '../../../src/sandbox/marketplace/orders/retailer-side.js';
import { updateDetails, updateStatus } from '../../../src/sandbox/marketplace/orders/supplier-side.js';
import { makeRandom } from '../../../src/sandbox/random.js';
import { totalOf } from '../../../src/sandbox/supplier/supplier-orders.js';
import { ORDER_STATUSES, type ApiOrder, type OrderStatus } from '../../../src/sandbox/supplier/supplier-types.js';
import { supplierWith } from '../../fixtures/marketplace-client.js';

// The documentation's table, written down once more: who may take an order from where to where, on orders that the
// supplier delivers (S) and on those that Cartona delivers (C).
const DOCUMENTED: readonly string[] = [
  'S retailer pending>editing',
  'S retailer editing>pending',
  'S retailer pending>cancelled_by_retailer',
  'S retailer approved>cancelled_by_retailer',
  'C retailer pending>editing',
  'C retailer editing>pending',
  'C retailer pending>cancelled_by_retailer',
  'C retailer approved>cancelled_by_retailer',
  'S supplier pending>approved',
  'S supplier approved>assigned_to_salesman',
  'S supplier approved>delivered',
  'S supplier assigned_to_salesman>delivered',
  'S supplier assigned_to_salesman>returned',
  'S supplier pending>cancelled_by_supplier',
  'S supplier approved>cancelled_by_supplier',
  'S supplier assigned_to_salesman>cancelled_by_supplier',
  'C supplier pending>cancelled_by_supplier',
  'C supplier approved>cancelled_by_supplier',
  'C supplier assigned_to_salesman>cancelled_by_supplier',
  'S cartona pending>cancelled_by_retailer',
  'S cartona approved>cancelled_by_retailer',
  'S cartona pending>cancelled_by_supplier',
  'S cartona approved>cancelled_by_supplier',
  'S cartona assigned_to_salesman>cancelled_by_supplier',
  'C cartona pending>approved',
  'C cartona approved>assigned_to_salesman',
  'C cartona approved>delivered',
  'C cartona assigned_to_salesman>delivered',
  'C cartona assigned_to_salesman>returned',
  'C cartona pending>cancelled_by_retailer',
  'C cartona approved>cancelled_by_retailer',
  'C cartona pending>cancelled_by_supplier',
  'C cartona approved>cancelled_by_supplier',
  'C cartona assigned_to_salesman>cancelled_by_supplier',
];
const ACTORS: readonly Actor[] = ['supplier', 'retailer', 'cartona'];
const FINAL: readonly OrderStatus[] = ['delivered', 'cancelled_by_retailer', 'cancelled_by_supplier', 'returned'];
const deliverer = (letter: string): ApiOrder['delivered_by'] =>
  letter === 'C' ? 'delivered_by_cartona' : 'delivered_by_supplier';

describe('the order cycle', () => {
  it('allows exactly the documented steps', () => {
    const allowed = ['S', 'C'].flatMap((letter) =>
      ACTORS.flatMap((actor) =>
        ORDER_STATUSES.flatMap((from) =>
          ORDER_STATUSES.filter(
            (to) =>
              refuseStep({ hashed_id: 'x', status: from, delivered_by: deliverer(letter) }, to, actor) === undefined,
          ).map((to) => `${letter} ${actor} ${from}>${to}`),
        ),
      ),
    );
    expect(allowed.toSorted()).toEqual(DOCUMENTED.toSorted());
  });

  it('lets the supplier edit lines in pending, approved and assigned_to_salesman of its own deliveries only', () => {
    const editable = (letter: string): OrderStatus[] =>
      ORDER_STATUSES.filter(
        (status) =>
          refuseLineEdit({ hashed_id: 'x', status, delivered_by: deliverer(letter) }, 'supplier') === undefined,
      );
    expect(editable('S')).toEqual(['pending', 'approved', 'assigned_to_salesman']);
    expect(editable('C')).toEqual([]);
  });
});

type Step =
  | { do: 'supplier' | 'cartona'; status: string; otp: boolean }
  | { do: 'cancel' | 'start' | 'finish' | 'edit' | 'adminEdit' | 'pull' | 'ack' };

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('supplier' as const),
      status: fc.constantFrom(...ACCEPTED_STATUSES),
      otp: fc.boolean(),
    }),
    fc.record({
      do: fc.constantFrom('cartona' as const),
      status: fc.constantFrom(...ORDER_STATUSES),
      otp: fc.constant(false),
    }),
    fc.record({
      do: fc.constantFrom(
        'cancel' as const,
        'start' as const,
        'finish' as const,
        'edit' as const,
        'adminEdit' as const,
        'pull' as const,
        'ack' as const,
      ),
    }),
  ),
  { maxLength: 25 },
);

describe('any sequence of actions by anybody', () => {
  it('makes only documented steps, never leaves a final state, keeps total and listing true, and lists every change until it is acknowledged', () => {
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom('S', 'C'),
        fc.boolean(),
        fc.constantFrom('order' as const, 'version' as const),
        (actions, letter, topUp, ackMeaning) => {
          const supplier = supplierWith({ stock: 500 }, { stock: 500 });
          const catalogue = new Catalogue(supplier.marketplaceProducts);
          const book = new OrderBook(supplier, catalogue, { ...DEFAULT_BEHAVIOUR, ackMeaning }, () => new Date(0));
          const retailers = new RetailerSide(book, makeRandom(1));
          const { order, retailerOtp } = retailers.place({
            lines: [
              { internal_product_id: 'CRT-1', amount: 4 },
              { internal_product_id: 'CRT-2', amount: 2, selling_price: 0.1 },
            ],
            delivered_by: deliverer(letter),
            ...(topUp ? { wallet_top_up: 50 } : {}),
          });
          const record = book.require(order.hashed_id);
          let pulled: string | undefined;
          for (const action of actions) {
            const before = { status: order.status, text: snapshot(order), listed: book.isListed(order.hashed_id) };
            perform(action, book, retailers, order, retailerOtp);
            if (order.status !== before.status) {
              const actor = action.do === 'supplier' || action.do === 'cartona' ? action.do : 'retailer';
              expect(DOCUMENTED).toContain(`${letter} ${actor} ${before.status}>${order.status}`);
              if (order.status === 'delivered' && actor === 'supplier' && topUp)
                expect('otp' in action && action.otp).toBe(true);
            }
            if (FINAL.includes(before.status)) expect(snapshot(order)).toBe(before.text);
            const listed = book.isListed(order.hashed_id);
            if (snapshot(order) !== before.text) expect(listed).toBe(true);
            if (action.do === 'pull' && listed) pulled = snapshot(order);
            if (before.listed && !listed) {
              expect(action.do === 'ack' || ('status' in action && action.status === 'synced')).toBe(true);
              if (ackMeaning === 'version') expect(pulled).toBe(snapshot(order));
            }
            expect(order.total_price).toBe(totalOf(order.order_details));
            expect(record.acknowledgedVersion).toBeLessThanOrEqual(record.version);
          }
          const sold = order.status.startsWith('cancelled')
            ? 0
            : order.order_details.reduce((sum, line) => sum + line.amount, 0);
          expect(catalogue.all().reduce((sum, product) => sum + product.stock, 0)).toBe(1000 - sold);
        },
      ),
      { numRuns: 400 },
    );
  });
});

function snapshot(order: ApiOrder): string {
  return JSON.stringify([order.status, order.order_details]);
}

/** A refusal is one of the outcomes; any other error fails the test. */
function perform(action: Step, book: OrderBook, retailers: RetailerSide, order: ApiOrder, otp: string | null): void {
  const id = order.hashed_id;
  const [line] = order.order_details;
  const edits = line ? [{ id: line.id, amount: line.amount + 1 }] : [];
  const actions: Record<Step['do'], () => unknown> = {
    supplier: () =>
      updateStatus(book, {
        hashed_id: id,
        status: 'status' in action ? action.status : '',
        cancellation_reason: 'out_of_stock',
        ...('otp' in action && action.otp && otp !== null ? { retailer_otp: otp } : {}),
      }),
    cartona: () => retailers.setStatus(id, 'status' in action ? (action.status as OrderStatus) : 'pending'),
    cancel: () => retailers.cancel(id),
    start: () => retailers.startEditing(id),
    finish: () => retailers.finishEditing(id, edits),
    edit: () => updateDetails(book, [{ hashed_id: id, order_details: edits }]),
    adminEdit: () => retailers.editByAdmin(id, edits),
    pull: () => book.pull({ page: 1, perPage: 100 }),
    ack: () => updateStatus(book, { hashed_id: id, status: 'synced' }),
  };
  try {
    actions[action.do]();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
