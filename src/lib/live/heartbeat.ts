import { thisProcess } from '../common/processes.js';
import type { Session } from '../session.js';
import { alertChannels } from './alerts/alert-channels.js';
import { Alerts } from './alerts/alerts.js';
import { warn, type Log } from './events.js';
import { BEAT_MS, recordWebhookHealth, recordService } from '../operations/runtime-state.js';
import { applyRetention } from './retention.js';
import type { WebhookHealth } from './webhooks/webhook-health.js';
import { retryForever } from './retry-forever.js';
import { pause } from './wakeable-sleep.js';
import type { Receiver } from './webhooks/receiver.js';
import { readStatus } from '../operations/status.js';
import { checkHealth } from '../operations/health-checks.js';

const DAY_MS = 86_400_000;
export interface HeartbeatOptions {
  readonly session: Session;
  readonly receiver: Receiver;
  readonly webhookHealth: WebhookHealth;
  readonly since: () => number;
  readonly version: string;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * What the service does for itself: says that it lives, tells of problems that last, tidies up.
 */
export class Heartbeat {
  readonly #alerts: Alerts;
  #retentionAt = -Infinity;

  constructor(private readonly options: HeartbeatOptions) {
    const { session, env, log } = options;
    this.#alerts = new Alerts({
      store: session.store,
      profileName: session.profileName,
      settings: session.profile.alerts,
      channels: alertChannels(session.profile.alerts, env),
      log: (level, message) => log({ level, event: 'alert', message }),
    });
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.options;
    await retryForever('heartbeat', signal, log, async () => {
      await pause(BEAT_MS, signal);
      if (!signal.aborted) await this.beat();
    });
  }

  /** Says that the service lives, and looks whether all is well. */
  async beat(): Promise<void> {
    const { session, receiver, since, version, webhookHealth, log } = this.options;
    const now = session.now();
    await recordService(session, {
      ...thisProcess(),
      url: receiver.url,
      since: since(),
      beatAt: now,
      version,
    });
    const taken = webhookHealth.take();
    if (taken) await recordWebhookHealth(session, taken, now);
    // Not waited for: a channel that hangs shall not make the service look dead. A check leaves at once while one is
    // under way.
    this.#alerts
      .check(now, checkHealth(await readStatus(session), session.profile))
      .catch((error: unknown) => log(warn('alert', error instanceof Error ? error.message : String(error))));
    if (now - this.#retentionAt < Math.min(1, session.profile.audit.keepDays) * DAY_MS) return;
    this.#retentionAt = now;
    await applyRetention(session);
  }

  /**
   * The clock was set by so many milliseconds. Should it have been set ahead by mistake, there is a day to mend it
   * before anything is forgotten as too old.
   */
  clockSet(ms: number): void {
    const now = this.options.session.now();
    this.#retentionAt = ms > DAY_MS ? now : Math.min(this.#retentionAt, now);
  }
}
