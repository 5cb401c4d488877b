import { findProduct } from '../mapping/find-product.js';
import type { Session } from '../session.js';
import type { Delivery } from '../store/store.js';

/**
 * Which of these rows are of the products that a person names: by Cartona id (nobody is asked then), or by Odoo id,
 * internal reference or barcode.
 * @throws CartonaError `usage` for a name that no product has, or several
 */
export async function ofProducts<T extends Pick<Delivery, 'key' | 'odooId'>>(
  session: Session,
  rows: readonly T[],
  names: readonly string[],
): Promise<T[]> {
  const keys = new Set<string>();
  const ids = new Set<number>();
  for (const name of names) {
    if (rows.some((row) => row.key === name)) keys.add(name);
    else ids.add((await findProduct(session, name)).id);
  }
  return rows.filter((row) => keys.has(row.key) || ids.has(row.odooId));
}
