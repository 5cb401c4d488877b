import { z } from 'zod';
import { amount, wholeQuantity, type Amount } from '../common/money.js';
import { CartonaError } from '../common/errors.js';
import { idText } from '../common/ids.js';
import { counted, grouped } from '../common/words.js';
import type { MappedVariant } from '../mapping/identity.js';
import { requireIdField, type Session } from '../session.js';
import { holdsId } from '../odoo/id-field.js';
import { namesOf } from '../odoo/names.js';
import { readGroups } from '../odoo/read-groups.js';
import { missingPlaces } from '../odoo/stock-places.js';
import { isFallToZero, tooManyFallsToZero, UNPUBLISHED, type WantedValue } from './difference.js';
import { unreadableDoubt } from './doubt.js';
import type { FlowDefinition } from './flow.js';
import type { OpenDemand } from './open-demand.js';
import { sendStock } from './send-stock.js';

/**
 * Stock of mapped storable variants; see `readStock` for what counts.
 * @param variants when only these are going to be read
 */
export async function stockFlow(
  session: Session,
  { at, units }: OpenDemand,
  variants?: readonly MappedVariant[],
): Promise<FlowDefinition> {
  const percent = session.profile.brake.zeroStockSharePercent;
  const scope = await readStockScope(session, units, variants);
  return {
    flow: 'stock',
    asOf: at,
    needIdentities: session.profile.cartona.stockPath !== 'bulk-update',
    covers: () => true,
    read: (page) => readStock(session, page, scope),
    send: (changes) => sendStock(session, changes),
    unfit: () => undefined,
    doubt: (_, listed, before) => unreadableDoubt('stock', listed, before),
    isFall: isFallToZero,
    judgeFalls: (falls, size) => zeroStockBrake(falls.length, size, percent),
  };
}

/** Why so many falls to zero stock must wait for a yes; `undefined` lets them go. */
export const zeroStockBrake = (falls: number, catalogueSize: number, percent: number): string | undefined =>
  tooManyFallsToZero(falls, catalogueSize, percent)
    ? `${counted(falls, 'product')} of ${grouped(catalogueSize)} would fall to zero stock, more than ${percent} % of the catalogue`
    : undefined;

/** What has to be known once before the stock of any page can be told. */
interface StockScope {
  /** Locations whose stock counts, with everything below them. */
  readonly locations: readonly number[];
  /** Mapped variants without stock of their own: services, untracked consumables. Nothing is sent for them. */
  readonly untracked: ReadonlySet<number>;
  /** Mapped variants that are no longer sold, whatever lies in the warehouse. */
  readonly notForSale: ReadonlySet<number>;
  /** Units of each Cartona id that retailers have ordered and Odoo has not reserved yet. */
  readonly openDemand: ReadonlyMap<string, string>;
}

const ids = z.array(z.number());

/**
 * Reads the scope.
 * @param variants the only ones that are going to be read; absent: any
 * @throws CartonaError `usage` when a configured warehouse or location does not exist (any more)
 */
async function readStockScope(
  session: Session,
  openDemand: ReadonlyMap<string, string>,
  variants?: readonly MappedVariant[],
): Promise<StockScope> {
  const field = requireIdField(session).name;
  const [name, operator, value] = namesOf(session.odoo.major).storable;
  if (variants) return scopeOf(session, openDemand, variants);
  const notStorable = [name, operator === '=' ? '!=' : operator, value];
  const search = (...terms: unknown[]): Promise<number[]> =>
    session.odoo.call(
      'product.product',
      'search',
      { domain: [...holdsId(field), ...terms], context: { active_test: false } },
      ids,
    );
  const [locations, untracked, notForSale] = await Promise.all([
    stockLocations(session),
    search(notStorable),
    search('|', ['sale_ok', '=', false], ['active', '=', false]),
  ]);
  return { locations, untracked: new Set(untracked), notForSale: new Set(notForSale), openDemand };
}

/**
 * The scope of a few variants, which are read for it. One that is mapped otherwise by now is left out like an untracked
 * one.
 */
async function scopeOf(
  session: Session,
  openDemand: ReadonlyMap<string, string>,
  variants: readonly MappedVariant[],
): Promise<StockScope> {
  const field = requireIdField(session).name;
  const [storable, , isStorable] = namesOf(session.odoo.major).storable;
  const [locations, rows] = await Promise.all([
    stockLocations(session),
    session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [['id', 'in', variants.map((variant) => variant.odooId)]],
        fields: [field, storable, 'sale_ok', 'active'],
        context: { active_test: false },
      },
      z.array(z.looseObject({ id: z.number(), sale_ok: z.boolean(), active: z.boolean() })),
    ),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const isOurs = ({ odooId, cartonaId }: MappedVariant): boolean => {
    const row = byId.get(odooId);
    return row !== undefined && row[storable] === isStorable && idText.catch(undefined).parse(row[field]) === cartonaId;
  };
  return {
    locations,
    untracked: new Set(variants.flatMap((variant) => (isOurs(variant) ? [] : [variant.odooId]))),
    notForSale: new Set(rows.flatMap((row) => (row.sale_ok && row.active ? [] : [row.id]))),
    openDemand,
  };
}

/**
 * Where the stock that is sold lies: the configured locations, else the configured warehouses, else all warehouses of
 * the company. Always as locations: the context key that limits a computed quantity to a warehouse changed its name
 * between versions, and the wrong one is ignored in silence.
 */
async function stockLocations(session: Session): Promise<number[]> {
  const { warehouses, locations } = session.profile.stock;
  if (locations.length > 0) {
    const found = await session.odoo.call('stock.location', 'search', { domain: [['id', 'in', locations]] }, ids);
    await refuseMissing(session, 'location', locations, found);
    return found;
  }
  const domain =
    warehouses.length > 0 ? [['id', 'in', warehouses]] : [['company_id', '=', session.profile.odoo.company.id]];
  const rows = await session.odoo.call(
    'stock.warehouse',
    'search_read',
    { domain, fields: ['view_location_id'], load: '' },
    z.array(z.object({ id: z.number(), view_location_id: z.number() })),
  );
  await refuseMissing(
    session,
    'warehouse',
    warehouses,
    rows.map((row) => row.id),
  );
  if (rows.length === 0)
    throw new CartonaError(
      'usage',
      `Company ${session.profile.odoo.company.name} has no warehouse in Odoo; choose one with \`cartona settings stock.warehouses ID\`.`,
    );
  return rows.map((row) => row.view_location_id);
}

/** @throws CartonaError `usage` where a configured place is not among those that Odoo has */
async function refuseMissing(
  session: Session,
  kind: 'warehouse' | 'location',
  configured: readonly number[],
  found: readonly number[],
): Promise<void> {
  if (configured.every((id) => found.includes(id))) return;
  const problem = await missingPlaces(session.odoo, kind, configured);
  if (problem !== undefined)
    throw new CartonaError('usage', `${problem}; correct it with \`cartona settings stock.${kind}s ID\`.`);
}

/**
 * Reads the wanted stock of a page of variants: whole units, never below zero; what is not for sale has none, or is
 * unpublished, as the setting says. On hand and free come from the quants, summed by the database; the forecast has to
 * be computed by Odoo.
 */
async function readStock(
  session: Session,
  variants: readonly MappedVariant[],
  scope: StockScope,
): Promise<WantedValue[]> {
  const tracked = variants.filter((variant) => !scope.untracked.has(variant.odooId));
  const productIds = tracked
    .filter((variant) => !scope.notForSale.has(variant.odooId))
    .map((variant) => variant.odooId);
  const quantities =
    session.profile.stock.measure === 'forecast'
      ? await forecast(session, productIds, scope.locations)
      : await quants(session, productIds, scope.locations);
  return tracked.map(({ odooId, cartonaId }) => {
    const taken = scope.openDemand.get(cartonaId) ?? '0';
    if (scope.notForSale.has(odooId))
      return { odooId, cartonaId, value: session.profile.catalog.withdrawn === 'unpublish' ? UNPUBLISHED : '0' };
    return { odooId, cartonaId, value: String(wholeQuantity((quantities.get(odooId) ?? amount(0)).minus(taken))) };
  });
}

async function quants(
  session: Session,
  productIds: readonly number[],
  locations: readonly number[],
): Promise<Map<number, Amount>> {
  if (productIds.length === 0) return new Map();
  const groups = await readGroups(session.odoo, 'stock.quant', {
    domain: [
      ['product_id', 'in', productIds],
      ['location_id', 'child_of', locations],
    ],
    groupBy: 'product_id',
    aggregates: { onHand: { field: 'quantity', by: 'sum' }, reserved: { field: 'reserved_quantity', by: 'sum' } },
  });
  const free = session.profile.stock.measure === 'free';
  return new Map(
    groups.map((group) => {
      const { group: product, onHand, reserved } = quantSums.parse(group);
      return [product[0], free ? amount(onHand).minus(reserved) : amount(onHand)];
    }),
  );
}

const figure = z.union([z.number(), z.literal(false), z.null()]).transform((value) => value || 0);
const quantSums = z.object({ group: z.tuple([z.number(), z.unknown()]), onHand: figure, reserved: figure });

async function forecast(
  session: Session,
  productIds: readonly number[],
  locations: readonly number[],
): Promise<Map<number, Amount>> {
  if (productIds.length === 0) return new Map();
  const rows = await session.odoo.call(
    'product.product',
    'search_read',
    { domain: [['id', 'in', productIds]], fields: ['virtual_available'], context: { location: locations } },
    z.array(z.object({ id: z.number(), virtual_available: z.number() })),
  );
  return new Map(rows.map((row) => [row.id, amount(row.virtual_available)]));
}
