import { CartonaError } from '../common/errors.js';
import type { Session } from '../session.js';
import { shortened } from './files/cells.js';
import { productNames } from './describe.js';
import { anyOf, readProducts } from './lookup.js';
import { meant, type Product } from './match.js';

/**
 * The one product that a person names: by Odoo id (`id:123` or a number), internal reference or barcode.
 * @throws CartonaError `usage` when no product, or more than one, is called so
 */
export async function findProduct(session: Session, name: string): Promise<Product> {
  const text = name.trim();
  const byId = /^(?:id:)?(\d{1,10})$/.exec(text)?.[1];
  const onlyId = text.startsWith('id:');
  if (text === '' || (onlyId && byId === undefined))
    throw new CartonaError(
      'usage',
      `'${text}' names no product; give an Odoo id (id:123), an internal reference or a barcode.`,
    );
  const id = byId !== undefined && Number(byId) <= 2_147_483_647 ? Number(byId) : undefined;
  const terms = [
    ...(id === undefined ? [] : [['id', '=', id]]),
    ...(onlyId
      ? []
      : [
          ['default_code', '=', text],
          ['barcode', '=', text],
        ]),
  ];
  if (terms.length === 0) throw new CartonaError('usage', `There is no product ${text} in Odoo.`);
  const found = await readProducts(session, anyOf(terms));
  // Of those that share a reference or barcode, archived ones are not meant; a number may also be an Odoo id, of
  // whichever.
  const itself = found.filter((one) => one.id === id);
  const candidates = [...itself, ...meant(found.filter((one) => one.id !== id))];
  const [product, ...others] = candidates;
  if (!product)
    throw new CartonaError(
      'usage',
      `There is no product '${shortened(text)}' in Odoo: neither an Odoo id, nor an internal reference or a barcode.`,
    );
  if (others.length === 0) return product;
  const names = await productNames(
    session,
    candidates.slice(0, 5).map((one) => one.id),
  );
  const list = [...names].map(([odooId, known]) => `id:${odooId} ${known}`).join(', ');
  throw new CartonaError(
    'usage',
    `${candidates.length} products in Odoo are called '${shortened(text)}' (${list}); name the one you mean by its Odoo id, as id:${product.id}.`,
  );
}
