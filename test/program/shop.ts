import { expect, onTestFinished } from 'vitest';
import { openSession } from '../../src/lib/open-session.js';
import { logIn } from '../../src/lib/log-in.js';
import { goLive, stopSending } from '../../src/lib/live/go-live.js';
import { listFailures, type Failure } from '../../src/lib/live/failures.js';
import type { Session } from '../../src/lib/session.js';
import { startMarketplace, type MarketplaceOptions } from '../../src/sandbox/marketplace/server.js';
import type { LoggedRequest } from '../../src/sandbox/marketplace/routes/request-log.js';
import { startOdoo, type OdooOptions } from '../../src/sandbox/odoo/odoo.js';
import type { Env } from '../../src/sandbox/odoo/orm/types.js';
import type { ApiOrder, MarketplaceProduct, Supplier, SupplierProduct } from '../../src/sandbox/supplier/supplier.js';
import { pathsOf } from '../../src/lib/settings/paths.js';
import { profileSchema, type Profile } from '../../src/lib/settings/profile.js';
import { saveProfile } from '../../src/lib/settings/profiles.js';
import { saveSecrets } from '../../src/lib/settings/secrets.js';
import { runCli, temporaryDirectory, type CliResult } from './cli.js';
import { startService, type Service } from './service.js';

/** What a person set, as `cartona settings` would. */
export type ShopSettings = { readonly [K in 'serve' | 'brake' | 'catalog' | 'webhooks']?: Partial<Profile[K]> };

export interface ShopOptions {
  /** Simple products `P1`, `P2`, … that both sides hold; Odoo holds 10 + number EGP and 100 of each. */
  readonly products?: number;
  /** What the marketplace holds instead of the same price and stock. */
  readonly listed?: (product: MarketplaceProduct) => MarketplaceProduct;
  readonly odoo?: OdooOptions;
  readonly marketplace?: MarketplaceOptions;
  readonly settings?: ShopSettings;
}

export const TOKEN = 'a-webhook-token-of-the-test';
export const SIGNING = `whsec_${Buffer.from('a signing key of the tests......').toString('base64')}`;
const UNMAPPED = 'U1';

/** Periods short enough for a test; the sweep is left out unless a test wants it. */
const QUICK: Required<Pick<Profile['serve'], 'pollMs' | 'idlePollMs' | 'sweepMinutes' | 'pullMinutes'>> = { pollMs: 100, idlePollMs: 100, sweepMinutes: 1440, pullMinutes: 0.02 };
/** A sweep of about a second. */
export const SWEEPING = { sweepMinutes: 0.01 };

const product = (ref: number, cartonaId: string | null, more: Partial<SupplierProduct> = {}): SupplierProduct => ({
  templateRef: ref, variantRef: ref, name: `Product ${ref}`, defaultCode: `SKU-${ref}`, barcode: null, categoryName: 'All', listPrice: (10 + ref).toFixed(2), priceExtra: '0.00',
  active: true, saleOk: true, type: 'storable', salesTaxPercent: 0, priceIncluded: false, stock: [{ warehouse: 'WH1', quantity: '100', reserved: '0' }], cartonaId, ...more,
});

function supplierOf({ products: count = 6, listed = (same) => same }: ShopOptions): Supplier {
  const simple = Array.from({ length: count }, (_, at) => product(at + 1, `P${at + 1}`));
  const variants = (['Mint', 'Rose'] as const).map((value, at) =>
    product(count + 1 + at, `V${at + 1}`, { templateRef: count + 1, listPrice: '50.00', priceExtra: at === 0 ? '0.00' : '1.25', attributeName: 'Scent', attributeValue: value }));
  const products = [...simple, ...variants, product(count + 3, null)];
  const marketplaceProducts = products.map((one, at): MarketplaceProduct => listed({
    supplierProductId: at + 1, internalProductId: one.cartonaId ?? UNMAPPED, baseProductId: at + 1, unit: 'piece', unitCount: 1, name: one.name,
    sellingPrice: (Number(one.listPrice) + Number(one.priceExtra)).toFixed(2), medianPrice: '1.00', taxPercentage: 0, stock: 100, unlimitedStock: false, inStock: true, isPublished: true, isBundle: false,
    minOrder: 1, maxOrder: null, remindMeAtStock: null, soldAmount: 0, notes: null, variantRef: one.variantRef,
  }));
  return { seed: 1, products, marketplaceProducts, orders: [], retailerOtps: {}, duplicatedReference: null };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** A small supplier's marketplace and Odoo as real servers, and a home directory that is logged in at both. All ends with the test. */
export async function openShop(options: ShopOptions = {}) {
  const supplier = supplierOf(options);
  const marketplace = await startMarketplace({ supplier, logLimit: 100_000, ...options.marketplace });
  onTestFinished(() => marketplace.close());
  const odoo = await startOdoo({ supplier, cartonaField: 'product', ...options.odoo });
  onTestFinished(() => odoo.close());
  const env: Record<string, string> = { CARTONA_HOME: temporaryDirectory() };
  const paths = pathsOf(env);
  const found = await logIn({ cartonaUrl: marketplace.url, cartonaToken: marketplace.token, odooUrl: odoo.url, odooDb: odoo.db, odooLogin: odoo.login, odooKey: odoo.key });
  const { settings = {} } = options;
  await saveProfile(paths, 'default', profileSchema.parse({ ...found.profile, ...settings, serve: { ...QUICK, ...settings.serve } }));
  await saveSecrets(paths, 'default', { cartonaToken: marketplace.token, odooKey: odoo.key }, () => undefined);
  marketplace.state.requests.clear();

  const withRows = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session = await openSession({ profileName: 'default', env });
    try {
      return await work(session);
    } finally {
      await session.store.close();
    }
  };
  const variants = new Map(odoo.store.records('product.product').flatMap((row) => (typeof row['x_cartona_id'] === 'string' ? [[row['x_cartona_id'], Number(row['id'])] as const] : [])));
  const change = <T>(work: (env: Env) => T): T => odoo.store.change(work);
  const idOf = (cartonaId: string): number => variants.get(cartonaId) ?? 0;
  const templateOf = (cartonaId: string): number => Number(odoo.store.records('product.product').find((row) => row['id'] === idOf(cartonaId))?.['product_tmpl_id']);
  const saleOf = (hashedId: string): Record<string, unknown> | undefined => odoo.store.records('sale.order').find((row) => row['client_order_ref'] === hashedId);
  const sentItems = (): Record<string, unknown>[] => marketplace.state.requests.list('bulk-update').flatMap(({ body }) => (Array.isArray(body) ? (body as Record<string, unknown>[]) : []));

  return {
    supplier, marketplace, odoo, env, paths, idOf, templateOf, saleOf, withRows, change,

    goLive: (): Promise<void> => withRows((session) => goLive(session, 'the test')),
    stopSending: (): Promise<void> => withRows((session) => stopSending(session, 'the test')),
    failures: (): Promise<Failure[]> => withRows((session) => listFailures(session)),

    /** Runs a command on this shop's profile. */
    run: (...args: string[]): Promise<CliResult> => runCli(args, { env }),

    /** Runs `cartona login` anew with another secret; the rest is taken over. */
    logInAgain: (secret: Readonly<Record<string, string>>): Promise<CliResult> => runCli(['login', '--json'], { env: { ...env, ...secret } }),

    /** Starts the service, waits for its ready line and, when it is live, until it has compared everything. */
    async serve(...args: string[]): Promise<Service> {
      const service = await startService(args, { ...env, CARTONA_WEBHOOK_TOKEN: TOKEN, CARTONA_WEBHOOK_SECRETS: SIGNING });
      marketplace.webhooks.subscribe({ url: service.url, bearer: TOKEN, secrets: [SIGNING] });
      return service;
    },

    /** Goes live, starts the service and waits until it has compared everything. */
    async serveLive(...args: string[]): Promise<Service> {
      await withRows((session) => goLive(session, 'the test'));
      const service = await this.serve(...args);
      await service.until('compared');
      return service;
    },

    // What a person does in Odoo.
    setPrice: (cartonaId: string, price: number): void => change((odooEnv) => odooEnv.write('product.template', [templateOf(cartonaId)], { list_price: price })),
    write: (cartonaId: string, values: Record<string, string | number | boolean>): void => change((odooEnv) => odooEnv.write('product.product', [idOf(cartonaId)], values)),
    count: (cartonaId: string, quantity: number): void => change((odooEnv) => countIn(odooEnv, idOf(cartonaId), quantity)),
    confirm: (hashedId: string): unknown => change((odooEnv) => act(odooEnv, 'sale.order', 'action_confirm', [Number(saleOf(hashedId)?.['id'])])),
    cancel: (hashedId: string): unknown => change((odooEnv) => act(odooEnv.with({ disable_cancel_warning: true }), 'sale.order', 'action_cancel', [Number(saleOf(hashedId)?.['id'])])),
    /** Validates every delivery of an order, whole; on 16 an order is over when it is locked. */
    deliver: (hashedId: string): void => change((odooEnv) => {
      const sale = Number(saleOf(hashedId)?.['id']);
      deliverAll(odooEnv, sale);
      if (odooEnv.version < 17) act(odooEnv, 'sale.order', 'action_done', [sale]);
    }),
    /** A quotation of a walk-in customer, confirmed: it reserves. */
    sell: (cartonaId: string, quantity: number): void => change((odooEnv) => {
      const customer = odooEnv.create('res.partner', { name: 'A walk-in customer' }).id;
      const sale = odooEnv.create('sale.order', { partner_id: customer }).id;
      odooEnv.create('sale.order.line', { order_id: sale, product_id: idOf(cartonaId), product_uom_qty: quantity, price_unit: 1 });
      act(odooEnv, 'sale.order', 'action_confirm', [sale]);
    }),

    // What stands at the marketplace.
    listed: (cartonaId: string): MarketplaceProduct => {
      const found = marketplace.state.products.byInternalProductId(cartonaId);
      if (!found) throw new Error(`the marketplace has no ${cartonaId}`);
      return found;
    },
    priceAt: (cartonaId: string): number => Number(marketplace.state.products.byInternalProductId(cartonaId)?.sellingPrice),
    stockAt: (cartonaId: string): number => marketplace.state.products.byInternalProductId(cartonaId)?.stock ?? Number.NaN,
    orderAt: (hashedId: string): ApiOrder => marketplace.state.orders.require(hashedId).order,
    place: (lines: readonly (readonly [cartonaId: string, amount: number])[] = [['P1', 2]], more: Partial<Parameters<typeof marketplace.retailers.place>[0]> = {}): string =>
      marketplace.retailers.place({ ...more, lines: lines.map(([cartonaId, amount]) => ({ internal_product_id: cartonaId, amount })) }).order.hashed_id,
    /** Requests that change something there. */
    writes: (): LoggedRequest[] => marketplace.state.requests.list().filter(({ method }) => method !== 'GET'),
    requests: (): number => marketplace.state.requests.total,
    /** Every stock figure of a product that was sent so far, oldest first. */
    sentStock: (cartonaId: string): unknown[] => sentItems().filter((item) => item['internal_product_id'] === cartonaId).flatMap((item) => item['available_stock_quantity'] ?? []),
    /** Every price of a product that was sent so far, oldest first. */
    sentPrices: (cartonaId: string): unknown[] => sentItems().filter((item) => item['internal_product_id'] === cartonaId).flatMap((item) => item['selling_price'] ?? []),
    /** Every item of the bulk updates so far, oldest first. */
    sentItems,
  };
}

/** Runs a method as a button does. */
export const act = (env: Env, model: string, method: string, ids: readonly number[]): unknown => {
  const found = env.model(model).methods.get(method);
  if (!found) throw new Error(`${model} has no ${method}`);
  return found.run(env, env.model(model), ids, {});
};

export function countIn(env: Env, variant: number, quantity: number): void {
  const [quant] = env.search('stock.quant', [['product_id', '=', variant], ['location_id.usage', '=', 'internal']]);
  if (quant === undefined) throw new Error(`nothing lies of product ${variant}`);
  env.write('stock.quant', [quant], { inventory_quantity: quantity });
  act(env, 'stock.quant', 'action_apply_inventory', [quant]);
}

function deliverAll(env: Env, sale: number): void {
  const quiet = env.with({ skip_sms: true, skip_backorder: true, skip_immediate: true });
  const pickings = env.search('stock.picking', [['sale_id', '=', sale], ['state', '!=', 'cancel']]);
  for (const move of env.search('stock.move', [['picking_id', 'in', pickings]])) {
    const demand = Number(env.row('stock.move', move)['product_uom_qty']);
    env.write('stock.move', [move], env.version >= 18 ? { quantity: demand, picked: true } : { quantity_done: demand });
  }
  expect(act(quiet, 'stock.picking', 'button_validate', pickings)).toBe(true);
}
