import type { ItemOutcome } from '../cartona/outcomes.js';
import type { Session } from '../session.js';
import type { ListedEntry } from '../store/store.js';
import { UNPUBLISHED, unitsOf, type Change } from './difference.js';
import { listingHorizon } from './observe-listing.js';

/**
 * Which of two paths a product's stock takes. `bulk-update-stock` counts in base units and spreads the figure over
 * every product under the base product: it means the same as the product's own stock only where the unit is the base
 * unit and no sibling shares it. Everything else, and everything not known, goes through `bulk-update`, which is exact
 * per product: a wrong guess would be a twelvefold error.
 */
export function isBaseUnit(
  listed: ListedEntry | undefined,
  shared: ReadonlySet<string>,
): listed is ListedEntry & { baseProductId: string } {
  return listed?.baseProductId !== undefined && listed.unitCount === 1 && !shared.has(listed.baseProductId);
}

/** Sends the stock of up to a batch of products by the path that fits each; outcomes in the order of `changes`. */
export async function sendStock(session: Session, changes: readonly Change[]): Promise<ItemOutcome[]> {
  const path = session.profile.cartona.stockPath;
  if (path === 'bulk-update') return sendExact(session, changes);

  const listed = await session.store.listing.get(
    changes.map((change) => change.cartonaId),
    listingHorizon(session),
  );
  const shared = await session.store.listing.sharedBaseProducts(
    [...listed.values()].flatMap((identity) => identity.baseProductId ?? []),
  );
  const outcomes = new Map<Change, ItemOutcome>();
  const base: { change: Change; baseProductId: string | undefined }[] = [];
  for (const change of changes) {
    const identity = listed.get(change.cartonaId);
    if (touchesPublication(change)) continue;
    if (isBaseUnit(identity, shared)) base.push({ change, baseProductId: identity.baseProductId });
    else if (path === 'bulk-update-stock') base.push({ change, baseProductId: undefined });
  }
  if (base.length > 0) {
    const items = base.map(({ change, baseProductId }) => ({
      cartonaId: change.cartonaId,
      baseProductId,
      stock: Number(change.value),
    }));
    const answers = await session.cartona.updateBaseStock(items);
    // In `auto` a refusal there is no verdict on the product: it may only lack a base product in Cartona's eyes.
    base.forEach(({ change }, at) => {
      const answer = answers[at];
      if (answer && (answer.kind === 'accepted' || path === 'bulk-update-stock')) outcomes.set(change, answer);
    });
  }
  const rest = changes.filter((change) => !outcomes.has(change));
  const exact = await sendExact(session, rest);
  rest.forEach((change, at) => outcomes.set(change, exact[at] ?? NO_ANSWER));
  return changes.map((change) => outcomes.get(change) ?? NO_ANSWER);
}

const NO_ANSWER: ItemOutcome = { kind: 'refused', reason: 'Cartona gave no answer for it' };

async function sendExact(session: Session, changes: readonly Change[]): Promise<ItemOutcome[]> {
  if (changes.length === 0) return [];
  return session.cartona.updateProducts(
    changes.map((change) => ({
      cartonaId: change.cartonaId,
      stock: unitsOf(change.value),
      // Only what we took off the marketplace is put back: what a person unpublished there stays so.
      ...(touchesPublication(change) ? { isPublished: change.value !== UNPUBLISHED } : {}),
    })),
  );
}

const touchesPublication = (change: Change): boolean => change.value === UNPUBLISHED || change.from === UNPUBLISHED;
