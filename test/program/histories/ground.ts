import { createServer, type AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { connectOdoo } from '../../../src/lib/odoo/discover.js';
import { makeRandom, type Random } from '../../../src/sandbox/random.js';
import { startMarketplace, type Marketplace } from '../../../src/sandbox/marketplace/server.js';
import { startOdoo, type OdooVersion, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import { pathsOf } from '../../../src/lib/settings/paths.js';
import { profileSchema } from '../../../src/lib/settings/profile.js';
import { saveProfile } from '../../../src/lib/settings/profiles.js';
import { openSqliteStore } from '../../../src/lib/store/sqlite/sqlite-store.js';
import type { Store } from '../../../src/lib/store/store.js';
import { runCli, temporaryDirectory } from '../../fixtures/cli.js';
import { Service } from './service.js';
import { Watch } from './watch.js';

const WEBHOOK_TOKEN = 'history-webhook-token';
const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of this history alone').toString('base64')}`;
const SHORT = { pollMs: 100, idlePollMs: 150, sweepMinutes: 0.02, pullMinutes: 0.02, drainSeconds: 5 };
/** Sweeps and pulls hardly come: what events and polls notice has to be enough. */
const SELDOM = { ...SHORT, sweepMinutes: 600, pullMinutes: 60 };
const PROTOCOLS = { 16: 'xml-rpc', 18: 'json-rpc', 19: 'json-2' } as const;

/** One history's world: both sides, the service between them, and who watches what Cartona is told. */
export interface Ground {
  readonly seed: number;
  /**
   * The choices of the moment: each step has a source of its own, so that what one finds leaves the others as they are.
   */
  random: Random;
  readonly version: OdooVersion;
  /** Nothing is found by looking at everything: no event is lost, and nothing happens that causes none. */
  readonly eventsAlone: boolean;
  readonly market: Marketplace;
  readonly odoo: SimulatedOdoo;
  /** The one that webhooks go to, and sometimes another on the same state. */
  readonly services: readonly [Service, ...Service[]];
  /** The service's durable rows, for looking. */
  readonly store: Store;
  readonly watch: Watch;
  /** What happened, in the order in which it happened. */
  readonly told: string[];
  note(what: string): void;
  /** Runs a command beside the service; its failure is no failure of the history. */
  command(args: readonly string[]): void;
  /** Resolves when no command runs any more. */
  commandsEnded(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the world of one history: everything in it follows from the seed. The service is live from the beginning. */
export async function openGround(seed: number, version: OdooVersion): Promise<Ground> {
  const random = makeRandom(seed);
  const supplier = makeSupplier({ seed, products: random.int(20, 36), orders: random.int(0, 4) });
  const eventsAlone = random.chance(0.35);
  const ackMeaning = random.pick(['order', 'version'] as const);
  const market = await startMarketplace({
    supplier,
    seed,
    ackMeaning,
    logLimit: 100_000,
    webhooks: { retries: eventsAlone ? 8 : 2, backoffMs: 50, timeoutMs: 1500, statusBody: 'order' },
  });
  const odoo = await startOdoo({ supplier, seed, version, cartonaField: 'product', latencyMs: random.pick([0, 0, 5]) });
  const home = temporaryDirectory();
  const ports = [await freePort(), ...(random.chance(0.2) ? [await freePort()] : [])] as const;
  const env = {
    CARTONA_HOME: home,
    CARTONA_TOKEN: market.token,
    CARTONA_ODOO_KEY: odoo.key,
    CARTONA_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
    CARTONA_WEBHOOK_SECRETS: WEBHOOK_SECRET,
  };
  const {
    uid,
    version: said,
    protocol,
    company,
  } = await connectOdoo(
    { url: odoo.url, db: odoo.db, login: odoo.login, key: odoo.key },
    { protocol: PROTOCOLS[version] },
  );
  const brake = { zeroStockSharePercent: random.pick([20, 90]) };
  const profile = profileSchema.parse({
    cartona: { url: market.url, dialect: random.pick(['base-product', 'supplier-product']) },
    odoo: {
      url: odoo.url,
      db: odoo.db,
      login: odoo.login,
      uid,
      version: said,
      protocol,
      company,
      idField: { model: 'product.product', name: 'x_cartona_id' },
    },
    serve: eventsAlone ? SELDOM : SHORT,
    brake,
  });
  const paths = pathsOf(env);
  await saveProfile(paths, 'default', profile);
  const store = openSqliteStore(paths.dataFile, `default ${market.url} ${odoo.url} ${odoo.db}`);
  await store.runtimeState.put('live', JSON.stringify({ since: 1, by: 'test' }), 1);
  const started = performance.now();
  const told: string[] = [];
  const note = (what: string): void => {
    told.push(`${((performance.now() - started) / 1000).toFixed(2).padStart(7)}  ${what}`);
  };
  const flags = ports.length > 1 ? ['--shared'] : [];
  const [first, ...others] = ports;
  const services: Ground['services'] = [
    new Service(env, first, flags),
    ...others.map((port) => new Service(env, port, flags)),
  ];
  note(
    `Odoo ${version} over ${protocol}; acknowledgement of the ${ackMeaning}; ${supplier.products.length} variants; ${profile.cartona.dialect}; brake at ${brake.zeroStockSharePercent} %${eventsAlone ? '; events alone' : ''}${services.length > 1 ? '; two services' : ''}`,
  );
  const watch = new Watch(market, odoo, services.length > 1);
  market.webhooks.subscribe({ url: services[0].url, bearer: WEBHOOK_TOKEN, secrets: [WEBHOOK_SECRET] });
  const commands = new Set<Promise<void>>();
  return {
    seed,
    random,
    version,
    eventsAlone,
    market,
    odoo,
    services,
    store,
    watch,
    told,
    note,
    command(args) {
      const running = runCli(args, { env }).then(({ code, stderr }) => {
        note(`… \`${args.join(' ')}\` ended with ${code}${stderr === '' ? '' : `: ${stderr.trim().split('\n')[0]}`}`);
        commands.delete(running);
      });
      commands.add(running);
    },
    commandsEnded: async () => {
      await Promise.all(commands);
    },
    async close() {
      for (const service of services) await service.kill();
      await Promise.all(commands);
      await store.close();
      await Promise.all([market.close(), odoo.close()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
