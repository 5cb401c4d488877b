import { afterEach, describe, expect, it } from 'vitest';
import { syncPrices, syncStock, type SyncOptions } from '../../../src/lib/catalog/sync.js';
import { readRuntimeState } from '../../../src/lib/operations/runtime-state.js';
import { openSession } from '../../../src/lib/open-session.js';
import type { LoggedRequest } from '../../../src/sandbox/marketplace/routes/request-log.js';
import type { OdooOptions } from '../../../src/sandbox/odoo/odoo.js';
import { amount, canonical, wholeQuantity } from '../../../src/lib/common/money.js';
import type { Session } from '../../../src/lib/session.js';
import type { Profile } from '../../../src/lib/settings/profile.js';
import { logIn, startSandboxes, type Sandboxes } from '../../fixtures/sandboxes.js';

const opened: Session[] = [];
afterEach(async () => {
  for (const session of opened.splice(0)) await session.store.close();
});

type Change = (profile: Profile) => Profile;

/** Both sandboxes with mapped products, a login, and a session as a command would open it. */
async function ground(odoo: OdooOptions = {}, change: Change = (profile) => profile, products = 250) {
  const sandboxes = await startSandboxes({ products, orders: 0, odoo: { cartonaField: 'product', ...odoo } });
  await logIn(sandboxes);
  const stored = await openSession({ profileName: 'default', env: sandboxes.env });
  opened.push(stored);
  const session = { ...stored, profile: change(stored.profile) };
  return { ...sandboxes, session };
}

const yes: SyncOptions = { approve: async () => true };
const no: SyncOptions = { approve: async () => false };

const posts = ({ marketplace }: Sandboxes): LoggedRequest[] =>
  marketplace.state.requests.list().filter((request) => request.method === 'POST');
const sentIds = (sandboxes: Sandboxes): string[] =>
  posts(sandboxes).flatMap((request) =>
    (request.body as { internal_product_id: string }[]).map((item) => item.internal_product_id),
  );

/** What each linked product should cost at Cartona, by Cartona id. */
function wantedPrices({ supplier }: Sandboxes): Map<string, string> {
  const mapped = supplier.products.filter((product) => product.cartonaId !== null && product.active);
  return new Map(
    mapped.map((product) => [product.cartonaId ?? '', canonical(amount(product.listPrice).plus(product.priceExtra))]),
  );
}

function pricesAtCartona(sandboxes: Sandboxes): Map<string, string> {
  const wanted = wantedPrices(sandboxes);
  return new Map(
    [...wanted.keys()].flatMap((id) => {
      const product = sandboxes.marketplace.state.products.byInternalProductId(id);
      return product ? [[id, canonical(product.sellingPrice)] as const] : [];
    }),
  );
}

/** A person at Odoo's screens. */
function inOdoo({ odoo }: Sandboxes, cartonaId: string, fields: Record<string, string | number | boolean>): void {
  odoo.store.change((env) => {
    const [id] = env.search('product.product', [['x_cartona_id', '=', cartonaId]]);
    env.write('product.product', [id ?? 0], fields);
  });
}

const aPrice = ({ supplier }: Sandboxes): string =>
  supplier.products.find(
    (p) => p.cartonaId !== null && p.active && p.priceExtra === '0.00' && p.attributeValue === undefined,
  )?.cartonaId ?? '';

describe.each([16, 18, 19] as const)('sync prices with Odoo %i', (version) => {
  it('makes every mapped price equal, sends nothing that was equal, and nothing of an unmapped product', async () => {
    const world = await ground({ version });
    const before = pricesAtCartona(world);
    const result = await syncPrices(world.session, yes);
    const wanted = wantedPrices(world);
    expect(result.rejected).toEqual([]);
    expect(pricesAtCartona(world)).toEqual(wanted);
    const differed = [...wanted].filter(([id, price]) => before.get(id) !== price).map(([id]) => id);
    expect(differed.length).toBeGreaterThan(20);
    expect(sentIds(world).sort()).toEqual(differed.sort());
    expect(result).toMatchObject({
      mapped: wanted.size,
      equal: wanted.size - differed.length,
      differs: differed.length,
      delivered: differed.length,
    });
  });

  it('sends only what changed since', async () => {
    const world = await ground({ version });
    await syncPrices(world.session, yes);
    world.marketplace.state.requests.clear();
    expect((await syncPrices(world.session, no)).delivered).toBe(0);
    expect(posts(world)).toEqual([]);
    const id = aPrice(world);
    const now = canonical(amount(wantedPrices(world).get(id) ?? '0').times('1.1'), 2);
    inOdoo(world, id, { lst_price: Number(now) });
    expect((await syncPrices(world.session, no)).delivered).toBe(1);
    expect(posts(world).map((request) => request.body)).toEqual([
      [{ internal_product_id: id, selling_price: Number(now) }],
    ]);
    expect(world.marketplace.state.products.byInternalProductId(id)?.sellingPrice).toBe(now);
  });
});

describe('sync prices', () => {
  it('is known to have succeeded where no service runs; a dry run and one of single products are not', async () => {
    const { session, supplier } = await ground({}, (profile) => profile, 20);
    const some = supplier.products.find(({ cartonaId, active }) => cartonaId !== null && active)?.cartonaId ?? '';
    await syncPrices(session, { ...yes, dryRun: true });
    await syncPrices(session, { ...yes, products: [some] });
    expect((await readRuntimeState(session)).success).toEqual({});
    await syncPrices(session, yes);
    expect((await readRuntimeState(session)).success).toEqual({ price: expect.any(Number) as number });
  });

  it('reads the whole listing once, however many products Cartona does not list', async () => {
    const world = await ground();
    world.odoo.store.change((env) => {
      const unmapped = env.search('product.product', [['x_cartona_id', '=', false]]);
      expect(unmapped.length).toBeGreaterThan(20);
      for (const id of unmapped) env.write('product.product', [id], { x_cartona_id: `UNKNOWN-${id}` });
    });
    await syncPrices(world.session, yes);
    world.marketplace.state.requests.clear();
    await syncPrices(world.session, yes);
    expect(world.marketplace.state.requests.list().filter((request) => request.method === 'GET')).toEqual([]);
  });

  it('shows in a dry run just what it then sends, and sends nothing', async () => {
    const world = await ground();
    const seen: string[] = [];
    const dry = await syncPrices(world.session, {
      ...no,
      dryRun: true,
      onChange: (change) => seen.push(change.cartonaId),
    });
    expect(posts(world)).toEqual([]);
    expect(dry).toMatchObject({ dryRun: true, delivered: 0, differs: seen.length });
    await syncPrices(world.session, yes);
    expect(sentIds(world).sort()).toEqual(seen.sort());
  });

  it('names a rejected product, delivers the others, and does not knock again until a person acts', async () => {
    const world = await ground();
    const bad = aPrice(world);
    inOdoo(world, bad, { lst_price: 77.25 });
    world.marketplace.faults.add({ kind: 'item-error', items: [bad], rate: 1 });
    const first = await syncPrices(world.session, yes);
    expect(first.rejected.map((rejection) => rejection.cartonaId)).toEqual([bad]);
    expect(first.rejected[0]?.reason).not.toBe('');
    expect(first.delivered).toBe(first.differs - 1);
    world.marketplace.faults.clear();
    world.marketplace.state.requests.clear();
    const second = await syncPrices(world.session, yes);
    expect(posts(world)).toEqual([]);
    expect(second.held).toMatchObject([{ cartonaId: bad, reason: expect.stringContaining('--all') as string }]);
    const third = await syncPrices(world.session, { ...yes, products: [bad], all: true });
    expect(third.delivered).toBe(1);
    expect(world.marketplace.state.products.byInternalProductId(bad)?.sellingPrice).toBe('77.25');
  });

  it.each(['empty-object', 'empty-array', 'success-flag', 'details-by-index', 'details-by-id'] as const)(
    'understands a refusal answered as %s',
    async (answerShape) => {
      const world = await ground();
      const bad = aPrice(world);
      inOdoo(world, bad, { lst_price: 77.25 });
      world.marketplace.behaviour.answerShape = answerShape;
      world.marketplace.behaviour.atomicBatches = true;
      world.marketplace.faults.add({ kind: 'item-error', items: [bad], rate: 1 });
      const result = await syncPrices(world.session, yes);
      expect(result.delivered + result.rejected.length).toBe(result.differs);
      const others = wantedPrices(world);
      others.delete(bad);
      expect(Object.fromEntries(pricesAtCartona(world))).toMatchObject(Object.fromEntries(others));
    },
  );

  it('holds a jump back until somebody agrees, and lets the calm changes go', async () => {
    const world = await ground();
    await syncPrices(world.session, yes);
    const jump = aPrice(world);
    inOdoo(world, jump, { lst_price: 99_999 });
    const other = [...wantedPrices(world)].find(
      ([id, price]) =>
        id !== jump &&
        world.supplier.products.some((p) => p.cartonaId === id && p.attributeValue === undefined) &&
        Number(price) > 1,
    ) ?? ['', '0'];
    inOdoo(world, other[0], { lst_price: Number(other[1]) + 0.25 });
    const held = await syncPrices(world.session, no);
    expect(held).toMatchObject({
      delivered: 1,
      brake: { approved: false, reason: expect.stringContaining('50 %') as string },
    });
    expect(held.brake?.changes.map((change) => change.cartonaId)).toEqual([jump]);
    expect(world.marketplace.state.products.byInternalProductId(jump)?.sellingPrice).not.toBe('99999');
    expect(await syncPrices(world.session, yes)).toMatchObject({ delivered: 1, brake: { approved: true } });
    expect(world.marketplace.state.products.byInternalProductId(jump)?.sellingPrice).toBe('99999');
  });

  it('holds back an id that somebody typed twice, and a price of zero', async () => {
    const world = await ground();
    const [twice, zero] = [...wantedPrices(world).keys()];
    const unmapped = world.supplier.products.find((product) => product.cartonaId === null && product.active);
    world.odoo.store.change((env) => {
      const [id] = env.search('product.product', [['default_code', '=', unmapped?.defaultCode ?? '']]);
      env.write('product.product', [id ?? 0], { x_cartona_id: twice ?? '' });
    });
    inOdoo(world, zero ?? '', { lst_price: 0 });
    const result = await syncPrices(world.session, yes);
    expect(result.held.map((held) => held.cartonaId).sort()).toEqual([twice, zero].sort());
    expect(result.held.find((held) => held.cartonaId === twice)?.odooIds).toHaveLength(2);
    expect(sentIds(world)).not.toContain(twice);
    expect(sentIds(world)).not.toContain(zero);
  });

  it.each([
    ['a 413', { kind: '413', match: { method: 'POST' } }],
    ['a 429', { kind: '429', retryAfter: 0, match: { method: 'POST' }, times: 3 }],
    ['failures', { kind: '500', match: { method: 'POST' }, times: 3 }],
    ['a lost answer', { kind: 'drop-after', match: { method: 'POST' }, times: 3 }],
    ['a dropped connection', { kind: 'drop-before', match: { path: 'base-product' }, times: 3 }],
    ['a gateway in trouble', { kind: '502-html', match: { method: 'POST' }, times: 3 }],
  ] as const)('gets through %s', async (_, fault) => {
    const world = await ground();
    world.marketplace.faults.add(fault);
    const result = await syncPrices(world.session, yes);
    expect(result.delivered).toBe(result.differs);
    expect(pricesAtCartona(world)).toEqual(wantedPrices(world));
  });

  it.each([
    ['a web page', 'html'],
    ['half a document', 'malformed-json'],
  ] as const)('takes %s for no confirmation, and the next run finds what is left', async (_, kind) => {
    const world = await ground();
    world.marketplace.faults.add({ kind, match: { method: 'POST' }, rate: 1 });
    await expect(syncPrices(world.session, yes)).rejects.toMatchObject({ kind: 'answer' });
    world.marketplace.faults.clear();
    const result = await syncPrices(world.session, yes);
    expect(result.delivered).toBe(result.differs);
    expect(result.differs).toBeGreaterThan(0);
    expect(pricesAtCartona(world)).toEqual(wantedPrices(world));
  });

  it('stops cleanly in the middle when asked to, and the next run finishes', async () => {
    const world = await ground();
    const stop = new AbortController();
    const run = syncPrices({ ...world.session, signal: stop.signal }, { ...yes, onChange: () => stop.abort() });
    await expect(run).rejects.toMatchObject({ kind: 'interrupted' });
    await syncPrices(world.session, yes);
    expect(pricesAtCartona(world)).toEqual(wantedPrices(world));
  });

  it('leaves a second run at once while one is under way', async () => {
    const world = await ground();
    world.marketplace.behaviour.latencyMs = 300;
    const [first, second] = await Promise.allSettled([syncPrices(world.session, yes), syncPrices(world.session, yes)]);
    const busy = [first, second].filter((run) => run.status === 'rejected');
    expect(busy).toHaveLength(1);
    expect(busy[0]?.status === 'rejected' && busy[0].reason).toMatchObject({ kind: 'busy' });
  });

  it('says that the token was refused, and sends nothing more', async () => {
    const world = await ground();
    const session = await openSession({
      profileName: 'default',
      env: { ...world.env, CARTONA_TOKEN: 'not-the-token' },
    });
    opened.push(session);
    await expect(syncPrices(session, yes)).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.not.stringContaining('not-the-token') as string,
    });
  });

  it.each(['id', 'internal reference', 'Cartona id'])(
    'looks only at the product that is named by its %s',
    async (by) => {
      const world = await ground();
      const cartonaId = aPrice(world);
      const product = world.supplier.products.find((candidate) => candidate.cartonaId === cartonaId);
      inOdoo(world, cartonaId, { lst_price: 55.5 });
      const name =
        by === 'id'
          ? String(product?.variantRef)
          : by === 'internal reference'
            ? (product?.defaultCode ?? '')
            : cartonaId;
      expect(await syncPrices(world.session, { ...yes, products: [name] })).toMatchObject({ mapped: 1, delivered: 1 });
      expect(sentIds(world)).toEqual([cartonaId]);
      await expect(syncPrices(world.session, { ...yes, products: ['no such thing'] })).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('no such thing') as string,
      });
    },
  );
});

/** What each mapped storable product's stock at Cartona should be. */
function wantedStock(
  { supplier }: Sandboxes,
  measure: 'free' | 'on_hand',
  warehouses: readonly string[] = ['WH1', 'WH2'],
): Map<string, number> {
  const mapped = supplier.products.filter((product) => product.cartonaId !== null && product.type === 'storable');
  return new Map(
    mapped.map((product) => {
      const rows =
        product.active && product.saleOk ? product.stock.filter((row) => warehouses.includes(row.warehouse)) : [];
      const quantity = rows.reduce(
        (total, row) => total.plus(row.quantity).minus(measure === 'free' ? row.reserved : 0),
        amount(0),
      );
      return [product.cartonaId ?? '', wholeQuantity(quantity)];
    }),
  );
}

function stockAtCartona(sandboxes: Sandboxes, ids: Iterable<string>): Map<string, number> {
  return new Map(
    [...ids].flatMap((id) => {
      const product = sandboxes.marketplace.state.products.byInternalProductId(id);
      return product ? [[id, product.stock] as const] : [];
    }),
  );
}

describe.each([16, 18, 19] as const)('sync stock with Odoo %i', (version) => {
  it('sends what is free in all warehouses: whole, never below zero, nothing for services', async () => {
    const world = await ground({ version });
    const result = await syncStock(world.session, yes);
    const wanted = wantedStock(world, 'free');
    expect(result.rejected).toEqual([]);
    expect(stockAtCartona(world, wanted.keys())).toEqual(wanted);
    const services = world.supplier.products
      .filter((product) => product.type === 'service' && product.cartonaId !== null)
      .map((product) => product.cartonaId);
    expect(sentIds(world).filter((id) => services.includes(id))).toEqual([]);
    expect((await syncStock(world.session, no)).delivered).toBe(0);
  });

  it('counts on hand, and one warehouse only, when so set', async () => {
    const world = await ground({ version }, (profile) => ({
      ...profile,
      stock: { ...profile.stock, measure: 'on_hand' },
    }));
    const warehouse = world.odoo.store.records('stock.warehouse').find((row) => row['code'] === 'WH2');
    const session = {
      ...world.session,
      profile: {
        ...world.session.profile,
        stock: { ...world.session.profile.stock, warehouses: [Number(warehouse?.['id'])] },
      },
    };
    await syncStock(session, yes);
    const wanted = wantedStock(world, 'on_hand', ['WH2']);
    expect(stockAtCartona(world, wanted.keys())).toEqual(wanted);
  });
});

describe('sync stock', () => {
  it('sends through the base-unit path only what is certain to mean the same there', async () => {
    const world = await ground();
    await syncStock(world.session, yes);
    const base = posts(world)
      .filter((request) => request.path.endsWith('bulk-update-stock'))
      .flatMap((request) => request.body as { internal_product_id: string }[]);
    expect(base.length).toBeGreaterThan(0);
    for (const { internal_product_id: id } of base) {
      const product = world.marketplace.state.products.byInternalProductId(id);
      expect(product?.unitCount).toBe(1);
      expect(world.marketplace.state.products.siblings(product?.baseProductId ?? 0)).toHaveLength(1);
    }
  });

  it('takes the exact path for what the base-unit path refuses', async () => {
    const world = await ground();
    world.marketplace.faults.add({ kind: '500', match: { path: 'bulk-update-stock' }, times: 1 });
    world.marketplace.faults.add({
      kind: 'item-error',
      match: { path: 'bulk-update-stock' },
      items: [...wantedStock(world, 'free').keys()],
      rate: 1,
    });
    const result = await syncStock(world.session, yes);
    expect(result.rejected).toEqual([]);
    const wanted = wantedStock(world, 'free');
    expect(stockAtCartona(world, wanted.keys())).toEqual(wanted);
  });

  it('brakes when a large part of the catalogue would fall to zero, and sends the rest', async () => {
    const world = await ground();
    await syncStock(world.session, yes);
    world.marketplace.state.requests.clear();
    world.odoo.store.change((env) =>
      env.write('stock.quant', env.search('stock.quant', [['quantity', '>', 0]]), {
        quantity: 0,
        reserved_quantity: 0,
      }),
    );
    const held = await syncStock(world.session, no);
    expect(held.brake).toMatchObject({ approved: false, reason: expect.stringContaining('zero stock') as string });
    expect(sentIds(world)).toEqual([]);
    await syncStock(world.session, yes);
    expect([...stockAtCartona(world, wantedStock(world, 'free').keys()).values()].every((stock) => stock === 0)).toBe(
      true,
    );
  });

  it('names a configured warehouse that does not exist instead of sending the total', async () => {
    const world = await ground({}, (profile) => ({ ...profile, stock: { ...profile.stock, warehouses: [4711] } }));
    await expect(syncStock(world.session, yes)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('4711') as string,
    });
    expect(posts(world)).toEqual([]);
  });
});

describe('a product that is no longer for sale', () => {
  const unpublish: Change = (profile) => ({ ...profile, catalog: { ...profile.catalog, withdrawn: 'unpublish' } });
  const listed = ({ marketplace }: Sandboxes, id: string) => marketplace.state.products.byInternalProductId(id);

  it('is taken off the marketplace when so set, stays off, and comes back with its stock', async () => {
    const world = await ground({}, unpublish);
    await syncStock(world.session, yes);
    const id = aPrice(world);
    const before = listed(world, id)?.stock;
    inOdoo(world, id, { sale_ok: false });
    await syncStock(world.session, yes);
    expect(listed(world, id)).toMatchObject({ isPublished: false });
    world.marketplace.state.requests.clear();
    await syncStock(world.session, yes);
    expect(posts(world)).toEqual([]);
    inOdoo(world, id, { sale_ok: true });
    await syncStock(world.session, yes);
    expect(listed(world, id)).toMatchObject({ isPublished: true, stock: before });
  });

  it('is not put back by us when a person took it off', async () => {
    const world = await ground({}, unpublish);
    await syncStock(world.session, yes);
    const id = aPrice(world);
    world.marketplace.state.products.update([{ internal_product_id: id, is_published: false }]);
    await syncStock(world.session, { ...yes, all: true });
    expect(sentIds(world)).toContain(id);
    expect(listed(world, id)).toMatchObject({ isPublished: false });
  });
});
