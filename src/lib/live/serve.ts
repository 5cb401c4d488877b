import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { clampFutureTimestamps, watchClock } from './clock.js';
import { info, type Log } from './events.js';
import { liveSince, recordRemote, recordServiceEnded } from '../operations/runtime-state.js';
import { registerHealth } from './health-routes.js';
import { WebhookHealth } from './webhooks/webhook-health.js';
import { retryForever } from './retry-forever.js';
import { createMetrics, type Metrics } from './metrics.js';
import { pause } from './wakeable-sleep.js';
import { startReceiver, type Receiver, type ReceiverEvent } from './webhooks/receiver.js';
import { Remotes } from './remotes/remotes.js';
import { Throttle } from './throttle.js';
import { Heartbeat, type ReloadedSecrets } from './heartbeat.js';
import { LiveWorker } from './worker.js';

const LIVE_CHECK_MS = 1000;
/** Of refused webhooks one for each reason is told in so long: whoever floods the service shall not flood its log. */
const REFUSALS_MS = 10_000;

export interface ServeOptions {
  /** Opened with `hardStop.signal`. */
  readonly session: Session;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Several services on one state, on purpose. */
  readonly shared: boolean;
  readonly log: Log;
  readonly onReady: (url: string, live: boolean) => void;
  /** The secrets as they stand now; asked at the start and now and then. */
  readonly reloadSecrets: () => Promise<ReloadedSecrets>;
  /** Raised by the service when what is under way takes longer than it may after it was asked to stop. */
  readonly hardStop: AbortController;
}

/**
 * Keeps both sides equal until it is asked to stop: takes webhooks, notices changes in Odoo, sweeps. It sends nothing
 * until somebody common yes (`cartona go-live`), and stops sending when that is taken back.
 * @param stopping raised to stop: intake ends, what is under way is finished within the set time
 * @throws CartonaError `busy` when another service runs on this state; `local` when it cannot listen
 */
export async function serve(options: ServeOptions, stopping: AbortSignal): Promise<void> {
  if (options.shared) return new Service(options, stopping).run();
  return withLease(options.session.store.leases, 'serve', undefined, () => new Service(options, stopping).run());
}

class Service {
  #since: number;
  readonly #remotes: Remotes;
  readonly #webhookHealth = new WebhookHealth();
  readonly #refusals = new Throttle(REFUSALS_MS);
  #metrics: Metrics | undefined;
  #receiver: Receiver | undefined;
  #work: LiveWorker | undefined;
  /** Ends the live work that is under way, so that it begins anew. */
  #workAnew: (() => void) | undefined;

  constructor(
    private readonly options: ServeOptions,
    private readonly stopping: AbortSignal,
  ) {
    const { session, log } = options;
    this.#since = session.now();
    this.#remotes = new Remotes({
      session,
      log,
      onChange: (remote, state) => {
        logFailure(recordRemote(session, remote, state), log);
        this.#work?.remoteChanged();
      },
      onError: (remote, kind) => this.#metrics?.remoteError(remote, kind),
    });
  }

  async run(): Promise<void> {
    const { session, log, onReady } = this.options;
    const metrics = await createMetrics({
      session,
      remotes: () => ({ cartona: this.#remotes.cartona.state.state, odoo: this.#remotes.odoo.state.state }),
      receiver: () => this.#receiver?.stats,
    });
    this.#metrics = metrics;
    const receiver = await this.#startReceiver(metrics);
    this.#receiver = receiver;
    const deadline = this.#deadline();
    try {
      for (const remote of ['cartona', 'odoo'] as const)
        await recordRemote(session, remote, this.#remotes[remote].state);
      const heartbeat = new Heartbeat({
        ...this.options,
        remotes: this.#remotes,
        receiver,
        webhookHealth: this.#webhookHealth,
        since: () => this.#since,
      });
      await heartbeat.beat();
      onReady(receiver.url, (await liveSince(session)) !== undefined);
      await Promise.all([
        this.#closeReceiver(receiver),
        this.#remotes.cartona.watch(this.stopping),
        this.#remotes.odoo.watch(this.stopping),
        heartbeat.run(this.stopping),
        this.#workWhileLive(metrics),
        this.#watchClock(heartbeat),
      ]);
      log(info('stop', 'Stopped.'));
    } finally {
      deadline.clear();
      await receiver.close(0);
      await recordServiceEnded(session);
    }
  }

  async #startReceiver(metrics: Metrics): Promise<Receiver> {
    const { session, host, port, reloadSecrets } = this.options;
    const { webhooks } = await reloadSecrets();
    return startReceiver({
      host,
      port,
      ...webhooks,
      settings: session.profile.webhooks,
      keep: (events) => session.store.events.keep(events, session.now()),
      onKept: () => this.#work?.eventsKept(),
      onHint: (hint) => this.#work?.hinted(hint),
      extraRoutes: (app) => registerHealth(app, { session, metrics, since: () => this.#since }),
      log: (event) => {
        this.#webhookHealth.note(event, session.now());
        this.#logReceived(event);
      },
      now: session.now,
    });
  }

  #logReceived(event: ReceiverEvent): void {
    const { log } = this.options;
    const common = { direction: 'in', event: 'webhook' } as const;
    switch (event.kind) {
      case 'received': {
        const names = event.hashedIds.length > 3 ? `${event.hashedIds.length} orders` : event.hashedIds.join(', ');
        return log({
          ...common,
          level: 'info',
          message: `${event.route} ${names}${event.repeats > 0 ? ` (${event.repeats} known already)` : ''}`,
        });
      }
      case 'refused':
        if (!this.#refusals.allow(event.reason, this.options.session.now())) return;
        return log({
          ...common,
          level: 'warn',
          message: `refused with ${event.status} from ${event.address}: ${event.message}`,
          details: { status: event.status, reason: event.reason },
        });
      case 'not-kept':
      case 'fault':
        return log({
          ...common,
          level: 'error',
          message: `${event.kind === 'fault' ? 'a fault of the program' : 'not kept, the sender tries again'}: ${event.error instanceof Error ? event.error.message : String(event.error)}`,
        });
    }
  }

  /** Once asked to stop, work has so long to end by itself. */
  #deadline(): { clear(): void } {
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      timer = setTimeout(() => this.options.hardStop.abort(), this.options.session.profile.serve.drainSeconds * 1000);
    };
    if (this.stopping.aborted) start();
    else this.stopping.addEventListener('abort', start, { once: true });
    return { clear: () => clearTimeout(timer) };
  }

  async #closeReceiver(receiver: Receiver): Promise<void> {
    const { session, log } = this.options;
    if (!this.stopping.aborted)
      await new Promise<void>((resolve) => this.stopping.addEventListener('abort', () => resolve(), { once: true }));
    log(info('stop', 'Stopping: no more webhooks are taken; what is under way is finished.'));
    await receiver.close((session.profile.serve.drainSeconds * 1000) / 2);
  }

  /** Works while the profile is live, and waits while it is not. */
  async #workWhileLive(metrics: Metrics): Promise<void> {
    const { session, log } = this.options;
    while (!this.stopping.aborted) {
      if ((await liveSince(session)) === undefined) {
        await pause(LIVE_CHECK_MS, this.stopping);
        continue;
      }
      const end = new AbortController();
      const endWork = (): void => end.abort();
      let anew = false;
      this.#workAnew = () => {
        anew = true;
        end.abort();
      };
      this.stopping.addEventListener('abort', endWork, { once: true });
      this.#work = new LiveWorker({ session, remotes: this.#remotes, metrics, log }, end.signal);
      await Promise.all([this.#work.run(), this.#watchLive(end)]);
      this.#work = undefined;
      this.stopping.removeEventListener('abort', endWork);
      if (!this.stopping.aborted && !anew)
        log(info('live', 'No longer live: nothing is sent until `cartona go-live`.'));
    }
  }

  /** Whatever compares instants would wait until the old time is reached again. */
  async #watchClock(heartbeat: Heartbeat): Promise<void> {
    const { session, log } = this.options;
    await watchClock(
      {
        session,
        log,
        onSetBack: async (ms) => {
          heartbeat.clockSet(-ms);
          this.#since = Math.min(this.#since, session.now());
          this.#remotes.clockSetBack();
          this.#workAnew?.();
          await clampFutureTimestamps(session);
        },
        onSetAhead: (ms) => {
          heartbeat.clockSet(ms);
          this.#work?.clockSetAhead();
        },
      },
      this.stopping,
    );
  }

  async #watchLive(end: AbortController): Promise<void> {
    await retryForever('live', end.signal, this.options.log, async () => {
      await pause(LIVE_CHECK_MS, end.signal);
      if ((await liveSince(this.options.session)) === undefined) end.abort();
    });
  }
}

/** A note that cannot be written is no reason to stop. */
function logFailure(note: Promise<void>, log: Log): void {
  note.catch((error: unknown) =>
    log({ level: 'warn', event: 'notes', message: error instanceof Error ? error.message : String(error) }),
  );
}
