import { ORDER_STATUSES, type OrderStatus } from '../cartona/schemas.js';

/**
 * Cartona's order cycle: what may follow on each status, and who brings it about. Nothing follows on the final ones;
 * while the retailer edits, the supplier can do nothing.
 */
const CYCLE: Readonly<Record<OrderStatus, Readonly<Partial<Record<OrderStatus, 'supplier' | 'retailer'>>>>> = {
  pending: {
    editing: 'retailer',
    approved: 'supplier',
    cancelled_by_retailer: 'retailer',
    cancelled_by_supplier: 'supplier',
  },
  editing: { pending: 'retailer' },
  approved: {
    assigned_to_salesman: 'supplier',
    delivered: 'supplier',
    cancelled_by_retailer: 'retailer',
    cancelled_by_supplier: 'supplier',
  },
  assigned_to_salesman: { delivered: 'supplier', cancelled_by_supplier: 'supplier', returned: 'supplier' },
  delivered: {},
  cancelled_by_retailer: {},
  cancelled_by_supplier: {},
  returned: {},
};

/** The states that a push may set on the single path. */
export type SettableStatus = 'pending' | 'approved' | 'assigned_to_salesman' | 'delivered' | 'cancelled_by_supplier';

/** The states that a person may set there: a push never says that an order came back. */
export type SupplierStatus = SettableStatus | 'returned';

const nextOf = (status: OrderStatus): readonly OrderStatus[] => Object.keys(CYCLE[status]) as OrderStatus[];

const isSupplierStatus = (status: OrderStatus): status is SupplierStatus =>
  status !== 'editing' && status !== 'cancelled_by_retailer';

/** What the supplier may set next. */
export const supplierSteps = (status: OrderStatus): readonly SupplierStatus[] =>
  nextOf(status)
    .filter((next) => CYCLE[status][next] === 'supplier')
    .filter(isSupplierStatus);

/** Every status that can come after one, however many steps later. */
const AFTER: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ORDER_STATUSES.map((status) => [status, reachable(status)]),
);

function reachable(status: OrderStatus): Set<OrderStatus> {
  const reached = new Set<OrderStatus>();
  const open = [...nextOf(status)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...nextOf(next));
  }
  return reached;
}

/** Whether the cycle leads from one status to the other, however many steps later; an unknown status leads nowhere. */
export const leadsTo = (earlier: string, later: string): boolean => AFTER.get(earlier)?.has(later) === true;

/** Whether nothing follows on a status; an unknown one is not final. */
export const isFinal = (status: string): boolean => AFTER.get(status)?.size === 0;

/** The order came to nothing: its content does not matter any more. */
export const isOver = (status: OrderStatus): boolean => isFinal(status) && status !== 'delivered';
