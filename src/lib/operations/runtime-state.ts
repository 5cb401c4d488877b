import { z } from 'zod';
import { reviewName, reviewSchema, type ReviewEntry } from '../catalog/reviewed.js';
import { isGone } from '../common/processes.js';
import type { Session } from '../session.js';
import { SERVICE_TASKS, successName, successSchema, type ServiceTask } from '../store/successes.js';
import type { CatalogFlow } from '../store/store.js';

export type RemoteName = 'cartona' | 'odoo';

/** How often a running service says that it lives, and after which silence nobody believes it any more. */
export const BEAT_MS = 10_000;
const SILENT_MS = 6 * BEAT_MS;

/** Instants are UTC milliseconds. */
const instant = z.number();

const schemas = {
  /** The service that runs, or ran last and did not end by itself. */
  service: z.object({
    pid: z.number(),
    host: z.string(),
    started: z.string().optional(),
    url: z.string(),
    since: instant,
    beatAt: instant,
    version: z.string(),
  }),
  /** Somebody said yes: the service may send. */
  live: z.object({ since: instant, by: z.string() }),
  reviewed: reviewSchema,
  success: successSchema,
  /** `refused`: it does not take our token, key or rights. */
  remote: z.object({ state: z.enum(['up', 'down', 'refused']), since: instant, reason: z.string().optional() }),
  /**
   * The last walk over the whole catalogue; `finishedAt` is absent while it is under way. `found`: values the listener
   * had missed.
   */
  sweep: z.object({
    startedAt: instant,
    finishedAt: instant.optional(),
    pages: z.number(),
    variants: z.number(),
    found: z.number(),
  }),
  /** How long the last values took from being noticed to being confirmed. */
  lag: z.object({ at: instant, ms: z.number() }),
  /** Webhooks: the last that was taken, and those refused for want of credentials since then. */
  intake: z.object({
    acceptedAt: instant.optional(),
    refused: z.number(),
    refusedSince: instant.optional(),
    reason: z.string().optional(),
  }),
};

type Entry<K extends keyof typeof schemas> = z.output<(typeof schemas)[K]>;
export type ServiceEntry = Entry<'service'>;
export type LiveEntry = Entry<'live'>;
export type RemoteEntry = Entry<'remote'>;
export type SweepEntry = Entry<'sweep'>;
export type LagEntry = Entry<'lag'>;
export type WebhookHealthEntry = Entry<'intake'>;

/** What the service and the commands have left for others to read. What nobody has written is absent. */
export interface RuntimeState {
  readonly service: ServiceEntry | undefined;
  readonly live: LiveEntry | undefined;
  readonly reviewed: { readonly price: ReviewEntry | undefined; readonly stock: ReviewEntry | undefined };
  readonly success: Readonly<Partial<Record<ServiceTask, number>>>;
  readonly remote: { readonly cartona: RemoteEntry | undefined; readonly odoo: RemoteEntry | undefined };
  readonly sweep: SweepEntry | undefined;
  readonly lag: { readonly price: LagEntry | undefined; readonly stock: LagEntry | undefined };
  readonly webhookHealth: WebhookHealthEntry | undefined;
}

type Rows = Pick<Session, 'store'>;

/** All entries at once. One that cannot be read (another version wrote it) counts as absent. */
export async function readRuntimeState(session: Rows): Promise<RuntimeState> {
  const notes = await session.store.runtimeState.all();
  const read = <K extends keyof typeof schemas>(kind: K, name: string = kind): Entry<K> | undefined => {
    const found = schemas[kind].safeParse(jsonOf(notes.get(name)?.value));
    return found.success ? (found.data as Entry<K>) : undefined;
  };
  return {
    service: read('service'),
    live: read('live'),
    reviewed: { price: read('reviewed', reviewName('price')), stock: read('reviewed', reviewName('stock')) },
    success: Object.fromEntries(
      SERVICE_TASKS.flatMap((flow) => {
        const at = read('success', successName(flow))?.at;
        return at === undefined ? [] : [[flow, at] as const];
      }),
    ),
    remote: { cartona: read('remote', 'remote.cartona'), odoo: read('remote', 'remote.odoo') },
    sweep: read('sweep'),
    lag: { price: read('lag', 'lag.price'), stock: read('lag', 'lag.stock') },
    webhookHealth: read('intake'),
  };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

async function write<K extends keyof typeof schemas>(
  session: Rows,
  kind: K,
  entry: Entry<K>,
  at: number,
  name: string = kind,
): Promise<void> {
  await session.store.runtimeState.put(name, JSON.stringify(entry), at);
}

/** Says that this service lives; written at the start and every `BEAT_MS`. */
export const recordService = (session: Rows, entry: ServiceEntry): Promise<void> =>
  write(session, 'service', entry, entry.beatAt);
/** The service ended by itself. */
export const recordServiceEnded = (session: Rows): Promise<void> => session.store.runtimeState.remove('service');

export const recordLive = (session: Rows, entry: LiveEntry): Promise<void> =>
  write(session, 'live', entry, entry.since);
/** Nothing is sent any more until somebody says yes again. */
export const recordNotLive = (session: Rows): Promise<void> => session.store.runtimeState.remove('live');

/** Written when the state changes, not at every request. */
export const recordRemote = (session: Rows, remote: RemoteName, entry: RemoteEntry): Promise<void> =>
  write(session, 'remote', entry, entry.since, `remote.${remote}`);
export const recordSweep = (session: Rows, entry: SweepEntry): Promise<void> =>
  write(session, 'sweep', entry, entry.finishedAt ?? entry.startedAt);
export const recordLag = (session: Rows, flow: CatalogFlow, entry: LagEntry): Promise<void> =>
  write(session, 'lag', entry, entry.at, `lag.${flow}`);
export const recordWebhookHealth = (session: Rows, entry: WebhookHealthEntry, at: number): Promise<void> =>
  write(session, 'intake', entry, at);

/**
 * Whether the profile may send.
 * @returns since when (UTC ms), or `undefined` while nobody said yes
 */
export async function liveSince(session: Rows): Promise<number | undefined> {
  const found = schemas.live.safeParse(jsonOf((await session.store.runtimeState.get('live'))?.value));
  return found.success ? found.data.since : undefined;
}

/**
 * - `silent`: its process seems to be there, but it has not said for a while that it lives
 * - `gone`: it ended without saying so (killed, a crash, the machine)
 * - `stopped`: it never ran, or ended by itself
 */
export type ServiceState = 'running' | 'silent' | 'gone' | 'stopped';

export function serviceState(service: ServiceEntry | undefined, now: number): ServiceState {
  if (!service) return 'stopped';
  if (isGone(service)) return 'gone';
  return now - service.beatAt > SILENT_MS ? 'silent' : 'running';
}
