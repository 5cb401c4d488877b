import { Flags } from '@oclif/core';
import { shown } from '../common/money.js';
import type { Failure, FailureFilter, FailureKind } from '../live/failures.js';
import { durationOf } from './instants.js';
import { localTime } from './numbers.js';
import type { Cell } from './table.js';

/** What `failures` and `failures retry` choose by. */
export const failureFilters = {
  kind: Flags.option({ summary: 'Only this kind.', options: ['price', 'stock', 'order_state', 'order'] as const })(),
  product: Flags.string({ summary: 'Only of this product (Cartona id, Odoo id, internal reference or barcode); may be repeated.', multiple: true }),
  order: Flags.string({ summary: "Only of this order (Cartona's id, or the name in Odoo); may be repeated.", multiple: true }),
  older: Flags.string({ summary: 'Only those that began so long ago, as 2h or 3d.' }),
};

export interface FailureFlags {
  readonly kind?: FailureKind | undefined;
  readonly product?: string[] | undefined;
  readonly order?: string[] | undefined;
  readonly older?: string | undefined;
}

export const failureFilter = ({ kind, product, order, older }: FailureFlags, now: number): FailureFilter => ({
  kind, products: product, orders: order, before: older === undefined ? undefined : now - durationOf(older),
});

/** A failure as programs get it: instants in ISO 8601, absent values null. */
export interface ShownFailure {
  readonly id: string;
  readonly kind: FailureKind;
  readonly state: Failure['state'];
  readonly name: string | null;
  readonly from: string | null;
  readonly wanted: string | null;
  readonly reason: string | null;
  readonly since: string | null;
  readonly attempts: number | null;
  readonly nextTry: string | null;
}

export function shownFailure(failure: Failure, names: ReadonlyMap<number, string>): ShownFailure {
  const text = (value: string | undefined): string | null => (value === undefined ? null : failure.kind === 'price' ? shown(value) : value);
  const instant = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const ofProduct = failure.kind === 'price' || failure.kind === 'stock';
  return {
    id: failure.id,
    kind: failure.kind,
    state: failure.state,
    name: (ofProduct && failure.odooId !== undefined ? names.get(failure.odooId) : undefined) ?? null,
    from: text(failure.from),
    wanted: text(failure.wanted),
    reason: failure.reason ?? null,
    since: instant(failure.since),
    attempts: failure.attempts ?? null,
    nextTry: instant(failure.nextAt),
  };
}

export const FAILURE_HEAD = ['Id', 'What', 'State', 'Old', 'New', 'Since', 'Tries', 'Next try', 'Reason'] as const;

export const failureRow = (one: ShownFailure): Cell[] => [one.id, one.name, one.state.replace('_', ' '), one.from, one.wanted, time(one.since), one.attempts, time(one.nextTry), one.reason];

const time = (iso: string | null): string | undefined => (iso === null ? undefined : localTime(Date.parse(iso)));
