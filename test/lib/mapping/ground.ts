import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createCartona } from '../../../src/lib/cartona/client.js';
import { createOdoo, type OdooClient } from '../../../src/lib/odoo/client.js';
import type { Protocol } from '../../../src/lib/odoo/transports.js';
import { startOdoo, type OdooVersion, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import type { Session } from '../../../src/lib/session.js';
import type { Profile } from '../../../src/lib/settings/profile.js';
import { openSqliteStore } from '../../../src/lib/store/sqlite/sqlite-store.js';
import { sampleProfile } from '../settings/sample.js';

export interface GroundOptions {
  readonly version?: OdooVersion;
  readonly protocol?: Protocol;
  /** Where the Cartona id lives: on the variant unless told. */
  readonly idField?: 'product' | 'template' | 'barcode' | 'default_code';
  /** Who is logged in: the integration user, or (simulated only) a salesperson who may change no product. */
  readonly user?: 'integration' | 'sales';
}

export interface NewProduct {
  readonly reference?: string;
  readonly barcode?: string;
  readonly name?: string;
  readonly cartonaId?: string;
  readonly archived?: boolean;
  readonly notForSale?: boolean;
}

const FIELDS = {
  product: { model: 'product.product', name: 'x_cartona_id' },
  template: { model: 'product.template', name: 'x_cartona_tid' },
  barcode: { model: 'product.product', name: 'barcode' },
  default_code: { model: 'product.product', name: 'default_code' },
} as const;

interface Server {
  readonly url: string;
  readonly db: string;
  readonly major: number;
  readonly user: { login: string; key: string };
  readonly admin: { login: string; key: string };
  readonly simulated: SimulatedOdoo | undefined;
}

/** Ids and references of this run only, so that a real server may be used by several at once. */
export const tag = randomBytes(3).toString('hex').toUpperCase();

/**
 * A session against an Odoo: the real one that CARTONA_TEST_ODOO_URL names (with _DB, _LOGIN, _KEY, _ADMIN_LOGIN,
 * _ADMIN_KEY), whatever version is asked for, else a simulated one. What a test makes there is removed after it.
 */
export async function openGround(options: GroundOptions = {}) {
  const server = await openServer(options);
  const adminUid = await authenticate(server, server.admin);
  const admin = client(server, { ...server.admin, uid: adminUid }, 'json-rpc');
  const idField = FIELDS[options.idField ?? 'product'];
  if (idField.name.startsWith('x_')) await ensureField(admin, idField);
  const uid = await authenticate(server, server.user);
  const calls: { model: string; method: string; args: Record<string, unknown> }[] = [];
  const meanwhile = new Map<string, () => Promise<unknown>>();
  const wire = client(server, { ...server.user, uid }, options.protocol ?? 'json-rpc');
  const odoo: OdooClient = {
    ...wire,
    call: async (model, method, args, answer, more) => {
      calls.push({ model, method, args });
      const before = meanwhile.get(method);
      meanwhile.delete(method);
      await before?.();
      return wire.call(model, method, args, answer, more);
    },
  };
  const directory = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  const sample = sampleProfile();
  const profile: Profile = {
    ...sample,
    odoo: { ...sample.odoo, url: server.url, db: server.db, login: server.user.login, uid, version: { major: server.major, text: `${server.major}.0` }, protocol: options.protocol ?? 'json-rpc', idField },
  };
  const store = openSqliteStore(join(directory, 'cartona.sqlite'), 'default');
  const session: Session = {
    profileName: 'default',
    profile,
    cartona: createCartona({ url: 'http://127.0.0.1:9', token: 'none', dialect: 'base-product', identifyBy: 'internal_product_id' }),
    odoo,
    store,
    signal: undefined,
    now: Date.now,
    progress: () => undefined,
  };
  const made: number[] = [];
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
    if (!server.simulated) {
      const left = await admin.call('product.product', 'search', { domain: [['id', 'in', made]], context: { active_test: false } }, z.array(z.number()));
      await admin.call('product.product', 'unlink', { ids: left }, z.unknown());
    }
    await server.simulated?.close();
  });
  const everything = { context: { active_test: false } };

  return {
    session,
    store,
    server,
    simulated: server.simulated,
    admin,
    calls,
    /** Lets something happen in Odoo right before the next call of a method, as another person's doing. */
    meanwhile: (method: string, happens: () => Promise<unknown>) => meanwhile.set(method, happens),
    /** Writes as an administrator. */
    write: (ids: readonly number[], vals: Record<string, unknown>) => admin.call('product.product', 'write', { ids, vals }, z.unknown()),
    unlink: (ids: readonly number[]) => admin.call('product.product', 'unlink', { ids }, z.unknown()),
    /** Makes products and gives their ids, in order. */
    async products(list: readonly NewProduct[]): Promise<number[]> {
      const values = list.map((one, at) => ({
        name: one.name ?? `منتج ${at}`,
        ...(one.reference === undefined ? {} : { default_code: one.reference }),
        ...(one.barcode === undefined ? {} : { barcode: one.barcode }),
        ...(one.cartonaId === undefined ? {} : { [idField.name]: one.cartonaId }),
        sale_ok: one.notForSale !== true,
      }));
      const ids: number[] = [];
      for (let from = 0; from < values.length; from += 500) {
        ids.push(...(await admin.call('product.product', 'create', { vals_list: values.slice(from, from + 500) }, z.array(z.number()))));
      }
      made.push(...ids);
      const archived = ids.filter((_, at) => list[at]?.archived === true);
      if (archived.length > 0) await admin.call('product.product', 'write', { ids: archived, vals: { active: false } }, z.unknown());
      return ids;
    },
    /** Makes a template with one variant per value and gives the variants' ids. */
    async variants(values: readonly string[], cartonaId?: string): Promise<number[]> {
      const [attribute] = await admin.call('product.attribute', 'create', { vals_list: [{ name: `Size ${tag}`, create_variant: 'always' }] }, z.array(z.number()));
      const valueIds = await admin.call('product.attribute.value', 'create', { vals_list: values.map((name) => ({ name, attribute_id: attribute })) }, z.array(z.number()));
      const line = [0, 0, { attribute_id: attribute, value_ids: [[6, 0, valueIds]] }];
      const vals = { name: `Multi ${tag}`, attribute_line_ids: [line], ...(cartonaId === undefined ? {} : { [idField.name]: cartonaId }) };
      const [template] = await admin.call('product.template', 'create', { vals_list: [vals] }, z.array(z.number()));
      const ids = await admin.call('product.product', 'search', { domain: [['product_tmpl_id', '=', template]], order: 'id' }, z.array(z.number()));
      made.push(...ids);
      return ids;
    },
    /** The Cartona ids that products hold now, in the order given; null for none. */
    async held(ids: readonly number[]): Promise<(string | null)[]> {
      const rows = await admin.call('product.product', 'search_read', { domain: [['id', 'in', ids]], fields: [idField.name], ...everything }, z.array(z.looseObject({ id: z.number() })));
      const values = new Map(rows.map((row) => [row.id, row[idField.name]]));
      return ids.map((id) => {
        const value = values.get(id);
        return typeof value === 'string' ? value : null;
      });
    },
    /** A file in a directory of the test's own. */
    file(content: string | Buffer, name = 'map.csv'): string {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
    read: (name: string): string => readFileSync(join(directory, name), 'utf8'),
    path: (name: string): string => join(directory, name),
  };
}

async function openServer(options: GroundOptions): Promise<Server> {
  const env = process.env;
  const url = env['CARTONA_TEST_ODOO_URL'];
  if (url !== undefined) {
    const { server_version_info: info } = z.object({ server_version_info: z.array(z.unknown()) }).parse(await rpc(url, 'common', 'version', []));
    const user = { login: env['CARTONA_TEST_ODOO_LOGIN'] ?? '', key: env['CARTONA_TEST_ODOO_KEY'] ?? '' };
    const admin = { login: env['CARTONA_TEST_ODOO_ADMIN_LOGIN'] ?? user.login, key: env['CARTONA_TEST_ODOO_ADMIN_KEY'] ?? user.key };
    return { url, db: env['CARTONA_TEST_ODOO_DB'] ?? '', major: Number(info[0]), user, admin, simulated: undefined };
  }
  const simulated = await startOdoo({
    version: options.version ?? 18,
    supplier: { seed: 1, products: [], marketplaceProducts: [], orders: [], retailerOtps: {}, duplicatedReference: null },
  });
  const { db, login, key, adminLogin, adminKey, salesLogin, salesKey } = simulated;
  const user = options.user === 'sales' ? { login: salesLogin, key: salesKey } : { login, key };
  return { url: simulated.url, db, major: simulated.version, user, admin: { login: adminLogin, key: adminKey }, simulated };
}

async function rpc(url: string, service: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const answer = await fetch(`${url}/jsonrpc`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } }) });
  const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown };
  if (error !== undefined) throw new Error(JSON.stringify(error));
  return result;
}

const authenticate = async ({ url, db }: Server, { login, key }: { login: string; key: string }): Promise<number> => z.number().parse(await rpc(url, 'common', 'authenticate', [db, login, key, {}]));

const client = ({ url, db, major }: Server, user: { login: string; key: string; uid: number }, protocol: Protocol): OdooClient =>
  createOdoo({ url, db, major, ...user, protocol, companyId: 1, timeoutMs: 100_000 });

async function ensureField(admin: OdooClient, { model, name }: { model: string; name: string }): Promise<void> {
  const fields = await admin.call(model, 'fields_get', { allfields: [name], attributes: ['type'] }, z.record(z.string(), z.unknown()));
  if (name in fields) return;
  const [id] = await admin.call('ir.model', 'search', { domain: [['model', '=', model]] }, z.array(z.number()));
  const values = { model_id: id, name, field_description: 'Cartona id', ttype: 'char', index: true, copied: false };
  await admin.call('ir.model.fields', 'create', { vals_list: [values] }, z.unknown());
}
