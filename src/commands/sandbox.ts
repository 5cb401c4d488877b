import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { CartonaError } from '../lib/common/errors.js';
import type { Marketplace } from '../sandbox/marketplace/server.js';
import type { NewSubscriber, subscriberSchema } from '../sandbox/marketplace/webhooks/webhook-signing.js';
import type { SimulatedOdoo } from '../sandbox/odoo/odoo.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { printJson } from '../lib/ui/output/terminal.js';

const VERSIONS = ['16', '18', '19'] as const;
const port = (whose: string) =>
  Flags.integer({ summary: `The port of ${whose}; any free one unless given.`, min: 0, max: 65_535, default: 0 });

export default class Sandbox extends BaseCommand<typeof Sandbox> {
  static override summary =
    'Run a simulated Cartona marketplace and a simulated Odoo on this machine, for trying and testing.';
  static override description = `Both are real HTTP servers on 127.0.0.1 that hold one believable supplier, and forget everything when they stop. They run until Ctrl-C or SIGTERM.
With --webhook-url the marketplace tells of orders by itself. With --json one line with all addresses and credentials is printed as soon as both are ready.

What the outside world does is staged by requests from this machine, without a token, with JSON bodies; docs/sandbox.md lists them all.

At the marketplace's address:
POST /_sandbox/orders             a retailer orders
POST /_sandbox/orders/ID/ACTION   start-editing, finish-editing, cancel
POST /_sandbox/orders/ID/ACTION   admin-edit, set-status (Cartona's staff)
GET  /_sandbox/state?what=orders  also products, requests, webhooks
POST /_sandbox/webhooks           another subscriber; DELETE: none
POST /_sandbox/faults             the next requests fail; DELETE: none does
POST /_sandbox/behaviour          how it answers and sends webhooks
POST /_sandbox/pause              answers nothing; DELETE: it does again
POST /_sandbox/restart            goes away and comes back

At Odoo's address:
POST /_sandbox/products           a price or a count changes
POST /_sandbox/faults             the next calls fail; DELETE: none does
GET  /_sandbox/state?model=sale.order`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --odoo-version 19 --cartona-port 9001 --odoo-port 9002 --seed 7',
    '<%= config.bin %> <%= command.id %> --webhook-url http://127.0.0.1:8080 --webhook-token not-a-secret --activity 6',
    '<%= config.bin %> <%= command.id %> --mapping-csv mapping.csv --bad-rows',
    {
      description: 'Another terminal: a retailer orders',
      command: 'curl -X POST http://127.0.0.1:9001/_sandbox/orders',
    },
    {
      description: 'The next three bulk updates fail',
      command: `curl -X POST http://127.0.0.1:9001/_sandbox/faults -H content-type:application/json -d '{"kind":"500","match":{"path":"bulk-update"},"times":3}'`,
    },
    {
      description: 'Webhooks go to a service that runs here',
      command: `curl -X POST http://127.0.0.1:9001/_sandbox/webhooks -H content-type:application/json -d '{"url":"http://127.0.0.1:8474","bearer":"TOKEN"}'`,
    },
    {
      description: 'The marketplace is away for ten seconds',
      command: `curl -X POST http://127.0.0.1:9001/_sandbox/restart -H content-type:application/json -d '{"downMs":10000}'`,
    },
  ];

  static override flags = {
    'odoo-version': Flags.option({ options: VERSIONS, summary: 'The Odoo to simulate.', default: '18' })(),
    'cartona-port': port('the marketplace'),
    'odoo-port': port('Odoo'),
    seed: Flags.integer({ summary: 'The same seed gives the same supplier and the same credentials.', default: 1 }),
    products: Flags.integer({ summary: 'How many product variants.', min: 1, default: 400 }),
    orders: Flags.integer({ summary: 'How many orders.', min: 0, default: 100 }),
    latency: Flags.integer({
      summary: 'Milliseconds that the marketplace takes for every answer.',
      min: 0,
      default: 0,
    }),
    'odoo-latency': Flags.integer({ summary: 'Milliseconds that Odoo takes for every answer.', min: 0, default: 0 }),
    dialect: Flags.option({
      options: ['both', 'base-product', 'supplier-product'] as const,
      summary: 'What the marketplace speaks.',
      default: 'both',
    })(),
    'cartona-field': Flags.option({
      options: ['none', 'product', 'template'] as const,
      summary:
        "Whether Odoo's products carry their Cartona ids already, and where; with none, a person sets up and imports.",
      default: 'none',
    })(),
    'webhook-url': Flags.string({
      summary: 'Where the marketplace posts new orders and their states; /cartona_integration/webhook/… is appended.',
    }),
    'webhook-token': Flags.string({ summary: 'Sent with each webhook as a bearer token.', dependsOn: ['webhook-url'] }),
    'webhook-secret': Flags.string({
      summary: 'Signs each webhook (whsec_…, Standard Webhooks); several while keys are exchanged.',
      multiple: true,
      dependsOn: ['webhook-url'],
    }),
    activity: Flags.integer({
      summary: 'About how many times a minute some retailer places, edits or cancels an order by itself.',
      min: 0,
      max: 6000,
      default: 0,
    }),
    'mapping-csv': Flags.string({
      summary: 'Write a mapping file of the supplier (internal reference and Cartona id).',
    }),
    'bad-rows': Flags.boolean({ summary: 'With the usual mistakes in the mapping file.', dependsOn: ['mapping-csv'] }),
  };

  async run(): Promise<void> {
    await this.withStop(async (signal) => {
      const servers = await this.start();
      try {
        if (this.jsonEnabled()) printJson(describe(servers, this.flags['mapping-csv']));
        else this.show(servers);
        if (!signal.aborted) await once(signal, 'abort');
      } finally {
        await Promise.all([servers.marketplace.close(), servers.odoo.close()]);
      }
    });
  }

  private async start(): Promise<Servers> {
    const { seed, products, orders, latency, dialect, activity, 'mapping-csv': csv } = this.flags;
    const [{ makeSupplier }, { startMarketplace }, { subscriberSchema }, { startOdoo, ODOO_VERSIONS }, { mappingCsv }] =
      await Promise.all([
        import('../sandbox/supplier/supplier.js'),
        import('../sandbox/marketplace/server.js'),
        import('../sandbox/marketplace/webhooks/webhook-signing.js'),
        import('../sandbox/odoo/odoo.js'),
        import('../sandbox/mapping-csv.js'),
      ]);
    const version = ODOO_VERSIONS.find((one) => String(one) === this.flags['odoo-version']);
    if (version === undefined)
      throw new CartonaError(
        'usage',
        `Odoo ${this.flags['odoo-version']} cannot be simulated; choose one of ${ODOO_VERSIONS.join(', ')}.`,
      );
    const subscriber = this.subscriber(subscriberSchema);
    const supplier = makeSupplier({ seed, products, orders });
    if (csv !== undefined) await writeFile(csv, mappingCsv(supplier, { badRows: this.flags['bad-rows'] }));
    const marketplace = await startMarketplace({
      supplier,
      seed,
      port: this.flags['cartona-port'],
      latencyMs: latency,
      activity,
      ...(dialect === 'both' ? {} : { dialects: [dialect] }),
      ...(subscriber === undefined ? {} : { subscriber }),
    });
    try {
      const odoo = await startOdoo({
        supplier,
        seed,
        version,
        port: this.flags['odoo-port'],
        latencyMs: this.flags['odoo-latency'],
        cartonaField: this.flags['cartona-field'],
      });
      return { marketplace, odoo };
    } catch (error) {
      await marketplace.close();
      throw error;
    }
  }

  /** Whom webhooks go to. @throws CartonaError (usage) for a malformed address or secret */
  private subscriber(schema: typeof subscriberSchema): NewSubscriber | undefined {
    const { 'webhook-url': url, 'webhook-token': bearer, 'webhook-secret': secrets = [] } = this.flags;
    if (url === undefined) return undefined;
    const parsed = schema.safeParse({ url, bearer, secrets });
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const flag =
      issue?.path[0] === 'secrets'
        ? '--webhook-secret'
        : issue?.path[0] === 'bearer'
          ? '--webhook-token'
          : '--webhook-url';
    throw new CartonaError('usage', `${flag} ${issue?.message ?? 'is malformed'}; see cartona sandbox --help.`);
  }

  private show({ marketplace, odoo }: Servers): void {
    const { env, adminEnv } = variables({ marketplace, odoo });
    this.say(`Cartona marketplace  ${marketplace.url}  (controls: ${marketplace.url}/_sandbox)`);
    this.say(
      `Odoo ${odoo.version}              ${odoo.url}  database ${odoo.db}  (a salesperson: ${odoo.salesLogin}, key ${odoo.salesKey})`,
    );
    if (this.flags['webhook-url'] !== undefined)
      this.say(`Webhooks             ${this.flags['webhook-url'].replace(/\/+$/, '')}/cartona_integration/webhook/…`);
    this.say();
    this.say('What the outside world does:');
    this.say(
      `  curl -X POST ${marketplace.url}/_sandbox/orders               a retailer orders; then …/orders/ID/cancel, start-editing, finish-editing`,
    );
    this.say(`  curl '${marketplace.url}/_sandbox/state?what=orders'          also products, requests, webhooks`);
    this.say(`  curl -X POST ${marketplace.url}/_sandbox/restart              also faults, behaviour, webhooks, pause`);
    this.say(
      `  curl ${odoo.url}/_sandbox/products -d '{"product":"SKU-10005","list_price":12.5}'   a price changes in Odoo; "quantity":7 for a count`,
    );
    this.say();
    this.say('In another terminal:');
    this.say('  export CARTONA_HOME=$(mktemp -d)');
    for (const [name, value] of Object.entries({ ...env, ...adminEnv })) this.say(`  export ${name}=${value}`);
    this.say('  cartona login && cartona odoo setup');
    if (this.flags['mapping-csv'] !== undefined) this.say(`  cartona map import ${this.flags['mapping-csv']}`);
    this.say();
    this.say('Ready. Press Ctrl-C to stop.');
  }
}

interface Servers {
  readonly marketplace: Marketplace;
  readonly odoo: SimulatedOdoo;
}

/** What `cartona login` and `cartona odoo setup` take from the environment. */
function variables({ marketplace, odoo }: Servers): { env: Record<string, string>; adminEnv: Record<string, string> } {
  return {
    env: {
      CARTONA_URL: marketplace.url,
      CARTONA_TOKEN: marketplace.token,
      CARTONA_ODOO_URL: odoo.url,
      CARTONA_ODOO_DB: odoo.db,
      CARTONA_ODOO_LOGIN: odoo.login,
      CARTONA_ODOO_KEY: odoo.key,
    },
    adminEnv: { CARTONA_ODOO_ADMIN_LOGIN: odoo.adminLogin, CARTONA_ODOO_ADMIN_KEY: odoo.adminKey },
  };
}

function describe(servers: Servers, mappingFile: string | undefined): object {
  const { marketplace, odoo } = servers;
  return {
    marketplace: { url: marketplace.url, token: marketplace.token, controls: `${marketplace.url}/_sandbox` },
    odoo: {
      url: odoo.url,
      db: odoo.db,
      version: odoo.version,
      login: odoo.login,
      key: odoo.key,
      password: odoo.password,
      adminLogin: odoo.adminLogin,
      adminKey: odoo.adminKey,
      salesLogin: odoo.salesLogin,
      salesKey: odoo.salesKey,
    },
    ...variables(servers),
    ...(mappingFile === undefined ? {} : { mappingCsv: mappingFile }),
  };
}
