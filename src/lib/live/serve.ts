import { CartonaError, isCartonaError } from '../common/errors.js';
import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { clampFutureTimestamps, watchClock } from './clock.js';
import { info, warn, type Log } from './events.js';
import { liveSince, recordRemote, recordServiceEnded } from '../operations/runtime-state.js';
import { registerHealth } from './monitoring/health-routes.js';
import { WebhookHealth } from './webhooks/webhook-health.js';
import { retryForever, retryUntilDone } from './retry-forever.js';
import { createMetrics, type Metrics } from './monitoring/metrics.js';
import { startMetricsServer, type MetricsServer } from './monitoring/metrics-server.js';
import { pause } from './wakeable-sleep.js';
import { startReceiver, type Receiver } from './webhooks/receiver.js';
import { receiverLog } from './webhooks/receiver-log.js';
import { Remotes } from './remotes/remotes.js';
import { Heartbeat } from './heartbeat.js';
import { watchSecrets, type ReloadedSecrets } from './secrets-watch.js';
import { LiveWorker } from './worker.js';

const LIVE_CHECK_MS = 1000;

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
  /** @param metricsUrl absent where its port is taken */
  readonly onReady: (url: string, live: boolean, metricsUrl: string | undefined) => void;
  /** The secrets as they stand now; asked at the start and now and then. */
  readonly reloadSecrets: () => Promise<ReloadedSecrets>;
  /** Between two such looks; every few seconds unless told. */
  readonly secretsLookMs?: number;
  /** Raised by the service when what is under way takes longer than it may after it was asked to stop. */
  readonly hardStop: AbortController;
}

/**
 * Keeps both sides equal until it is asked to stop: takes webhooks, notices changes in Odoo, sweeps. It sends nothing
 * until somebody said yes (`cartona go-live`), and stops sending when that is taken back.
 * @param stopping raised to stop: intake ends, what is under way is finished within the set time
 * @throws CartonaError `busy` when another service runs on this state; `local` when it cannot listen; `usage` when its
 * profile was logged out while it ran
 */
export async function serve(options: ServeOptions, stopping: AbortSignal): Promise<void> {
  if (options.shared) return new Service(options, stopping).run();
  return withLease(options.session.store.leases, 'serve', undefined, () => new Service(options, stopping).run());
}

class Service {
  #since: number;
  readonly #remotes: Remotes;
  readonly #webhookHealth = new WebhookHealth();
  #metrics: Metrics | undefined;
  #receiver: Receiver | undefined;
  #work: LiveWorker | undefined;
  /** Ends the live work that is under way, so that it begins anew. */
  #workAnew: (() => void) | undefined;
  /** Raised from outside, or by a part of the service that cannot go on: then all of it ends in order. */
  readonly #stop = new AbortController();
  private readonly stopping = this.#stop.signal;
  #endedBy: Error | undefined;
  #secretsReadable = true;

  constructor(
    private readonly options: ServeOptions,
    stopping: AbortSignal,
  ) {
    const { session, log } = options;
    if (stopping.aborted) this.#stop.abort();
    stopping.addEventListener('abort', () => this.#stop.abort(), { once: true });
    this.#since = session.now();
    this.#remotes = new Remotes({
      session,
      log,
      onChange: (remote, state) => {
        recordRemote(session, remote, state).catch((error: unknown) => logFailure(error, log));
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
    const receiver = await this.#startReceiver();
    this.#receiver = receiver;
    const metricsServer = await this.#startMetricsServer(metrics);
    const deadline = this.#deadline();
    try {
      const heartbeat = new Heartbeat({
        ...this.options,
        receiver,
        webhookHealth: this.#webhookHealth,
        since: () => this.#since,
      });
      const live = await retryUntilDone('start', this.stopping, log, async () => {
        for (const remote of ['cartona', 'odoo'] as const)
          await recordRemote(session, remote, this.#remotes[remote].state);
        await heartbeat.beat();
        return (await liveSince(session)) !== undefined;
      });
      onReady(receiver.url, live ?? false, metricsServer?.url);
      await Promise.all(
        [
          this.#closeReceiver(receiver),
          this.#remotes.cartona.watch(this.stopping),
          this.#remotes.odoo.watch(this.stopping),
          heartbeat.run(this.stopping),
          this.#watchSecrets(receiver),
          this.#workWhileLive(metrics),
          this.#watchClock(heartbeat),
        ].map((part) => part.catch((error: unknown) => this.#endBecause(error))),
      );
      if (this.#endedBy !== undefined) throw this.#endedBy;
      log(info('stop', 'Stopped.'));
    } finally {
      deadline.clear();
      await receiver.close(0);
      await metricsServer?.close();
      await recordServiceEnded(session).catch((error: unknown) => logFailure(error, log));
    }
  }

  #endBecause(error: unknown): void {
    this.#endedBy ??= error instanceof Error ? error : new Error(String(error));
    this.#stop.abort();
  }

  async #watchSecrets(receiver: Receiver): Promise<void> {
    const { reloadSecrets, log, secretsLookMs } = this.options;
    await watchSecrets(
      {
        read: reloadSecrets,
        onRead: async ({ clients, webhooks }) => {
          receiver.setSecrets(webhooks);
          this.#secretsReadable = true;
          if (clients) await this.#remotes.replace(clients);
        },
        onUnreadable: () => {
          receiver.setSecrets(undefined);
          this.#secretsReadable = false;
        },
        onEnded: (reason) => this.#endBecause(new CartonaError('usage', reason)),
        log,
        lookMs: secretsLookMs,
      },
      this.stopping,
    );
  }

  /** A service without metrics keeps both sides equal all the same. */
  async #startMetricsServer(metrics: Metrics): Promise<MetricsServer | undefined> {
    const { session, log } = this.options;
    try {
      return await startMetricsServer(session.profile.serve.metricsPort, metrics, session.now);
    } catch (error) {
      if (!isCartonaError(error, 'local')) throw error;
      log(warn('metrics', `There are no metrics: ${error.message} The setting serve.metricsPort names another port.`));
      return undefined;
    }
  }

  async #startReceiver(): Promise<Receiver> {
    const { session, host, port, reloadSecrets, log } = this.options;
    const secrets = await reloadSecrets();
    if (secrets.kind === 'ended') throw new CartonaError('usage', secrets.reason);
    const logReceived = receiverLog(log, session.now);
    return startReceiver({
      host,
      port,
      ...secrets.webhooks,
      settings: session.profile.webhooks,
      keep: (events) => session.store.events.keep(events, session.now()),
      onKept: () => this.#work?.eventsKept(),
      onHint: (hint) => this.#work?.hinted(hint),
      extraRoutes: (app) => registerHealth(app, { session, since: () => this.#since }),
      log: (event) => {
        this.#webhookHealth.note(event, session.now());
        logReceived(event);
      },
      now: session.now,
    });
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

  /** Works while the profile is live and its secrets can be read, and waits while it is not so. */
  async #workWhileLive(metrics: Metrics): Promise<void> {
    const { session, log } = this.options;
    await retryForever('live', this.stopping, log, async () => {
      if (this.#secretsReadable && (await liveSince(session)) !== undefined) await this.#workUntilEnded(metrics);
      else await pause(LIVE_CHECK_MS, this.stopping);
    });
  }

  async #workUntilEnded(metrics: Metrics): Promise<void> {
    const { session, log } = this.options;
    const end = new AbortController();
    const endWork = (): void => end.abort();
    this.#workAnew = endWork;
    this.stopping.addEventListener('abort', endWork, { once: true });
    if (this.stopping.aborted) endWork();
    this.#work = new LiveWorker({ session, remotes: this.#remotes, metrics, log }, end.signal);
    const takenBack = this.#watchLive(end);
    try {
      await this.#work.run();
    } finally {
      endWork();
      await takenBack;
      this.#work = undefined;
      this.stopping.removeEventListener('abort', endWork);
    }
    if (await takenBack) log(info('live', 'No longer live: nothing is sent until `cartona go-live`.'));
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

  /** Ends the work when it may not go on. @returns whether that was because the yes was taken back */
  async #watchLive(end: AbortController): Promise<boolean> {
    const { session, log } = this.options;
    let takenBack = false;
    await retryForever('live', end.signal, log, async () => {
      await pause(LIVE_CHECK_MS, end.signal);
      if (end.signal.aborted) return;
      takenBack = (await liveSince(session)) === undefined;
      if (takenBack || !this.#secretsReadable) end.abort();
    });
    return takenBack;
  }
}

/** A note that cannot be written is no reason to stop. */
const logFailure = (error: unknown, log: Log): void =>
  log({ level: 'warn', event: 'notes', message: error instanceof Error ? error.message : String(error) });
