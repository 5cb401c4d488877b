import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { z } from 'zod';
import { createOdoo, type OdooClient } from '../../../src/lib/odoo/client.js';
import type { NamedArguments, Protocol } from '../../../src/lib/odoo/transports.js';
import { ODOO_VERSIONS, startOdoo, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import { authenticate, serverMajor } from './wire.js';

/** Who calls: the integration user, an administrator, or a user that a test made. */
export type Who = 'integration' | 'admin' | Credentials;

export interface Credentials {
  readonly login: string;
  readonly secret: string;
}

export interface Server {
  readonly url: string;
  readonly db: string;
  readonly integration: Credentials;
  readonly admin: Credentials;
}

type Values = Readonly<Record<string, unknown>>;
export type Found = { readonly id: number; readonly [field: string]: unknown };

const found = z.looseObject({ id: z.number() });

/** An Odoo under test: a simulated one of some version, or the real one that the environment names. */
export class Odoo {
  /** Sets the records of this run apart from everything else in a database that others use too. */
  readonly tag = `ct${Date.now().toString(36)}${randomBytes(3).toString('hex')}`;
  readonly #clients = new Map<string, Promise<OdooClient>>();
  /** The simulated server behind it, for what only its own process can stage. */
  simulated: SimulatedOdoo | undefined;
  /** How far a simulated Odoo's clock is ahead, in milliseconds: it need not be waited for. */
  ahead = 0;
  readonly #made: { model: string; id: number }[] = [];
  #server: Server | undefined;

  constructor(
    readonly major: number,
    readonly isSimulated: boolean,
  ) {}

  get server(): Server {
    if (!this.#server) throw new Error('the server is not open yet');
    return this.#server;
  }

  /** Odoo's clock, where it is the same as this machine's. */
  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  /** Waits until Odoo's clock shows another second: dates are told to the second. */
  async nextSecond(): Promise<void> {
    if (this.isSimulated) this.ahead += 1000;
    else await new Promise((resolve) => setTimeout(resolve, 1020 - (Date.now() % 1000)));
  }

  /** The protocols that this version speaks. */
  get protocols(): Protocol[] {
    return protocolsOf(this.major);
  }

  open(server: Server): void {
    this.#server = server;
  }

  /** Puts away what this run has made, as far as Odoo lets it: many records in one call, one by one where one of them refuses. */
  async clean(): Promise<void> {
    const models = [...new Set(this.#made.map((made) => made.model))].reverse();
    for (const model of models) {
      const ids = this.#made.filter((made) => made.model === model).map((made) => made.id);
      await this.#putAway(model, ids).catch(() => Promise.all(ids.map((id) => this.#putAway(model, [id]).catch(() => undefined))));
    }
  }

  async #putAway(model: string, ids: readonly number[]): Promise<void> {
    if (model === 'sale.order') {
      await this.call(model, 'action_unlock', { ids });
      await this.call(model, 'action_cancel', { ids, context: { disable_cancel_warning: true } });
    } else if (model === 'ir.model.fields') await this.call(model, 'unlink', { ids }, 'admin');
    else await this.call(model, 'write', { ids, vals: { active: false } }, 'admin');
  }

  async call(
    model: string,
    method: string,
    args: NamedArguments,
    who: Who = 'integration',
    protocol: Protocol = 'json-rpc',
  ): Promise<unknown> {
    const client = await this.client(who, protocol);
    return client.call(model, method, args, z.unknown());
  }

  /** Makes a record that is put away at the end. */
  async create(model: string, values: Values, who: Who = 'integration', context: Values = {}): Promise<number> {
    const id = z.number().parse(await this.call(model, 'create', { vals_list: values, context }, who));
    this.remember(model, id);
    return id;
  }

  remember(model: string, id: number): void {
    this.#made.push({ model, id });
  }

  async write(model: string, ids: readonly number[], vals: Values, context: Values = {}): Promise<void> {
    await this.call(model, 'write', { ids, vals, context });
  }

  async search(model: string, domain: readonly unknown[], more: Values = {}): Promise<number[]> {
    return z.array(z.number()).parse(await this.call(model, 'search', { domain, ...more }));
  }

  async find(model: string, domain: readonly unknown[], fields: readonly string[], context: Values = {}): Promise<Found[]> {
    return z.array(found).parse(await this.call(model, 'search_read', { domain, fields, order: 'id', context }));
  }

  /** Reads one record that must be there. */
  async read(model: string, id: number, fields: readonly string[], context: Values = {}): Promise<Found> {
    const [record] = z.array(found).parse(await this.call(model, 'read', { ids: [id], fields, context }));
    if (!record) throw new Error(`${model} ${id} is not there`);
    return record;
  }

  /** The text of the refusal that a call must meet. */
  async refusal(call: Promise<unknown>): Promise<string> {
    return call.then(
      (answer) => Promise.reject(new Error(`not refused but answered: ${JSON.stringify(answer)}`)),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  /** The client that calls go through. */
  async client(who: Who, protocol: Protocol = 'json-rpc'): Promise<OdooClient> {
    const { login, secret } = typeof who === 'string' ? this.server[who] : who;
    const key = `${login} ${protocol}`;
    const known = this.#clients.get(key);
    if (known) return known;
    const { url, db } = this.server;
    const opened = authenticate(this.server, login, secret).then((uid) =>
      createOdoo({ url, db, login, key: secret, uid: z.number().parse(uid), protocol, major: this.major, attempts: 1 }),
    );
    this.#clients.set(key, opened);
    return opened;
  }
}

export function protocolsOf(major: number): Protocol[] {
  return major >= 19 ? ['xml-rpc', 'json-rpc', 'json-2'] : ['xml-rpc', 'json-rpc'];
}

function realServer(env: NodeJS.ProcessEnv): Server | undefined {
  const part = (name: string): string => env[`CARTONA_TEST_ODOO_${name}`] ?? '';
  if (part('URL') === '') return undefined;
  for (const name of ['DB', 'LOGIN', 'KEY', 'ADMIN_LOGIN', 'ADMIN_KEY'])
    if (part(name) === '') throw new Error(`CARTONA_TEST_ODOO_URL is set, CARTONA_TEST_ODOO_${name} is not`);
  return {
    url: part('URL').replace(/\/$/, ''),
    db: part('DB'),
    integration: { login: part('LOGIN'), secret: part('KEY') },
    admin: { login: part('ADMIN_LOGIN'), secret: part('ADMIN_KEY') },
  };
}

/** A real server that others use at the same time may take its time. */
const CLEANING_MS = 600_000;

const REAL = realServer(process.env);
const REAL_MAJOR = REAL ? await serverMajor(REAL.url) : 18;

/**
 * Runs tests of Odoo's behaviour on the simulated 16, 18 and 19 and, when `CARTONA_TEST_ODOO_URL` (with `_DB`, `_LOGIN`,
 * `_KEY`, `_ADMIN_LOGIN` and `_ADMIN_KEY`) is set, on that real server; without it those are skipped.
 */
export function contract(subject: string, tests: (odoo: Odoo) => void): void {
  for (const version of ODOO_VERSIONS) {
    describe(`${subject} (simulated ${version})`, () => {
      const odoo = new Odoo(version, true);
      let stop = async (): Promise<void> => undefined;
      beforeAll(async () => {
        const simulated = await startOdoo({
          version,
          supplier: makeSupplier({ seed: 1, products: 20, orders: 4 }),
          clock: () => odoo.now(),
        });
        odoo.simulated = simulated;
        stop = () => simulated.close();
        const { url, db, login, key, adminLogin, adminKey } = simulated;
        odoo.open({ url, db, integration: { login, secret: key }, admin: { login: adminLogin, secret: adminKey } });
      });
      afterAll(async () => {
        await stop();
      });
      tests(odoo);
    });
  }
  describe.skipIf(!REAL)(`${subject} (real ${REAL ? REAL_MAJOR : 'server'})`, () => {
    const odoo = new Odoo(REAL_MAJOR, false);
    beforeAll(() => {
      if (REAL) odoo.open(REAL);
    });
    afterAll(() => odoo.clean(), CLEANING_MS);
    tests(odoo);
  });
}
