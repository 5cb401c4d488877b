import type { CartonaOrder } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { AuditEntry, InboxOrder } from '../../store/store.js';
import type { LineTerms } from './order-lines.js';

/** The job that brings orders to Odoo: the name of its lease, and its actor in the audit trail. */
export const PULL_JOB = 'orders pull';

/** What a batch of orders shares. */
export interface ImportContext {
  readonly session: Session;
  /** For the audit trail. */
  readonly actor: string;
  readonly terms: LineTerms;
}

/** One order to bring over. */
export interface ImportItem {
  readonly row: InboxOrder;
  readonly order: CartonaOrder;
  /** Odoo got it in this run, as `order` says. */
  readonly created: boolean;
}

/** An order that Odoo holds as Cartona tells it, after this run. */
export interface AppliedOrder {
  readonly hashedId: string;
  /** Empty: it was cancelled before it could be made in Odoo. */
  readonly odooName: string;
  /** Cartona's status. */
  readonly status: string;
  /**
   * What was done in Odoo: `created`, `changed`, `confirm`, `deliver`, `lock`, `unlock`, `cancel`; empty when nothing
   * had to be.
   */
  readonly done: readonly string[];
  /** EGP. */
  readonly cartonaTotal: string;
  /** In the order's own currency. */
  readonly odooTotal: string;
  /** What a person should know although the order stands, as a total that differs. */
  readonly differences: readonly string[];
}

/** What became of one order. */
export type ImportResult =
  | { readonly kind: 'applied'; readonly row: InboxOrder; readonly applied: AppliedOrder }
  | { readonly kind: 'held'; readonly row: InboxOrder; readonly reason: string };

/** Why an order waits. */
export interface Held {
  readonly kind: 'held';
  readonly reason: string;
}

/** Keeps an order for a person, or until its reason is gone. It is tried again at every pull. */
export async function hold(
  session: Session,
  row: InboxOrder,
  reason: string,
  known: Partial<Pick<InboxOrder, 'odooId' | 'odooName'>> = {},
): Promise<ImportResult> {
  await session.store.inbox.update(row.hashedId, { phase: 'held', reason, ...known });
  return { kind: 'held', row: { ...row, ...known }, reason };
}

/** Writes into the audit trail what was done to an order in Odoo. */
export async function auditOdoo(
  { session, actor }: ImportContext,
  hashedId: string,
  action: string,
  entry: Pick<AuditEntry, 'outcome'> & Partial<AuditEntry>,
): Promise<void> {
  await session.store.audit.write([{ at: session.now(), actor, system: 'odoo', action, record: hashedId, ...entry }]);
}
