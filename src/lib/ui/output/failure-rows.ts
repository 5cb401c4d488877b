import { Flags } from '@oclif/core';
import { formatAmount } from '../../common/money.js';
import type { Failure, FailureFilter, FailureKind } from '../../operations/failures.js';
import { durationOf } from './instants.js';
import { localTime } from './local-time.js';
import type { Cell } from './table.js';

/** What `failures` and `failures retry` choose by. */
export const failureFilters = {
  kind: Flags.option({ summary: 'Only this kind.', options: ['price', 'stock', 'order_state', 'order'] as const })(),
  product: Flags.string({
    summary: 'Only of this product (Cartona id, Odoo id, internal reference or barcode); may be repeated.',
    multiple: true,
  }),
  order: Flags.string({
    summary: "Only of this order (Cartona's id, or the name in Odoo); may be repeated.",
    multiple: true,
  }),
  older: Flags.string({ summary: 'Only those that began so long ago, as 2h or 3d.' }),
};

export interface FailureFlags {
  readonly kind?: FailureKind | undefined;
  readonly product?: string[] | undefined;
  readonly order?: string[] | undefined;
  readonly older?: string | undefined;
}

export const failureFilter = ({ kind, product, order, older }: FailureFlags, now: number): FailureFilter => ({
  kind,
  products: product,
  orders: order,
  before: older === undefined ? undefined : now - durationOf(older),
});

/** A failure as programs get it: instants in ISO 8601, absent values null. */
export interface ShownFailure {
  readonly id: string;
  readonly kind: FailureKind;
  readonly state: Failure['state'];
  /** The product's name, or the order's retailer and name in Odoo. */
  readonly name: string | null;
  readonly from: string | null;
  readonly wanted: string | null;
  readonly reason: string | null;
  readonly since: string | null;
  readonly attempts: number | null;
  readonly nextTry: string | null;
  /** What a person does about it; `null` while it is tried again by itself. */
  readonly next: string | null;
}

/** What a person does about a failure that stands so. `id` and `key` may be placeholders for several. */
export function nextStep(state: Failure['state'], id: string, key: string): string | null {
  switch (state) {
    case 'retrying':
      return null;
    case 'held':
      return `mend what the reason names; every pull tries it again, and a running service soon after \`cartona failures retry ${id}\`. \`cartona orders show ${key}\` shows the order, \`cartona orders status ${key} cancelled_by_supplier\` cancels it`;
    case 'awaiting_otp':
      return `\`cartona orders deliver ${key} --otp CODE\` with the retailer's code`;
    case 'rejected':
    case 'given_up':
      return `mend the cause, then \`cartona failures retry ${id}\`; or give it up with \`cartona failures discard ${id}\``;
    case 'discarded':
      return `nothing; \`cartona failures retry ${id}\` has it sent after all`;
  }
}

export function shownFailure(failure: Failure, names: ReadonlyMap<string, string>): ShownFailure {
  const text = (value: string | undefined): string | null =>
    value === undefined ? null : failure.kind === 'price' ? formatAmount(value) : value;
  const instant = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  return {
    id: failure.id,
    kind: failure.kind,
    state: failure.state,
    name: names.get(failure.id) ?? null,
    from: text(failure.from),
    wanted: text(failure.wanted),
    reason: failure.reason ?? null,
    since: instant(failure.since),
    attempts: failure.attempts ?? null,
    nextTry: instant(failure.nextAt),
    next: nextStep(failure.state, failure.id, failure.key),
  };
}

export const FAILURE_HEAD = ['Id', 'What', 'State', 'Old', 'New', 'Since', 'Tries', 'Next try'] as const;

export const failureRow = (one: ShownFailure): Cell[] => [
  one.id,
  one.name,
  one.state.replace('_', ' '),
  one.from,
  one.wanted,
  time(one.since),
  one.attempts,
  time(one.nextTry),
];

/** Under the table: what to do about those that wait for a person, once for each way in which they stand. */
export function nextSteps(failures: readonly ShownFailure[]): string[] {
  return [...new Set(failures.map(({ state }) => state))].flatMap((state) => {
    const step = state === 'discarded' ? null : nextStep(state, 'ID', 'ORDER');
    return step === null ? [] : [`${state.replace('_', ' ')}: ${step}.`];
  });
}

const time = (iso: string | null): string | undefined => (iso === null ? undefined : localTime(Date.parse(iso)));
