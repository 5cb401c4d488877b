import type { Session } from '../session.js';
import type { AuditEntry, CatalogFlow, Delivery } from '../store/store.js';
import { ofProducts } from './product-filter.js';

/** A value beyond the brake's bounds, which waits for a yes. */
export interface BrakedValue {
  readonly flow: CatalogFlow;
  readonly key: string;
  readonly odooId: number;
  readonly from: string | undefined;
  readonly wanted: string;
  readonly reason: string | undefined;
  /** UTC ms. */
  readonly since: number | undefined;
}

export interface BrakeFilter {
  readonly flow?: CatalogFlow | undefined;
  readonly products?: readonly string[] | undefined;
}

/** What the brake holds, oldest first. @throws CartonaError `usage` for a product that nobody knows */
export async function brakedValues(session: Session, filter: BrakeFilter): Promise<BrakedValue[]> {
  const flows: readonly CatalogFlow[] = filter.flow === undefined ? ['price', 'stock'] : [filter.flow];
  const all: BrakedValue[] = [];
  for (const flow of flows) {
    const held = (await session.store.deliveries.undelivered(flow)).filter((row) => row.outcome === 'braked');
    all.push(...held.map((row) => braked(flow, row)));
  }
  return filter.products === undefined ? all : ofProducts(session, all, filter.products);
}

const braked = (flow: CatalogFlow, row: Delivery): BrakedValue => ({
  flow,
  key: row.key,
  odooId: row.odooId,
  from: row.delivered,
  wanted: row.wanted,
  reason: row.reason,
  since: row.failingSince,
});

/**
 * Lets just these values pass. @returns how many; one that became another value meanwhile waits for a yes of its own
 */
export const approve = (session: Session, values: readonly BrakedValue[], by: string): Promise<number> =>
  decide(session, values, 'approve', by, (flow, own) =>
    session.store.deliveries.approve(flow, own.map(pair), session.now()),
  );

/** Drops just these values: they are not sent, until Odoo says something else. @returns how many */
export const reject = (session: Session, values: readonly BrakedValue[], by: string): Promise<number> =>
  decide(session, values, 'reject', by, (flow, own) =>
    session.store.deliveries.discard(flow, own.map(pair), `the brake held it and ${by} said no`),
  );

const pair = ({ key, wanted }: BrakedValue): { key: string; wanted: string } => ({ key, wanted });

const DONE = { approve: 'approved', reject: 'rejected' } as const;

async function decide(
  session: Session,
  values: readonly BrakedValue[],
  action: 'approve' | 'reject',
  by: string,
  apply: (flow: CatalogFlow, own: readonly BrakedValue[]) => Promise<number>,
): Promise<number> {
  let count = 0;
  for (const flow of ['price', 'stock'] as const) {
    const own = values.filter((value) => value.flow === flow);
    if (own.length > 0) count += await apply(flow, own);
  }
  const at = session.now();
  await session.store.audit.write(
    values.map((value): AuditEntry => ({
      at,
      actor: action,
      system: 'cartona',
      action: `${action} ${value.flow}`,
      record: value.key,
      from: value.from,
      to: value.wanted,
      outcome: DONE[action],
      detail: `by ${by}`,
    })),
  );
  return count;
}
