import type { RuntimeState, RemoteEntry } from '../lib/operations/runtime-state.js';
import type { SyncStatus } from '../lib/operations/status.js';
import type { HealthProblem } from '../lib/operations/health-checks.js';
import type { Alert } from '../lib/store/store.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { duration, grouped } from '../lib/common/words.js';
import { localTime } from '../lib/ui/output/local-time.js';
import type { Cell } from '../lib/ui/output/table.js';

const FLOW_NAMES = {
  tail: 'changes in Odoo',
  sweep: 'whole catalogue',
  price: 'prices',
  stock: 'stock',
  orders_pull: "Cartona's orders",
  order_state: 'order states',
} as const;

interface Status {
  readonly service: {
    readonly state: SyncStatus['service'];
    readonly pid: number | null;
    readonly host: string | null;
    readonly url: string | null;
    readonly since: string | null;
    readonly version: string | null;
  };
  readonly live: { readonly since: string; readonly by: string } | null;
  readonly remotes: Readonly<
    Record<
      'cartona' | 'odoo',
      { readonly state: RemoteEntry['state']; readonly since: string; readonly reason: string | null } | null
    >
  >;
  readonly lastSuccess: Readonly<Partial<Record<keyof typeof FLOW_NAMES, string>>>;
  readonly lagMs: { readonly price: number | null; readonly stock: number | null };
  readonly waiting: Pick<SyncStatus, 'deliveries' | 'orders' | 'awaitingOtp' | 'events' | 'unreadable'>;
  readonly troubles: readonly HealthProblem[];
  readonly alerts: readonly {
    readonly cause: string;
    readonly reason: string;
    readonly since: string;
    readonly told: string | null;
  }[];
}

export default class StatusCommand extends BaseCommand<typeof StatusCommand> {
  static override summary = 'Show whether the service runs, how far it is, and what waits and why.';
  static override description = `Reads what the service has left behind; asks neither side. Exit code 0 when all is well, 3 when something waits for a
person (the brake, failures, held orders, a code), 4 when a side refuses the credentials, 5 when a side is away, the service is late or does not run although it is live.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
    '<%= config.bin %> <%= command.id %> --quiet || echo look',
  ];
  static override flags = {};

  async run(): Promise<Status> {
    return this.withSession(async (session) => {
      const [{ readStatus }, { checkHealth }] = await Promise.all([
        import('../lib/operations/status.js'),
        import('../lib/operations/health-checks.js'),
      ]);
      const status = await readStatus(session);
      const troubles = checkHealth(status, session.profile);
      const alerts = await session.store.alerts.list();
      await this.show(status, troubles, alerts);
      if (this.flags.quiet) for (const { reason } of troubles) this.warn(reason);
      if (troubles.some(({ needs }) => needs === 'credentials')) this.endAs('credentials');
      else if (troubles.some(({ needs }) => needs === 'operator')) this.endAs('unreachable');
      else if (troubles.length > 0) this.endPartial();
      return statusOf(status, troubles, alerts);
    });
  }

  private async show(status: SyncStatus, troubles: readonly HealthProblem[], alerts: readonly Alert[]): Promise<void> {
    const { runtime, now } = status;
    // What a service that is no more last knew of the other sides.
    const then = status.service === 'running' ? '' : ', as the service last knew';
    this.say(`Service   ${serviceLine(status)}`);
    this.say(`Sending   ${liveLine(runtime)}`);
    this.say(`Cartona   ${remoteLine(runtime, 'cartona', now, then)}`);
    this.say(`Odoo      ${remoteLine(runtime, 'odoo', now, then)}`);
    this.say();
    const successes = Object.entries(FLOW_NAMES).map(([flow, name]): Cell[] => {
      const at = runtime.success[flow as keyof typeof FLOW_NAMES];
      const lag = flow === 'price' || flow === 'stock' ? runtime.lag[flow] : undefined;
      return [
        name,
        at === undefined
          ? neverLine(flow as keyof typeof FLOW_NAMES, status)
          : `${localTime(at)} (${duration(now - at)} ago)`,
        lag && `${(lag.ms / 1000).toFixed(2)} s`,
      ];
    });
    await this.table(['Flow', 'Last success', 'Lag'], successes);
    const waiting = waitingRows(status);
    if (waiting.length > 0) {
      this.say();
      await this.table(['Not through yet', 'How it stands', 'Number', 'Oldest'], waiting);
    }
    this.say();
    if (troubles.length === 0) this.say(runtime.live === undefined ? notLiveLine(status) : 'All is well.');
    else for (const { reason } of troubles) this.say(`! ${reason}`);
    const told = alerts.filter(({ toldAt }) => toldAt !== undefined);
    if (told.length > 0) this.say(`Alerts told and open: ${told.map(({ cause }) => cause).join(', ')}.`);
  }
}

function serviceLine({ service, runtime, now }: SyncStatus): string {
  const entry = runtime.service;
  if (!entry) return 'does not run';
  const where = `process ${entry.pid} on ${entry.host}`;
  if (service === 'gone') return `is gone (${where}, last heard of ${duration(now - entry.beatAt)} ago)`;
  if (service === 'silent') return `is silent for ${duration(now - entry.beatAt)} (${where})`;
  return `runs since ${localTime(entry.since)} (${where}, ${entry.url}, version ${entry.version})`;
}

const liveLine = ({ live, reviewed }: RuntimeState): string => {
  if (live) return `live since ${localTime(live.since)} (${live.by})`;
  return reviewed.price && reviewed.stock
    ? 'not yet: reviewed, `cartona go-live` starts it'
    : 'not yet: `cartona sync prices --dry-run`, `cartona sync stock --dry-run`, then `cartona go-live`';
};

/** Which tasks cannot succeed without an answer of that side. */
const ASKED = {
  cartona: ['price', 'stock', 'orders_pull', 'order_state'],
  odoo: ['price', 'stock', 'order_state'],
} as const;

/** Without a service nobody watches the sides; a command that succeeded had their answers. */
function remoteLine({ remote, success }: RuntimeState, side: 'cartona' | 'odoo', now: number, then: string): string {
  const entry = remote[side];
  const answered = Math.max(...ASKED[side].map((task) => success[task] ?? -Infinity));
  if (answered > (entry?.since ?? -Infinity) && then !== '') return `answered ${duration(now - answered)} ago`;
  if (!entry) return 'not known';
  const word = { up: 'up', down: 'away', refused: 'refuses the credentials' }[entry.state];
  return `${word} for ${duration(now - entry.since)}${then}${entry.state === 'up' || entry.reason === undefined ? '' : `: ${entry.reason}`}`;
}

/** What only the service does is no omission where commands do the rest. */
const neverLine = (task: keyof typeof FLOW_NAMES, { service }: SyncStatus): string =>
  service === 'stopped' && (task === 'tail' || task === 'sweep') ? 'done by `cartona serve` alone' : 'never';

function notLiveLine({ events }: SyncStatus): string {
  const waiting = events.count === 0 ? '' : ` ${grouped(events.count)} webhook events wait for \`cartona go-live\`.`;
  return `Nothing is wrong, and nothing is sent yet.${waiting}`;
}

function waitingRows({ deliveries, events, orders, now }: SyncStatus): Cell[][] {
  const rows: Cell[][] = [];
  const add = (what: string, how: string, one: { count: number; oldest: number | undefined } | undefined): void => {
    if (one && one.count > 0)
      rows.push([what, how, grouped(one.count), one.oldest === undefined ? undefined : duration(now - one.oldest)]);
  };
  const names = { price: 'prices', stock: 'stock', order_state: 'order states' };
  for (const [flow, name] of Object.entries(names)) {
    for (const [outcome, one] of Object.entries(deliveries[flow as keyof typeof names])) {
      if (outcome !== 'delivered')
        add(
          name,
          outcome === 'failed' ? 'tried again' : outcome === 'braked' ? 'held by the brake' : outcome.replace('_', ' '),
          one,
        );
    }
  }
  add('webhook events', 'waiting', events);
  for (const [phase, one] of Object.entries(orders))
    add('orders', phase === 'applied' ? 'not acknowledged' : phase, one);
  return rows;
}

function statusOf(
  { service, runtime, deliveries, orders, awaitingOtp, events, unreadable }: SyncStatus,
  troubles: readonly HealthProblem[],
  alerts: readonly Alert[],
): Status {
  const iso = (at: number): string => new Date(at).toISOString();
  const remote = (entry: RemoteEntry | undefined): Status['remotes']['odoo'] =>
    entry ? { state: entry.state, since: iso(entry.since), reason: entry.reason ?? null } : null;
  const entry = runtime.service;
  return {
    service: {
      state: service,
      pid: entry?.pid ?? null,
      host: entry?.host ?? null,
      url: entry?.url ?? null,
      since: entry ? iso(entry.since) : null,
      version: entry?.version ?? null,
    },
    live: runtime.live ? { since: iso(runtime.live.since), by: runtime.live.by } : null,
    remotes: { cartona: remote(runtime.remote.cartona), odoo: remote(runtime.remote.odoo) },
    lastSuccess: Object.fromEntries(Object.entries(runtime.success).map(([flow, at]) => [flow, iso(at)])),
    lagMs: { price: runtime.lag.price?.ms ?? null, stock: runtime.lag.stock?.ms ?? null },
    waiting: { deliveries, orders, awaitingOtp, events, unreadable },
    troubles,
    alerts: alerts.map(({ cause, reason, since, toldAt }) => ({
      cause,
      reason,
      since: iso(since),
      told: toldAt === undefined ? null : iso(toldAt),
    })),
  };
}
