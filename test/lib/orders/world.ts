import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createCartona } from '../../../src/lib/cartona/client.js';
import type { OdooClient } from '../../../src/lib/odoo/client.js';
import { connectOdoo } from '../../../src/lib/odoo/discover.js';
import { setUpIdField } from '../../../src/lib/odoo/setup.js';
import type { Protocol } from '../../../src/lib/odoo/transports.js';
import { startMarketplace } from '../../../src/sandbox/marketplace/server.js';
import { startOdoo, type OdooVersion } from '../../../src/sandbox/odoo/odoo.js';
import type { ApiOrder, MarketplaceProduct, Supplier } from '../../../src/sandbox/supplier/supplier.js';
import type { Session } from '../../../src/lib/session.js';
import { profileSchema, type Profile } from '../../../src/lib/settings/profile.js';
import { openSqliteStore } from '../../../src/lib/store/sqlite/sqlite-store.js';
import { rawOrder, type RawLine } from './orders.js';

/** An Odoo to try things on. */
export type Target = { readonly version: OdooVersion; readonly protocol: Protocol } | { readonly real: NodeJS.ProcessEnv; readonly protocol?: Protocol };

const real = process.env['CARTONA_TEST_ODOO_URL'] === undefined ? [] : [{ real: process.env }];

/** Simulated Odoos of every version, each over another protocol; and the real one that the environment names. */
export const TARGETS: readonly Target[] = [{ version: 16, protocol: 'xml-rpc' }, { version: 18, protocol: 'json-rpc' }, { version: 19, protocol: 'json-2' }, ...real];

export const targetName = (target: Target): string => ('real' in target ? 'a real Odoo' : `a simulated Odoo ${target.version} over ${target.protocol}`);

const EMPTY: Supplier = { seed: 1, products: [], marketplaceProducts: [], orders: [], retailerOtps: {}, duplicatedReference: null };

interface Access {
  readonly url: string;
  readonly db: string;
  readonly user: { readonly login: string; readonly key: string };
  readonly admin: { readonly login: string; readonly key: string };
}

async function openOdoo(target: Target): Promise<Access> {
  if ('real' in target) {
    const of = (name: string): string => target.real[`CARTONA_TEST_ODOO_${name}`] ?? '';
    return { url: of('URL'), db: of('DB'), user: { login: of('LOGIN'), key: of('KEY') }, admin: { login: of('ADMIN_LOGIN'), key: of('ADMIN_KEY') } };
  }
  const odoo = await startOdoo({ version: target.version, supplier: EMPTY });
  onTestFinished(() => odoo.close());
  return { url: odoo.url, db: odoo.db, user: { login: odoo.login, key: odoo.key }, admin: { login: odoo.adminLogin, key: odoo.adminKey } };
}

const saleRow = z.object({
  id: z.number(), name: z.string(), state: z.string(), locked: z.boolean().optional(), client_order_ref: z.string(), amount_total: z.number(), partner_id: z.number(),
  note: z.union([z.string(), z.literal(false)]), commitment_date: z.union([z.string(), z.literal(false)]),
});
const lineRow = z.looseObject({ id: z.number(), product_id: z.number(), product_uom_qty: z.number(), price_unit: z.number() });

export type World = Awaited<ReturnType<typeof openWorld>>;

export interface WorldOptions {
  readonly orders?: Partial<Profile['orders']>;
  /** Products that the marketplace sells, by the ids that `id()` makes this world's own: needed only to add lines of them. */
  readonly sold?: readonly string[];
}

const soldProduct = (internalProductId: string, at: number): MarketplaceProduct => ({
  supplierProductId: 1000 + at, internalProductId, baseProductId: 1000 + at, unit: 'piece', unitCount: 1, name: `منتج ${at}`, sellingPrice: '9', medianPrice: '9', taxPercentage: 0,
  stock: 1000, unlimitedStock: false, minOrder: 1, maxOrder: null, remindMeAtStock: null, inStock: true, variantRef: null, isPublished: true, isBundle: false, soldAmount: 0, notes: null,
});

/**
 * A marketplace, an Odoo and a session between them. On a real Odoo, products and orders bear ids of this world only, so
 * that it may be used by several at once and keeps what tests leave.
 */
export async function openWorld(target: Target, options: WorldOptions = {}) {
  const tag = randomBytes(4).toString('hex');
  const access = await openOdoo(target);
  const market = await startMarketplace({ supplier: { ...EMPTY, marketplaceProducts: (options.sold ?? []).map((short, at) => soldProduct(`${tag}${short}`, at)) }, logLimit: 10_000 });
  onTestFinished(() => market.close());
  const { client: admin } = await connectOdoo({ ...access, ...access.admin });
  await setUpIdField(admin, { dryRun: false });
  const odoo = await connectOdoo({ ...access, ...access.user }, target.protocol === undefined ? {} : { protocol: target.protocol });
  const profile = profileSchema.parse({
    cartona: { url: market.url, dialect: 'base-product' },
    odoo: { url: access.url, db: access.db, login: access.user.login, uid: odoo.uid, version: odoo.version, protocol: odoo.protocol, company: odoo.company, idField: { model: 'product.product', name: 'x_cartona_id' } },
    orders: options.orders ?? {},
  });
  const directory = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));

  /** A session with durable rows of its own: another machine, or this one after its disk was lost. */
  function machine(name = randomBytes(4).toString('hex')): Session {
    const store = openSqliteStore(join(directory, `${name}.sqlite`), 'default');
    onTestFinished(() => store.close());
    return {
      profileName: 'default', profile, store, odoo: odoo.client, signal: undefined, now: Date.now, progress: () => undefined,
      cartona: createCartona({ url: market.url, token: market.token, dialect: 'base-product', identifyBy: 'internal_product_id' }),
    };
  }

  const session = machine('first');
  const call = async (model: string, method: string, args: Record<string, unknown>): Promise<unknown> => admin.call(model, method, args, z.unknown());
  const id = (short: string): string => `${tag}${short}`;

  return {
    session, machine, market, admin, tag, id, call,
    major: odoo.version.major,
    lineTaxes: odoo.version.major >= 19 ? 'tax_ids' : 'tax_id',

    /** Makes storable products with these Cartona ids (`id()` of what is given) and gives their ids in Odoo, in order. */
    async products(shortIds: readonly string[], fields: Record<string, string> = {}): Promise<number[]> {
      const storable = odoo.version.major >= 18 ? ['is_storable', '1'] as const : ['detailed_type', 'Storable Product'] as const;
      const columns = ['name', 'x_cartona_id', storable[0], 'list_price', 'taxes_id/.id', ...Object.keys(fields)];
      const data = shortIds.map((short) => [`Product ${short}`, id(short), storable[1], '99', '', ...Object.values(fields)]);
      return loaded(admin, 'product.product', columns, data);
    },

    /** Writes one record as a person does in Odoo. */
    async write(model: string, recordId: number, fields: Record<string, string>): Promise<void> {
      await loaded(admin, model, ['.id', ...Object.keys(fields)], [[String(recordId), ...Object.values(fields)]]);
    },

    /** Places an order at the marketplace; ids in it are made this world's own. @returns its `hashed_id` */
    place(lines: readonly RawLine[], fields: Record<string, unknown> = {}): string {
      const raw = rawOrder(lines.map((line) => ({ ...line, internal_product_id: line.internal_product_id === null ? null : id(line.internal_product_id ?? 'P1') })), fields);
      const own = { ...raw, hashed_id: id(raw.hashed_id) } as unknown as ApiOrder;
      if (fields['retailer'] === undefined) own.retailer = { ...own.retailer, retailer_code: id(own.retailer.retailer_code ?? ''), retailer_number: freshPhone() };
      market.state.orders.add(own, null);
      return own.hashed_id;
    },

    /** The order as the marketplace has it. */
    at: (hashedId: string): ApiOrder => market.state.orders.require(hashedId).order,
    listed: (hashedId: string): boolean => market.state.orders.isListed(hashedId),

    /** Changes lines (by position) as a retailer does between `editing` and `pending`; `null` takes one off, a further one is added. */
    edit(hashedId: string, edits: readonly (Partial<RawLine> | null | undefined)[]): void {
      const record = market.state.orders.require(hashedId);
      const kept = record.order.order_details.flatMap((line, at) => (edits[at] === null ? [] : [{ ...line, ...edits[at] }]));
      const added = edits.slice(record.order.order_details.length).flatMap((edit) => (edit ? rawOrder([{ ...edit, internal_product_id: id(edit.internal_product_id ?? 'P1') }]).order_details : []));
      market.state.orders.change(record, { order_details: [...kept, ...added] as unknown as ApiOrder['order_details'] });
    },

    status(hashedId: string, status: ApiOrder['status'], more: Partial<ApiOrder> = {}): void {
      market.state.orders.change(market.state.orders.require(hashedId), { status, ...more });
    },

    /** Every sale order of this `hashed_id` in Odoo, with its lines: there must never be two. */
    async sales(hashedId: string) {
      const rows = await admin.call('sale.order', 'search_read', {
        domain: [['client_order_ref', '=', hashedId]],
        fields: ['name', 'state', 'client_order_ref', 'amount_total', 'partner_id', 'note', 'commitment_date', ...(odoo.version.major >= 17 ? ['locked'] : [])],
        load: '', order: 'id',
      }, z.array(saleRow));
      return Promise.all(rows.map(async (row) => ({
        ...row,
        lines: await admin.call('sale.order.line', 'search_read', {
          domain: [['order_id', '=', row.id]], fields: ['product_id', 'product_uom_qty', 'price_unit', odoo.version.major >= 19 ? 'tax_ids' : 'tax_id'], load: '', order: 'id',
        }, z.array(lineRow)),
      })));
    },

    /** The one sale order of this `hashed_id`. */
    async sale(hashedId: string) {
      const [only, ...more] = await this.sales(hashedId);
      if (only === undefined || more.length > 0) throw new Error(`${more.length + (only ? 1 : 0)} sale orders of ${hashedId}`);
      return only;
    },

    async partner(partnerId: number) {
      const fields = ['name', 'ref', 'phone', 'street'];
      const [row] = await admin.call('res.partner', 'search_read', { domain: [['id', '=', partnerId]], fields }, z.array(z.looseObject({ id: z.number() })));
      return row;
    },

    async messages(orderId: number): Promise<string[]> {
      const rows = await admin.call('mail.message', 'search_read', { domain: [['model', '=', 'sale.order'], ['res_id', '=', orderId]], fields: ['body'] }, z.array(z.object({ body: z.string() })));
      return rows.map((row) => row.body);
    },

    async inbox(hashedId: string) {
      return (await session.store.inbox.list({ hashedIds: [hashedId] }))[0];
    },
  };
}

/** Creates or writes records through `load`. @throws when Odoo refuses any */
export async function loaded(odoo: OdooClient, model: string, fields: readonly string[], data: readonly (readonly string[])[]): Promise<number[]> {
  const answer = await odoo.call(model, 'load', { fields, data, context: { tz: 'UTC' } }, z.object({ ids: z.union([z.array(z.number()), z.literal(false)]), messages: z.unknown() }));
  if (answer.ids === false) throw new Error(JSON.stringify(answer.messages));
  return answer.ids;
}

/** A mobile number that no other order has. */
export const freshPhone = (): string => `010${String(10_000_000 + (randomBytes(4).readUInt32BE(0) % 89_999_999))}`;

/** A world on a simulated Odoo 18 that a test may look into and stage faults at. */
export async function openStagedWorld(options: WorldOptions = {}) {
  const simulated = await startOdoo({ supplier: EMPTY });
  onTestFinished(() => simulated.close());
  const of = (name: string, value: string): [string, string] => [`CARTONA_TEST_ODOO_${name}`, value];
  const access = [of('URL', simulated.url), of('DB', simulated.db), of('LOGIN', simulated.login), of('KEY', simulated.key), of('ADMIN_LOGIN', simulated.adminLogin), of('ADMIN_KEY', simulated.adminKey)];
  const world = await openWorld({ real: Object.fromEntries(access) }, options);
  await world.products(['P1']);
  return { simulated, world };
}
