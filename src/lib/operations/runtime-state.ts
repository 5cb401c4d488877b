import { hostname } from 'node:os';
import { z } from 'zod';
import type { Session } from '../session.js';
import { lives } from '../store/sqlite/workers.js';

/** What the service does again and again, and tells when it last succeeded. */
export const LIVE_FLOWS = ['tail', 'sweep', 'price', 'stock', 'orders_pull', 'order_state'] as const;
export type LiveFlow = (typeof LIVE_FLOWS)[number];

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
    url: z.string(),
    since: instant,
    beatAt: instant,
    version: z.string(),
  }),
  /** Somebody said yes: the service may send. */
  live: z.object({ since: instant, by: z.string() }),
  /** A complete dry run, and how many values differed. */
  reviewed: z.object({ at: instant, differs: z.number() }),
  success: z.object({ at: instant }),
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

type Fact<K extends keyof typeof schemas> = z.output<(typeof schemas)[K]>;
export type ServiceFact = Fact<'service'>;
export type LiveFact = Fact<'live'>;
export type ReviewFact = Fact<'reviewed'>;
export type RemoteFact = Fact<'remote'>;
export type SweepFact = Fact<'sweep'>;
export type LagFact = Fact<'lag'>;
export type IntakeFact = Fact<'intake'>;

/** What the service and the commands have left for others to read. What nobody has written is absent. */
export interface Facts {
  readonly service: ServiceFact | undefined;
  readonly live: LiveFact | undefined;
  readonly reviewed: { readonly price: ReviewFact | undefined; readonly stock: ReviewFact | undefined };
  readonly success: Readonly<Partial<Record<LiveFlow, number>>>;
  readonly remote: { readonly cartona: RemoteFact | undefined; readonly odoo: RemoteFact | undefined };
  readonly sweep: SweepFact | undefined;
  readonly lag: { readonly price: LagFact | undefined; readonly stock: LagFact | undefined };
  readonly intake: IntakeFact | undefined;
}

type Rows = Pick<Session, 'store'>;

/** All facts at once. One that cannot be read (another version wrote it) counts as absent. */
export async function readFacts(session: Rows): Promise<Facts> {
  const notes = await session.store.notes.all();
  const read = <K extends keyof typeof schemas>(kind: K, name: string = kind): Fact<K> | undefined => {
    const found = schemas[kind].safeParse(jsonOf(notes.get(name)?.value));
    return found.success ? (found.data as Fact<K>) : undefined;
  };
  return {
    service: read('service'),
    live: read('live'),
    reviewed: { price: read('reviewed', 'reviewed.price'), stock: read('reviewed', 'reviewed.stock') },
    success: Object.fromEntries(
      LIVE_FLOWS.flatMap((flow) => {
        const at = read('success', `success.${flow}`)?.at;
        return at === undefined ? [] : [[flow, at] as const];
      }),
    ),
    remote: { cartona: read('remote', 'remote.cartona'), odoo: read('remote', 'remote.odoo') },
    sweep: read('sweep'),
    lag: { price: read('lag', 'lag.price'), stock: read('lag', 'lag.stock') },
    intake: read('intake'),
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
  fact: Fact<K>,
  at: number,
  name: string = kind,
): Promise<void> {
  await session.store.notes.put(name, JSON.stringify(fact), at);
}

/** Says that this service lives; written at the start and every `BEAT_MS`. */
export const noteService = (session: Rows, fact: ServiceFact): Promise<void> =>
  write(session, 'service', fact, fact.beatAt);
/** The service ended by itself. */
export const noteServiceEnded = (session: Rows): Promise<void> => session.store.notes.remove('service');

export const noteLive = (session: Rows, fact: LiveFact): Promise<void> => write(session, 'live', fact, fact.since);
/** Nothing is sent any more until somebody says yes again. */
export const noteNotLive = (session: Rows): Promise<void> => session.store.notes.remove('live');

export const noteReviewed = (session: Rows, flow: 'price' | 'stock', fact: ReviewFact): Promise<void> =>
  write(session, 'reviewed', fact, fact.at, `reviewed.${flow}`);
export const noteSuccess = (session: Rows, flow: LiveFlow, at: number): Promise<void> =>
  write(session, 'success', { at }, at, `success.${flow}`);
/** Written when the state changes, not at every request. */
export const noteRemote = (session: Rows, remote: RemoteName, fact: RemoteFact): Promise<void> =>
  write(session, 'remote', fact, fact.since, `remote.${remote}`);
export const noteSweep = (session: Rows, fact: SweepFact): Promise<void> =>
  write(session, 'sweep', fact, fact.finishedAt ?? fact.startedAt);
export const noteLag = (session: Rows, flow: 'price' | 'stock', fact: LagFact): Promise<void> =>
  write(session, 'lag', fact, fact.at, `lag.${flow}`);
export const noteIntake = (session: Rows, fact: IntakeFact, at: number): Promise<void> =>
  write(session, 'intake', fact, at);

/**
 * Whether the profile may send.
 * @returns since when (UTC ms), or `undefined` while nobody said yes
 */
export async function liveSince(session: Rows): Promise<number | undefined> {
  const found = schemas.live.safeParse(jsonOf((await session.store.notes.get('live'))?.value));
  return found.success ? found.data.since : undefined;
}

/**
 * - `silent`: its process seems to be there, but it has not said for a while that it lives
 * - `gone`: it ended without saying so (killed, a crash, the machine)
 * - `stopped`: it never ran, or ended by itself
 */
export type ServiceState = 'running' | 'silent' | 'gone' | 'stopped';

export function serviceState(service: ServiceFact | undefined, now: number): ServiceState {
  if (!service) return 'stopped';
  if (service.host === hostname() && !lives(service.pid)) return 'gone';
  return now - service.beatAt > SILENT_MS ? 'silent' : 'running';
}
