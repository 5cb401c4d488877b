import { afterAll, expect } from 'vitest';
import { startMarketplace, type Marketplace, type MarketplaceOptions } from '../../src/sandbox/marketplace/server.js';
import { startOdoo, type OdooOptions, type SimulatedOdoo } from '../../src/sandbox/odoo/odoo.js';
import { makeSupplier, type Supplier } from '../../src/sandbox/supplier/supplier.js';
import { runCli, temporaryDirectory, type CliResult } from './cli.js';

export interface Sandboxes {
  readonly supplier: Supplier;
  readonly marketplace: Marketplace;
  readonly odoo: SimulatedOdoo;
  /** A home of its own and the six variables that a login needs. */
  readonly env: Readonly<Record<string, string>>;
}

export interface SandboxesOptions {
  readonly seed?: number;
  readonly products?: number;
  readonly orders?: number;
  readonly odoo?: OdooOptions;
  readonly marketplace?: MarketplaceOptions;
}

const running: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** One supplier's marketplace and Odoo, as real servers that end with the test file. */
export async function startSandboxes(options: SandboxesOptions = {}): Promise<Sandboxes> {
  const seed = options.seed ?? 1;
  const supplier = makeSupplier({ seed, products: options.products ?? 60, orders: options.orders ?? 10 });
  const marketplace = await startMarketplace({ supplier, seed, ...options.marketplace });
  running.push(marketplace);
  const odoo = await startOdoo({ supplier, seed, ...options.odoo });
  running.push(odoo);
  const env = {
    CARTONA_HOME: temporaryDirectory(),
    CARTONA_URL: marketplace.url,
    CARTONA_TOKEN: marketplace.token,
    CARTONA_ODOO_URL: odoo.url,
    CARTONA_ODOO_DB: odoo.db,
    CARTONA_ODOO_LOGIN: odoo.login,
    CARTONA_ODOO_KEY: odoo.key,
  };
  return { supplier, marketplace, odoo, env };
}

/** Logs the sandboxes' profile in; afterwards `env.CARTONA_HOME` alone is enough to run commands. */
export async function logIn(sandboxes: Sandboxes, ...flags: string[]): Promise<CliResult> {
  const result = await runCli(['login', '--json', ...flags], { env: sandboxes.env });
  expect(result.stderr).toBe('');
  expect(result.code).toBe(0);
  return result;
}
