import type { ItemOutcome } from '../cartona/outcomes.js';
import type { MappedVariant } from '../mapping/identity.js';
import type { CatalogFlow, Delivery, SeenEntry } from '../store/store.js';
import type { Change, WantedValue } from './difference.js';
import type { Doubt } from './doubt.js';

/**
 * What tells prices (`prices.ts`) and stock (`stock.ts`) apart; everything else is the same for both: `reconcile.ts`.
 */
export interface FlowDefinition {
  readonly flow: CatalogFlow;
  /** Since when (UTC ms) what the wanted values are made of is known. */
  readonly asOf: number;
  /** The listing is also needed for what it says of units. */
  readonly needIdentities: boolean;
  /** Whether anything is to be said of a variant at all. */
  readonly covers: (variant: MappedVariant) => boolean;
  readonly read: (variants: readonly MappedVariant[]) => Promise<WantedValue[]>;
  readonly send: (changes: readonly Change[]) => Promise<ItemOutcome[]>;
  /** Why a value must not leave at all, if so. */
  readonly unfit: (wanted: WantedValue) => string | undefined;
  /** Why this change alone waits for a yes, if it does. */
  readonly doubt: (change: Change, listed: SeenEntry | undefined, before: Delivery | undefined) => Doubt | undefined;
  /** Whether a change counts as a fall to zero: these are put aside and judged together. */
  readonly isFall: (change: Change) => boolean;
  /** Why so many falls wait for a yes; `undefined` lets them go. */
  readonly judgeFalls: (falls: readonly Change[], catalogueSize: number) => string | undefined;
}
