import { counted, duration } from '../common/words.js';
import type { Profile } from '../settings/profile.js';
import type { Flow } from '../store/store.js';
import type { RemoteEntry } from './runtime-state.js';
import type { SyncStatus } from './status.js';
import { sweepPeriodMs } from '../catalog/sweep-period.js';

/** Something that keeps the sides from being equal. `cause` names it, however its numbers change. */
export interface HealthProblem {
  readonly cause: string;
  /** In plain words, with what mends it. */
  readonly reason: string;
  /** Who or what can mend it: a person who decides, whoever runs the machines, or other credentials. */
  readonly needs: 'person' | 'operator' | 'credentials';
}

const MINUTE_MS = 60_000;
/** What is worked off at once by rights; later, something stands still. */
const STUCK_MS = 5 * MINUTE_MS;
/** A value that is tried again and again for so long is worth a look, though nobody must act yet. */
const RETRYING_MS = 15 * MINUTE_MS;
/** A stray request is no news; a sender that is refused again and again is. */
const REFUSED_WEBHOOKS = 5;

const WHAT: Readonly<Record<Flow, string>> = { price: 'price', stock: 'stock value', order_state: 'order state' };

/** What is wrong, in the order of its weight; empty when all is well. */
export function checkHealth(status: SyncStatus, profile: Pick<Profile, 'serve'>): HealthProblem[] {
  return [
    ...serviceProblems(status),
    ...remoteProblems(status),
    ...lateProblems(status, profile),
    ...waitingProblems(status),
    ...unreadableProblems(status),
    ...webhookProblems(status),
  ];
}

function serviceProblems({ runtime, service, now }: SyncStatus): HealthProblem[] {
  if (runtime.live === undefined || service === 'running') return [];
  const reason = {
    stopped: 'the service does not run although the profile is live; start it with `cartona serve`',
    gone: `the service (process ${runtime.service?.pid ?? '?'} on ${runtime.service?.host ?? '?'}) is gone without having been stopped; start it again and look into its log`,
    silent: `the service has not been heard of for ${duration(now - (runtime.service?.beatAt ?? now))}; look at process ${runtime.service?.pid ?? '?'} on ${runtime.service?.host ?? '?'}`,
  }[service];
  return [{ cause: 'service', reason, needs: 'operator' }];
}

function remoteProblems({ runtime, service }: SyncStatus): HealthProblem[] {
  // What a service that is no more last knew of them may long be otherwise.
  if (service !== 'running') return [];
  const of = (
    remote: 'cartona' | 'odoo',
    name: string,
    secret: string,
    entry: RemoteEntry | undefined,
  ): HealthProblem[] => {
    if (entry === undefined || entry.state === 'up') return [];
    const why =
      entry.reason === undefined ? '' : `: ${entry.reason.replace(/[;,] [^;,]*`cartona login`[^;,]*$|\.$/g, '')}`;
    return entry.state === 'refused'
      ? [
          {
            cause: `${remote}.refused`,
            reason: `${name} refuses ${secret}${why}; replace it with \`cartona login\`, the service then goes on by itself`,
            needs: 'credentials',
          },
        ]
      : [{ cause: `${remote}.down`, reason: `${name} cannot be worked with${why}`, needs: 'operator' }];
  };
  return [
    ...of('cartona', 'Cartona', 'the token', runtime.remote.cartona),
    ...of('odoo', 'Odoo', 'the key', runtime.remote.odoo),
  ];
}

/** What a running service should have done by now. While a side is away it cannot, and that is told already. */
function lateProblems(
  { runtime, service, now, events }: SyncStatus,
  { serve }: Pick<Profile, 'serve'>,
): HealthProblem[] {
  if (runtime.live === undefined || runtime.service === undefined || service !== 'running') return [];
  const from = Math.max(runtime.live.since, runtime.service.since);
  const away = (remote: RemoteEntry | undefined): boolean => remote !== undefined && remote.state !== 'up';
  const late = (cause: string, last: number | undefined, bound: number, what: string): HealthProblem[] => {
    // What a side's absence kept back may take its time after its return.
    const since = Math.max(from, last ?? 0, runtime.remote.odoo?.since ?? 0, runtime.remote.cartona?.since ?? 0);
    return now - since > bound
      ? [{ cause, reason: `${what} for ${duration(now - since)}; look into the service's log`, needs: 'operator' }]
      : [];
  };
  const backlog = late('events.backlog', events.oldest, STUCK_MS, 'webhook events have not been worked off');
  return [
    ...(away(runtime.remote.odoo)
      ? []
      : late('tail.late', runtime.success.tail, STUCK_MS, 'Odoo was not looked at for changes')),
    ...(away(runtime.remote.odoo) || away(runtime.remote.cartona)
      ? []
      : [
          ...late(
            'sweep.late',
            runtime.success.sweep,
            3 * sweepPeriodMs(serve.sweepMinutes, runtime.sweep?.variants ?? 0),
            'the whole catalogue was not compared',
          ),
          ...late(
            'orders.late',
            runtime.success.orders_pull,
            3 * serve.pullMinutes * MINUTE_MS + STUCK_MS,
            "Cartona's orders were not read",
          ),
          ...(events.count > 0 ? backlog : []),
        ]),
  ];
}

function waitingProblems({ deliveries, orders, awaitingOtp, now }: SyncStatus): HealthProblem[] {
  const found: HealthProblem[] = [];
  for (const flow of ['order_state', 'stock', 'price'] as const) {
    const { braked, rejected, given_up: givenUp, failed } = deliveries[flow];
    const failures = (rejected?.count ?? 0) + (givenUp?.count ?? 0) - (flow === 'order_state' ? awaitingOtp : 0);
    if (braked)
      found.push({
        cause: `brake.${flow}`,
        reason: `the brake holds ${counted(braked.count, WHAT[flow])}; see them with \`cartona approve\``,
        needs: 'person',
      });
    if (failures > 0)
      found.push({
        cause: `failures.${flow}`,
        reason: `${counted(failures, WHAT[flow])} did not get through; see \`cartona failures --kind ${flow}\``,
        needs: 'person',
      });
    if (failed?.oldest !== undefined && now - failed.oldest > RETRYING_MS) {
      found.push({
        cause: `retrying.${flow}`,
        reason: `a ${WHAT[flow]} has been failing for ${duration(now - failed.oldest)} and is tried again; see \`cartona failures --kind ${flow}\``,
        needs: 'operator',
      });
    }
  }
  const { held } = orders;
  if (held)
    found.unshift({
      cause: 'orders.held',
      reason: `${counted(held.count, 'order')} cannot be brought to Odoo; see \`cartona failures --kind order\``,
      needs: 'person',
    });
  if (awaitingOtp > 0)
    found.push({
      cause: 'orders.otp',
      reason: `${counted(awaitingOtp, 'order')} handed over in Odoo and awaiting the retailer's OTP; \`cartona orders deliver ID --otp CODE\``,
      needs: 'person',
    });
  return found;
}

/** So many unreadable fields are named; `status --json` has them all. */
const NAMED = 3;

function unreadableProblems({ unreadable }: SyncStatus): HealthProblem[] {
  if (unreadable.length === 0) return [];
  const named = unreadable.slice(0, NAMED).map(({ cartonaId, field, value }) => `${field} of ${cartonaId} is ${value}`);
  const others = unreadable.length > NAMED ? ` and ${unreadable.length - NAMED} more` : '';
  return [
    {
      cause: 'listing.unreadable',
      reason: `Cartona's listing cannot be read: ${named.join(', ')}${others}; correct it at Cartona, what depends on it waits for a yes until then`,
      needs: 'person',
    },
  ];
}

function webhookProblems({ runtime: { webhookHealth: health } }: SyncStatus): HealthProblem[] {
  if (health === undefined || health.refused < REFUSED_WEBHOOKS) return [];
  return [
    {
      cause: 'webhooks.refused',
      reason: `${health.refused} webhooks in a row were refused${health.reason === undefined ? '' : ` (${health.reason})`}; compare the token or signing secret with the one at Cartona`,
      needs: 'operator',
    },
  ];
}
