import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import type { Identity, MappedVariant } from '../mapping/identity.js';
import type { Session } from '../session.js';

/**
 * The mapped variants that a person named, each by Odoo id, internal reference, barcode or Cartona id.
 * @throws CartonaError `usage` for a name that is unknown, ambiguous, not mapped, or held back because of a clash
 */
export async function chosenVariants(session: Session, identity: Identity, names: readonly string[]): Promise<MappedVariant[]> {
  const chosen = new Map<number, MappedVariant>();
  for (const name of names) {
    if (identity.clashes.has(name)) {
      throw new CartonaError('usage', `Several products hold the Cartona id ${name}, so nothing is sent for it; see \`cartona map check\`.`);
    }
    const variant = identity.find({ cartonaId: name }) ?? identity.find({ odooId: await odooIdOf(session, name) });
    if (!variant) throw new CartonaError('usage', `Product ${name} has no Cartona id of its own; give it one with \`cartona map set ${name} CARTONA_ID\`.`);
    chosen.set(variant.odooId, variant);
  }
  return [...chosen.values()];
}

async function odooIdOf(session: Session, name: string): Promise<number> {
  const keys: unknown[] = ['|', ['default_code', '=', name], ['barcode', '=', name]];
  const domain = /^\d{1,9}$/.test(name) ? ['|', ['id', '=', Number(name)], ...keys] : keys;
  const found = await session.odoo.call('product.product', 'search', { domain, context: { active_test: false }, limit: 3 }, z.array(z.number()));
  const [only, ...others] = found;
  if (only === undefined) throw new CartonaError('usage', `There is no product ${name} in Odoo: neither an id, nor an internal reference, a barcode or a Cartona id.`);
  if (others.length > 0) throw new CartonaError('usage', `Several products in Odoo are called ${name}; name the one you mean by its Odoo id or its Cartona id.`);
  return only;
}
