import type { MappedVariant } from '../mapping/identity.js';
import type { Session } from '../session.js';
import type { Flow } from '../store/store.js';
import type { ListedProduct } from '../cartona/schemas.js';
import { UNPUBLISHED } from './difference.js';
import { unreadableOf, WHOLE_ENTRY, type UnreadableEntry } from './doubt.js';

/** Up to so many unknown products are asked for one by one; beyond, reading the whole listing is cheaper. */
const ONE_BY_ONE = 20;
/** How old what the listing told (base products, unit counts) may be before stock relies on it. */
const LISTING_AGE_MS = 24 * 60 * 60 * 1000;

/** From when on listed identities are recent enough to rely on. */
export const listingHorizon = (session: Session): number => session.now() - LISTING_AGE_MS;

/**
 * - `as-needed`: reads all of it when much is unknown, or when what it told of identities is old
 * - `single`: only what is unknown of the given products; somebody else reads the whole of it now and then
 */
export type ListingUse = 'as-needed' | 'single';

/**
 * Fills in what is not known of the given products from Cartona's own listing, so that the first run compares with what
 * stands there and not with nothing. What the listing shows counts as confirmed, for price and stock alike.
 * @param pages the mapped variants, as often as they are asked for
 * @param flow rows of this flow decide what is unknown
 * @param needIdentities the caller relies on base products and unit counts
 * @returns what could not be read of the entries that were looked at
 */
export async function observeListing(
  session: Session,
  flow: Flow,
  pages: () => Iterable<readonly MappedVariant[]>,
  needIdentities: boolean,
  use: ListingUse = 'as-needed',
): Promise<UnreadableEntry[]> {
  const { deliveries, listing } = session.store;
  const unknown = new Set<string>();
  let mapped = 0;
  let identified = 0;
  for (const page of pages()) {
    const keys = page.map((variant) => variant.cartonaId);
    const known = await deliveries.get(flow, keys);
    if (known.size < keys.length) for (const key of keys) if (!known.has(key)) unknown.add(key);
    mapped += keys.length;
    if (needIdentities && use === 'as-needed' && identified === 0)
      identified = (await listing.get(keys, listingHorizon(session))).size;
  }
  // Somebody may have mended at Cartona what could not be read.
  if (use === 'as-needed')
    for (const entry of await listing.unreadable())
      if (entry.key !== undefined && unreadableOf(flow, entry).length > 0) unknown.add(entry.key);
  const stale = needIdentities && use === 'as-needed' && identified === 0 && mapped > 0;
  const at = session.now();
  const unreadable: UnreadableEntry[] = [];
  const onUnreadable = (entry: UnreadableEntry): number => unreadable.push(entry);
  if (stale || unknown.size > ONE_BY_ONE) {
    const all = new Set<string>();
    for (const page of pages()) for (const variant of page) all.add(variant.cartonaId);
    for await (const seen of readListing(session, (cartonaId) => all.has(cartonaId), { onUnreadable }))
      session.progress("Reading Cartona's listing", seen);
  } else {
    for (const cartonaId of unknown) {
      const pages = readListing(session, (listed) => listed === cartonaId, { only: cartonaId, onUnreadable });
      while (!(await pages.next()).done);
    }
  }
  await noteUnlisted(session, flow, [...unknown], at, unreadable);
  return unreadable;
}

/**
 * Products that the listing, read from an instant on, did not show have a row from now on as well, or every run would
 * read the whole listing for them. Each of them may be the entry whose id cannot be read.
 */
async function noteUnlisted(
  session: Session,
  flow: Flow,
  asked: readonly string[],
  at: number,
  unreadable: readonly UnreadableEntry[],
): Promise<void> {
  const { deliveries, listing } = session.store;
  await listing.forget(asked, at);
  const nameless = unreadable.find(
    ({ cartonaId, field }) => cartonaId === undefined && (field === WHOLE_ENTRY || ID_FIELDS.includes(field)),
  );
  if (nameless) {
    const shown = await listing.get(asked, at);
    const { field, value } = nameless;
    await listing.put(
      asked
        .filter((key) => !shown.has(key))
        .map((key) => ({
          listedId: `?${key}`,
          key,
          baseProductId: undefined,
          unitCount: undefined,
          medianPrice: undefined,
          unreadable: [{ field: WHOLE_ENTRY, value: field === WHOLE_ENTRY ? value : `one whose ${field} is ${value}` }],
        })),
      session.now(),
    );
  }
  await deliveries.noteAbsent(flow, asked, `Cartona's listing shows no ${flow} of it`);
}

/** The fields that tell which product an entry is of. */
const ID_FIELDS = ['internal_product_id', 'supplier_product_id', 'suppler_prodcut_id', 'id'];

/** What the listing showed at an instant (UTC ms). */
export interface Shown {
  readonly at: number;
  readonly values: readonly { readonly key: string; readonly delivered: string }[];
}

export interface ReadListingOptions {
  /** Of this product alone. */
  readonly only?: string;
  /**
   * Given stock that is another figure than the delivered one, which is not noted then: an order that is not known yet
   * may have lowered it, and whoever takes it for a difference puts back on sale what was sold. See `noteShownStock`.
   */
  readonly onOtherStock?: (shown: Shown) => void;
  /** Told every field that cannot be read. */
  readonly onUnreadable?: (entry: UnreadableEntry) => void;
}

/** Notes stock that the listing showed, now that the orders of that time are known. */
export const noteShownStock = (session: Session, { at, values }: Shown): Promise<void> =>
  session.store.deliveries.recordObserved('stock', values, at);

/**
 * Reads Cartona's listing page by page and notes what it shows of the mapped products as confirmed.
 * @param isOurs whether a Cartona id is of a mapped product
 * @returns after each page, how many products were seen so far
 */
export async function* readListing(
  session: Session,
  isOurs: (cartonaId: string) => boolean,
  { only, onOtherStock, onUnreadable }: ReadListingOptions = {},
): AsyncGenerator<number> {
  const { identifyBy } = session.profile.cartona;
  // What is sent after this instant is newer than what a page shows, however late the page comes.
  const at = session.now();
  let seen = 0;
  for await (const page of session.cartona.listProducts(only === undefined ? undefined : { cartonaId: only })) {
    const products = page.map((product) => ({
      ...product,
      key: identifyBy === 'internal_product_id' ? product.internalProductId : product.supplierProductId,
    }));
    await session.store.listing.put(
      products.flatMap((product) => {
        const listedId = product.supplierProductId ?? product.key;
        return listedId === undefined ? [] : [{ ...product, listedId }];
      }),
      session.now(),
    );
    products.forEach((product, index) => {
      for (const { field, value } of product.unreadable)
        onUnreadable?.({
          cartonaId: product.key,
          entry: product.key ?? entryName(product, seen + index + 1),
          field,
          value,
        });
    });
    const ours = products.flatMap((product) =>
      product.key !== undefined && isOurs(product.key) ? [{ ...product, key: product.key }] : [],
    );
    await session.store.deliveries.recordObserved(
      'price',
      ours.flatMap(({ key, sellingPrice }) => (sellingPrice === undefined ? [] : [{ key, delivered: sellingPrice }])),
      at,
    );
    const offByUs = await unpublishedByUs(
      session,
      ours.flatMap(({ key, isPublished }) => (isPublished === false ? [key] : [])),
    );
    const values = ours.flatMap(({ key, stock }) =>
      offByUs.has(key)
        ? [{ key, delivered: UNPUBLISHED }]
        : stock === undefined
          ? []
          : [{ key, delivered: String(stock) }],
    );
    const known = onOtherStock
      ? await session.store.deliveries.get(
          'stock',
          values.map(({ key }) => key),
        )
      : undefined;
    const isOther = ({ key, delivered }: Shown['values'][number]): boolean =>
      known !== undefined && known.get(key)?.delivered !== delivered;
    await noteShownStock(session, { at, values: values.filter((value) => !isOther(value)) });
    onOtherStock?.({ at, values: values.filter(isOther) });
    seen += page.length;
    yield seen;
  }
}

/** What names an entry without a Cartona id. */
const entryName = ({ supplierProductId, internalProductId, name }: ListedProduct, number: number): string =>
  supplierProductId ?? internalProductId ?? name ?? `entry ${number}`;

/** Of unpublished products those that we took off the marketplace; a person may have done the same to others. */
async function unpublishedByUs(session: Session, keys: readonly string[]): Promise<Set<string>> {
  const rows = await session.store.deliveries.get('stock', keys);
  return new Set(
    [...rows.values()].flatMap((row) => (row.wanted === UNPUBLISHED || row.delivered === UNPUBLISHED ? [row.key] : [])),
  );
}
