import type { Session } from '../../session.js';
import type { DeliveryOutcome, Flow } from '../../store/store.js';
import type { RemoteName } from '../../operations/runtime-state.js';
import type { ReceiverStats } from '../webhooks/receiver.js';
import { readStatus } from '../../operations/status.js';

export interface MetricsOptions {
  readonly session: Session;
  readonly remotes: () => Readonly<Record<RemoteName, 'up' | 'down' | 'refused'>>;
  /** Counters of the webhook receiver; absent before it listens. */
  readonly receiver: () => ReceiverStats | undefined;
}

/** What the service measures of itself, for Prometheus. No label holds a product, an order, an address or a secret. */
export interface Metrics {
  /** Cartona confirmed values. @param seconds from noticing a change to this, where something was noticed */
  delivered(flow: Flow, count: number, seconds?: number): void;
  /** How attempts ended otherwise. */
  outcome(flow: Flow, outcome: Exclude<DeliveryOutcome, 'delivered'>, count: number): void;
  /** A request to the other side failed. @param kind the error's */
  remoteError(remote: RemoteName, kind: string): void;
  /** A look at what changed in Odoo. */
  polled(seconds: number): void;
  /** A walk over the whole catalogue. @param found values that the listener had missed */
  swept(seconds: number, variants: number, found: number): void;
  /** The text that Prometheus reads, and its content type. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Fine below a second, which is what is promised; coarse up to a long outage. */
const LATENCY_BUCKETS = [0.05, 0.1, 0.2, 0.4, 0.7, 1, 2, 5, 15, 60, 300, 1800, 7200];
const POLL_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export async function createMetrics(options: MetricsOptions): Promise<Metrics> {
  const { default: prom } = await import('prom-client');
  const registry = new prom.Registry();
  // The default of 10 ms would wake an idle process a hundred times a second.
  prom.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const registers = [registry];
  const latency = new prom.Histogram({
    name: 'cartona_sync_latency_seconds',
    help: 'From noticing a change to its confirmation',
    labelNames: ['flow'] as const,
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const outcomes = new prom.Counter({
    name: 'cartona_deliveries_total',
    help: 'Attempts to deliver a value, by how they ended',
    labelNames: ['flow', 'outcome'] as const,
    registers,
  });
  const errors = new prom.Counter({
    name: 'cartona_remote_errors_total',
    help: 'Requests to the other sides that failed',
    labelNames: ['remote', 'kind'] as const,
    registers,
  });
  const poll = new prom.Histogram({
    name: 'cartona_poll_seconds',
    help: 'Time of a look at what changed in Odoo',
    buckets: POLL_BUCKETS,
    registers,
  });
  const sweep = new prom.Gauge({
    name: 'cartona_sweep_seconds',
    help: 'Time of the last walk over the whole catalogue',
    registers,
  });
  const sweepVariants = new prom.Gauge({
    name: 'cartona_sweep_variants',
    help: 'Products of the last walk',
    registers,
  });
  const sweepFound = new prom.Counter({
    name: 'cartona_sweep_found_total',
    help: 'Values that a walk found and the listener had missed',
    registers,
  });
  const states = stateGauges(prom, registers);
  return {
    delivered(flow, count, seconds) {
      outcomes.inc({ flow, outcome: 'delivered' }, count);
      if (seconds !== undefined) latency.observe({ flow }, seconds);
    },
    outcome: (flow, outcome, count) => outcomes.inc({ flow, outcome }, count),
    remoteError: (remote, kind) => errors.inc({ remote, kind }),
    polled: (seconds) => poll.observe(seconds),
    swept(seconds, variants, found) {
      sweep.set(seconds);
      sweepVariants.set(variants);
      sweepFound.inc(found);
    },
    async text() {
      await states.read(options);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** What stands in the rows and elsewhere is read when it is asked for. */
function stateGauges(prom: typeof import('prom-client'), registers: import('prom-client').Registry[]) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): import('prom-client').Gauge<L> =>
    new prom.Gauge({ name, help, labelNames, registers });
  const live = gauge('cartona_live', '1 while the profile may send');
  const queue = gauge(
    'cartona_queue_depth',
    'What is not delivered, by flow and how it stands; for events and orders, what is not worked off',
    'flow',
    'state',
  );
  const oldest = gauge('cartona_oldest_seconds', 'Age of the oldest thing that is not delivered', 'flow', 'state');
  const lag = gauge(
    'cartona_lag_seconds',
    'Time that the last values took from being noticed to being confirmed',
    'flow',
  );
  const success = gauge('cartona_last_success_timestamp_seconds', 'When it last succeeded', 'flow');
  const breaker = gauge('cartona_remote_state', '1 for the state that the other side is in', 'remote', 'state');
  const webhooks = new prom.Counter({
    name: 'cartona_webhook_requests_total',
    help: 'Webhook events taken and known already, hints, and requests refused',
    labelNames: ['result'] as const,
    registers,
  });

  return {
    async read({ session, remotes, receiver }: MetricsOptions): Promise<void> {
      const { now, runtime, deliveries, events, orders } = await readStatus(session);
      const waits = (flow: string, state: string, count: number, since: number | undefined): void => {
        queue.set({ flow, state }, count);
        if (since !== undefined) oldest.set({ flow, state }, Math.max(0, now - since) / 1000);
      };
      queue.reset();
      oldest.reset();
      for (const [flow, outcomes] of Object.entries(deliveries)) {
        waits(flow, 'failed', 0, undefined);
        for (const [outcome, { count, oldest: since }] of Object.entries(outcomes))
          if (outcome !== 'delivered') waits(flow, outcome, count, since);
      }
      waits('events', 'waiting', events.count, events.oldest);
      for (const [phase, { count, oldest: since }] of Object.entries(orders)) waits('orders', phase, count, since);
      live.set(runtime.live === undefined ? 0 : 1);
      for (const [flow, entry] of Object.entries(runtime.lag)) if (entry) lag.set({ flow }, entry.ms / 1000);
      for (const [flow, at] of Object.entries(runtime.success)) success.set({ flow }, at / 1000);
      for (const [remote, state] of Object.entries(remotes()))
        for (const one of ['up', 'down', 'refused']) breaker.set({ remote, state: one }, one === state ? 1 : 0);
      webhooks.reset();
      const stats = receiver();
      if (!stats) return;
      webhooks.inc({ result: 'accepted' }, stats.accepted);
      webhooks.inc({ result: 'repeat' }, stats.repeats);
      webhooks.inc({ result: 'hint' }, stats.hints);
      for (const [reason, count] of Object.entries(stats.refused))
        webhooks.inc({ result: `refused_${reason.replaceAll('-', '_')}` }, count);
    },
  };
}
