import type { Random } from '../../random.js';
import type { ApiOrder, OrderStatus } from '../../supplier/supplier-types.js';
import type { Market } from '../market.js';
import type { OrderRecord } from './order-book.js';
import { Refusal } from '../refusal.js';

/** Only the last orders are touched: retailers have forgotten the others, and a long run does not search them all. */
const RECENT = 50;

/**
 * One act of some retailer: saves an edit that was begun, else places, begins to edit, or cancels. Nothing where
 * nothing can be done.
 */
export function actOnce({ book, retailers }: Pick<Market, 'book' | 'retailers'>, random: Random): void {
  const recent = [...book.all()].slice(-RECENT);
  const draw = random.next();
  const edited = recent.find(({ order }) => order.status === 'editing');
  try {
    if (edited !== undefined && draw < 0.5) return saveEdit(edited);
    if (draw < 0.75) return void retailers.place();
    const chosen = standing(recent, draw < 0.9 ? ['pending'] : ['pending', 'approved']);
    if (chosen === undefined) return void retailers.place();
    return draw < 0.9 ? retailers.startEditing(chosen.hashed_id) : retailers.cancel(chosen.hashed_id, 'delayed_order');
  } catch (error) {
    // Such as: everything is sold out.
    if (!(error instanceof Refusal)) throw error;
  }

  function saveEdit({ order }: OrderRecord): void {
    const lines = order.order_details
      .slice(0, 1)
      .map(({ id, amount }) => ({ id, amount: Math.max(1, amount + random.pick([-1, 1, 2])) }));
    retailers.finishEditing(order.hashed_id, lines);
  }

  function standing(records: readonly OrderRecord[], statuses: readonly OrderStatus[]): ApiOrder | undefined {
    const fitting = records.filter(({ order }) => statuses.includes(order.status));
    return fitting.length === 0 ? undefined : random.pick(fitting).order;
  }
}

/**
 * Lets about so many acts happen in a minute, at irregular distances; 0 or less: none.
 * @returns what ends it
 */
export function startActivity(
  market: Pick<Market, 'book' | 'retailers'>,
  random: Random,
  perMinute: number,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = setTimeout(
      () => {
        actOnce(market, random);
        next();
      },
      (60_000 / perMinute) * (0.5 + random.next()),
    );
  };
  if (perMinute > 0) next();
  return () => clearTimeout(timer);
}
