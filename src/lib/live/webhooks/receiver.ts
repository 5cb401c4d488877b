import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { withLocalErrors } from '../../common/local-errors.js';
import type { Profile } from '../../settings/profile.js';
import type { NewEvent } from '../../store/store.js';
import { credentialsOf, type Credentials } from './authentication.js';
import { GroupCommit } from './group-commit.js';
import { registerHints, type Hint } from './hints.js';
import { openServer } from './http-server.js';
import { WEBHOOK_PATHS } from '../../settings/webhook-paths.js';
import { RateLimit } from './rate-limit.js';
import type { RefusalReason } from './refusal.js';
import { registerWebhooks } from './webhook-routes.js';

/** What happened at the receiver; never a secret or a body. */
export type ReceiverEvent =
  | {
      readonly kind: 'received';
      readonly route: NewEvent['kind'];
      readonly hashedIds: readonly string[];
      readonly repeats: number;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly reason: RefusalReason;
      readonly message: string;
      readonly address: string;
    }
  /** The store could not write; the sender was asked to try again. */
  | { readonly kind: 'not-kept'; readonly error: unknown }
  /** A fault of this program, answered with 500. */
  | { readonly kind: 'fault'; readonly error: unknown };

/** Counters since the start. */
export interface ReceiverStats {
  /** Events that were new. */
  readonly accepted: number;
  /** Events that were known. */
  readonly repeats: number;
  readonly hints: number;
  /** Requests that were not taken. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
}

export interface ReceiverSecrets {
  readonly bearerToken?: string | undefined;
  /** Standard Webhooks secrets (`whsec_…`); any of them verifies, so that one can be exchanged for another. */
  readonly signingSecrets: readonly string[];
  /** The last part of the address that Odoo's automation rules call; without one there is no such address. */
  readonly hintSecret?: string | undefined;
}

export interface ReceiverOptions extends ReceiverSecrets {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly settings: Profile['webhooks'];
  /** Keeps events durably, all or none, and tells of each whether it was new. */
  readonly keep: (events: readonly NewEvent[]) => Promise<readonly boolean[]>;
  /** Something new is in the store. */
  readonly onKept: () => void;
  /** Odoo says that a record may have changed. Called after the answer has left. */
  readonly onHint?: ((hint: Hint) => void) | undefined;
  /** Adds routes of their own to the same server. */
  readonly extraRoutes?: ((app: FastifyInstance) => void) | undefined;
  readonly log?: ((event: ReceiverEvent) => void) | undefined;
  readonly now?: (() => number) | undefined;
}

export interface Receiver {
  /** Without a trailing slash. */
  readonly url: string;
  readonly stats: ReceiverStats;
  /**
   * From the next request on these hold; `undefined`: nobody knows which, and senders are asked to try again. @throws
   * CartonaError `usage` for a signing secret of a wrong form
   */
  setSecrets(secrets: ReceiverSecrets | undefined): void;
  /** Takes nothing more, lets the requests under way end, and cuts what is left after the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * Starts the server that takes Cartona's webhooks and Odoo's push hints. What was answered with 2xx is durable; a
 * sender is never answered with 5xx but when nothing could be kept (503: the store cannot write, the secrets cannot be
 * read, or the service is stopping). Forwarding headers are not believed: behind a proxy, all requests come from its address.
 * @throws CartonaError `local` when it cannot listen there; `usage` for a signing secret of a wrong form
 */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { host, port, settings, log = () => undefined, now = Date.now } = options;
  const stats = { accepted: 0, repeats: 0, hints: 0, refused: {} as Partial<Record<RefusalReason, number>> };
  const state: { credentials: Credentials | undefined; hintSecret: string | undefined; closing: boolean } = {
    credentials: credentialsOf(options.bearerToken, options.signingSecrets),
    hintSecret: options.hintSecret,
    closing: false,
  };
  const commit = new GroupCommit(options.keep);
  const limit = new RateLimit(settings.requestsPerSecond);
  const app = await openServer({
    settings,
    postOnly: Object.values(WEBHOOK_PATHS),
    isClosing: () => state.closing,
    now,
    noteRefusal({ status, reason, message }, address) {
      stats.refused[reason] = (stats.refused[reason] ?? 0) + 1;
      log({ kind: 'refused', status, reason, message, address });
    },
    noteFault: (error) => log({ kind: 'fault', error }),
  });
  registerWebhooks(app, {
    settings,
    limit,
    now,
    state: () => state,
    keep: (events) => commit.keep(events),
    kept(kind, events, isNew) {
      const fresh = isNew.filter(Boolean).length;
      stats.accepted += fresh;
      stats.repeats += events.length - fresh;
      log({
        kind: 'received',
        route: kind,
        hashedIds: events.map(({ hashedId }) => hashedId),
        repeats: events.length - fresh,
      });
      if (fresh > 0) options.onKept();
    },
    notKept: (error) => log({ kind: 'not-kept', error }),
  });
  const { onHint } = options;
  if (onHint) {
    registerHints(
      app,
      () => state.hintSecret,
      now,
      (hint) => {
        stats.hints += 1;
        onHint(hint);
      },
    );
  }
  options.extraRoutes?.(app);
  await withLocalErrors(() => app.listen({ host, port }));
  const { port: bound } = app.server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    stats,
    setSecrets(secrets) {
      state.credentials = secrets && credentialsOf(secrets.bearerToken, secrets.signingSecrets);
      state.hintSecret = secrets?.hintSecret;
    },
    async close(deadlineMs) {
      state.closing = true;
      const cut = setTimeout(() => app.server.closeAllConnections(), deadlineMs);
      await app.close().finally(() => clearTimeout(cut));
    },
  };
}
