import { CartonaError } from '../common/errors.js';
import { findProduct } from '../mapping/find-product.js';
import type { Identity, MappedVariant } from '../mapping/identity.js';
import type { Session } from '../session.js';

/**
 * The mapped variants that a person named, each by Odoo id, internal reference, barcode or Cartona id.
 * @throws CartonaError `usage` for a name that is unknown, ambiguous, not mapped, or held back because of a clash
 */
export async function chosenVariants(
  session: Session,
  identity: Identity,
  names: readonly string[],
): Promise<MappedVariant[]> {
  const chosen = new Map<number, MappedVariant>();
  for (const name of names) {
    if (identity.clashes.has(name)) {
      throw new CartonaError(
        'usage',
        `Several products hold the Cartona id ${name}, so nothing is sent for it; see \`cartona map check\`.`,
      );
    }
    const variant =
      identity.find({ cartonaId: name }) ?? identity.find({ odooId: (await findProduct(session, name)).id });
    if (!variant)
      throw new CartonaError(
        'usage',
        `Product ${name} has no Cartona id of its own; give it one with \`cartona map set ${name} CARTONA_ID\`.`,
      );
    chosen.set(variant.odooId, variant);
  }
  return [...chosen.values()];
}
