import { isCartonaError } from '../../common/errors.js';
import { oneLine } from '../../common/plain-text.js';
import type { Profile } from '../../settings/profile.js';
import type { Store } from '../../store/store.js';
import type { AlertChannel, AlertMessage } from './alert-channels.js';
import type { HealthProblem } from '../../operations/health-checks.js';

const MINUTE_MS = 60_000;

export interface AlertsOptions {
  readonly store: Pick<Store, 'alerts'>;
  readonly profileName: string;
  readonly settings: Pick<Profile['alerts'], 'afterMinutes'>;
  readonly channels: readonly AlertChannel[];
  /** Told what was told, and what could not be; one line each. */
  readonly log: (level: 'warn' | 'error', line: string) => void;
}

/**
 * Tells of problems that last: once per cause, and once more when it has cleared. What was told is durable, so a
 * restart repeats nothing; what did not get through is tried again at the next check.
 */
export class Alerts {
  /** Of a cause and state: the channels that have it already, when another failed. */
  readonly #had = new Map<string, Set<AlertChannel['name']>>();
  #underWay = false;

  constructor(private readonly options: AlertsOptions) {}

  /** Takes what is wrong now (all of it). Does nothing while an earlier check is still telling. */
  async check(now: number, problems: readonly Pick<HealthProblem, 'cause' | 'reason'>[]): Promise<void> {
    if (this.#underWay) return;
    this.#underWay = true;
    try {
      await this.#check(now, problems);
    } finally {
      this.#underWay = false;
    }
  }

  async #check(now: number, problems: readonly Pick<HealthProblem, 'cause' | 'reason'>[]): Promise<void> {
    const { alerts } = this.options.store;
    for (const { cause, reason } of problems) await alerts.raise(cause, reason, now);
    const present = new Set(problems.map(({ cause }) => cause));
    for (const { cause, reason, since, toldAt } of await alerts.list()) {
      if (present.has(cause)) {
        const lasts = now - since >= this.options.settings.afterMinutes * MINUTE_MS;
        if (toldAt === undefined && lasts && (await this.#tell('raised', cause, reason, since, now)))
          await alerts.told(cause, now);
      } else if (toldAt === undefined || (await this.#tell('cleared', cause, reason, since, now))) {
        await alerts.clear(cause);
      }
    }
  }

  /** @returns whether every channel has it */
  async #tell(
    state: 'raised' | 'cleared',
    cause: string,
    reason: string,
    since: number,
    now: number,
  ): Promise<boolean> {
    const { channels, log, profileName } = this.options;
    const id = `${state} ${cause}`;
    const had = this.#had.get(id) ?? new Set();
    if (had.size === 0) log(state === 'raised' ? 'error' : 'warn', state === 'raised' ? reason : `over: ${reason}`);
    const message = alertMessage(profileName, state, cause, reason, since, now);
    await Promise.all(
      channels
        .filter(({ name }) => !had.has(name))
        .map(async (channel) => {
          try {
            await channel.tell(message);
            had.add(channel.name);
          } catch (error) {
            if (!isCartonaError(error)) throw error;
            log('warn', error.message);
          }
        }),
    );
    const all = channels.every(({ name }) => had.has(name));
    if (all) this.#had.delete(id);
    else this.#had.set(id, had);
    return all;
  }
}

export function alertMessage(
  profile: string,
  state: AlertMessage['state'],
  cause: string,
  reason: string,
  since: number,
  now: number,
): AlertMessage {
  // It goes into other programs' environment and chat rooms.
  const plain = oneLine(reason);
  const what = {
    raised: `cartona (${profile}): ${plain}`,
    cleared: `cartona (${profile}): over: ${plain}`,
    test: `cartona (${profile}): this is a test`,
  }[state];
  return {
    profile,
    state,
    cause,
    reason: plain,
    since: new Date(since).toISOString(),
    at: new Date(now).toISOString(),
    text: what,
  };
}
