import type { ItemOutcome } from '../cartona/outcomes.js';
import { amount } from '../common/money.js';
import type { MappedVariant } from '../mapping/identity.js';
import type { Session } from '../session.js';
import { isFallToZero, isPriceJump, tooManyFallsToZero, type Change, type Wanted } from './difference.js';
import { priceDigits, readPrices } from './prices.js';
import { sendStock } from './send-stock.js';
import { readStock, readStockScope } from './stock.js';

/** What tells the two flows apart; everything else is the same difference driven to zero. */
export interface CatalogFlow {
  readonly flow: 'price' | 'stock';
  /** The listing is also needed for what it says of units. */
  readonly needIdentities: boolean;
  /** Whether anything is to be said of a variant at all. */
  readonly covers: (variant: MappedVariant) => boolean;
  readonly read: (variants: readonly MappedVariant[]) => Promise<Wanted[]>;
  readonly send: (changes: readonly Change[]) => Promise<ItemOutcome[]>;
  /** Why a value must not leave at all, if so. */
  readonly unfit: (wanted: Wanted) => string | undefined;
  /** Whether a change is put aside until the brake has judged. */
  readonly suspect: (change: Change) => boolean;
  /** The brake's judgement of what was put aside; `undefined` lets it go. */
  readonly judge: (suspects: readonly Change[], catalogueSize: number) => string | undefined;
}

/** Prices of mapped active variants: what stands in Odoo, with the decimals that it states. */
export async function priceFlow(session: Session): Promise<CatalogFlow> {
  const percent = session.profile.brake.priceChangePercent;
  const digits = await priceDigits(session);
  return {
    flow: 'price',
    needIdentities: false,
    covers: (variant) => variant.active,
    read: (variants) => readPrices(session, variants, digits),
    send: (changes) => session.cartona.updateProducts(changes.map((change) => ({ cartonaId: change.cartonaId, sellingPrice: change.value }))),
    unfit: (wanted) => (amount(wanted.value).greaterThan(0) ? undefined : `its price in Odoo is ${wanted.value}; give it a price above zero`),
    suspect: (change) => isPriceJump(change, percent),
    judge: (suspects) => (suspects.length === 0 ? undefined : `${count(suspects.length, 'price')} would change by more than ${percent} %`),
  };
}

/**
 * Stock of mapped storable variants; see `readStock` for what counts.
 * @param openDemand what retailers have ordered and Odoo has not reserved, by Cartona id
 * @param variants when only these are going to be read
 */
export async function stockFlow(session: Session, openDemand: ReadonlyMap<string, string>, variants?: readonly MappedVariant[]): Promise<CatalogFlow> {
  const percent = session.profile.brake.zeroStockSharePercent;
  const scope = await readStockScope(session, openDemand, variants);
  return {
    flow: 'stock',
    needIdentities: session.profile.cartona.stockPath !== 'bulk-update',
    covers: () => true,
    read: (page) => readStock(session, page, scope),
    send: (changes) => sendStock(session, changes),
    unfit: () => undefined,
    suspect: isFallToZero,
    judge: (suspects, size) => zeroStockBrake(suspects.length, size, percent),
  };
}

/** Why so many falls to zero stock must wait for a yes; `undefined` lets them go. */
export const zeroStockBrake = (falls: number, catalogueSize: number, percent: number): string | undefined =>
  tooManyFallsToZero(falls, catalogueSize, percent) ? `${count(falls, 'product')} of ${catalogueSize} would fall to zero stock, more than ${percent} % of the catalogue` : undefined;

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
