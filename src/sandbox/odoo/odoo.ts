import { setTimeout as sleep } from 'node:timers/promises';
import { makeSupplier, type Supplier } from '../supplier/supplier.js';
import { conclude, runAutomations } from './orm/automations.js';
import { MemoryDatabase } from './database/database.js';
import { OdooFaults } from './server/faults.js';
import { allModels } from './models/all.js';
import { read } from './orm/records.js';
import { LOGINS, rootEnv, seedBase } from './seed/base.js';
import { seedCatalogue, type CartonaField } from './seed/catalogue.js';
import { seedPeople } from './seed/people.js';
import { close, listen } from './server/server.js';
import { Services } from './server/services.js';
import type { Traffic } from './server/traffic.js';
import type { Database, Env } from './orm/types.js';
import type { OdooVersion } from './orm/values.js';

export type { CartonaField } from './seed/catalogue.js';
export type { OdooFault, OdooFaultKind } from './server/faults.js';
export { ODOO_VERSIONS, type OdooVersion } from './orm/values.js';

export interface OdooOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** 127.0.0.1 unless told. */
  host?: string;
  /** 18 unless told. */
  version?: OdooVersion;
  /** Whose products it holds; `makeSupplier({ seed })` unless told. */
  supplier?: Supplier;
  /** Of the supplier (unless one is given), the secrets and the faults' choices; 1 unless told. */
  seed?: number;
  /** `sandbox` unless told. */
  db?: string;
  clock?: () => Date;
  /** Added to every call; 0 unless told. */
  latencyMs?: number;
  /** Whether the products carry their Cartona ids from the beginning, and where; `none` unless told. */
  cartonaField?: CartonaField;
  /** Whether validating a delivery first asks about a text message to the customer, as Odoo does; true unless told. */
  smsConfirmation?: boolean;
  /**
   * Whether the app Automation Rules (`base_automation`) is installed; true unless told. The sandbox's 16 has none that
   * could send webhooks.
   */
  automation?: boolean;
}

/** What a test may look at and stage in process. */
export interface OdooStore {
  readonly db: Database;
  /** Reads all records of a model, archived ones too: all their fields, relations as ids. */
  records(model: string): Record<string, unknown>[];
  /** Does something as the superuser, in a transaction of its own: what a person does in Odoo's own screens. */
  change<T>(work: (env: Env) => T): T;
  /**
   * Begins a transaction that stays open: what it does is dated with its beginning and seen by nobody until it is
   * committed.
   */
  open(): OpenTransaction;
}

export interface OpenTransaction {
  change<T>(work: (env: Env) => T): T;
  commit(): void;
}

/** A running simulated Odoo. */
export interface SimulatedOdoo {
  /** Without a trailing slash. */
  readonly url: string;
  readonly db: string;
  readonly version: OdooVersion;
  /** The integration user: sales, inventory and contact rights, no administration. */
  readonly login: string;
  readonly key: string;
  readonly password: string;
  readonly adminLogin: string;
  readonly adminKey: string;
  /** A salesperson who may neither change products nor make contacts. */
  readonly salesLogin: string;
  readonly salesKey: string;
  readonly store: OdooStore;
  readonly faults: OdooFaults;
  /** Lets requests wait unanswered until the function given back is called. */
  pause(): () => void;
  /** Goes down, cutting every connection, and comes back with the same data on the same port. */
  restart(options?: { downMs?: number }): Promise<void>;
  /** Cuts every connection, unanswered ones included, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Odoo 16, 18 or 19: a real HTTP server that speaks XML-RPC and JSON-RPC, and JSON-2 as 19, and
 * behaves as the contract suite found the real servers to behave.
 */
export async function startOdoo(options: OdooOptions = {}): Promise<SimulatedOdoo> {
  const {
    port = 0,
    host = '127.0.0.1',
    version = 18,
    seed = 1,
    db: name = 'sandbox',
    clock = () => new Date(),
    latencyMs = 0,
  } = options;
  const db = new MemoryDatabase(
    version,
    name,
    allModels(version, version >= 18 && (options.automation ?? true)),
    { smsConfirmation: options.smsConfirmation ?? true },
    clock,
  );
  const supplier = options.supplier ?? makeSupplier({ seed });
  const base = seedBase(db, seed);
  seedPeople(db, supplier, base, seedCatalogue(db, supplier, base, options.cartonaField ?? 'none'));
  const faults = new OdooFaults(seed);
  const traffic: Traffic = { services: new Services(db), faults, latencyMs, paused: undefined };
  let { server, url } = await listen(traffic, host, port);
  const keyOf = (uid: number): string => [...(db.secrets.get(uid)?.keys ?? [])][0] ?? '';
  return {
    url,
    db: name,
    version,
    faults,
    login: LOGINS.integration,
    key: keyOf(base.users.integration),
    password: db.secrets.get(base.users.integration)?.password ?? '',
    adminLogin: LOGINS.admin,
    adminKey: keyOf(base.users.admin),
    salesLogin: LOGINS.sales,
    salesKey: keyOf(base.users.sales),
    store: openStore(db),
    pause: () => pause(traffic),
    restart: async ({ downMs = 0 } = {}) => {
      await close(server);
      await sleep(downMs);
      ({ server, url } = await listen(traffic, host, Number(new URL(url).port)));
    },
    close: () => close(server),
  };
}

function pause(traffic: Traffic): () => void {
  let resume = (): void => undefined;
  const paused = new Promise<void>((resolve) => {
    resume = () => {
      traffic.paused = undefined;
      resolve();
    };
  });
  traffic.paused = paused;
  return resume;
}

function openStore(db: MemoryDatabase): OdooStore {
  return {
    db,
    records: (model) => {
      const env = rootEnv(db).with({ active_test: false });
      return read(env, env.model(model), env.search(model, [], { order: 'id' }), [], false);
    },
    change: (work) => {
      const env = rootEnv(db);
      const result = work(env);
      end(env);
      return result;
    },
    open: () => openTransaction(db),
  };
}

function openTransaction(db: MemoryDatabase): OpenTransaction {
  const env = rootEnv(db);
  let resume = (): void => undefined;
  return {
    change: (work) => {
      resume();
      const result = work(env);
      resume = env.tx.suspend();
      return result;
    },
    commit: () => {
      resume();
      end(env);
    },
  };
}

/** Commits at once and lets webhooks follow: who works in process does not wait for them. */
function end(env: Env): void {
  conclude(env, true);
  void runAutomations(env.tx);
}
