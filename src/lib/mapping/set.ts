import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { requireIdField, type Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { applyChanges } from './apply.js';
import { readCartonaId, shortened } from './files/cells.js';
import type { NamedProduct } from './check.js';
import { productNames } from './describe.js';
import { MAPPING_JOB } from './import.js';
import { findProduct } from './find-product.js';
import { findHolders } from './lookup.js';
import type { Product } from './match.js';
import { MappingPlan } from './plan.js';
import { readIds } from './write-ids.js';

export interface MappingChange {
  readonly product: NamedProduct;
  readonly from: string | null;
  readonly to: string | null;
  readonly changed: boolean;
}

/**
 * Gives one product a Cartona id, under the rules of an import.
 * @param name the product's Odoo id (`id:123` or a number), internal reference or barcode
 * @param replace also when the product has another id
 * @throws CartonaError `usage` when the product is unknown or ambiguous or a rule forbids it; `refused` when Odoo does;
 * `busy`
 */
export async function setMapping(
  session: Session,
  name: string,
  cartonaId: string,
  replace: boolean,
): Promise<MappingChange> {
  const read = readCartonaId(cartonaId.trim(), session.profile.cartona.identifyBy);
  if (read.kind === 'invalid') throw new CartonaError('usage', `${capital(read.reason)}; nothing was changed.`);
  return withLease(session.store.leases, MAPPING_JOB, session.signal, async () => {
    const product = await findProduct(session, name);
    const holders = (await findHolders(session, [read.value])).get(read.value) ?? [];
    const plan = new MappingPlan();
    plan.add({ line: 0, cartonaId: read.value, product, holders, problems: [] });
    const { order } = plan.finish(replace);
    refuseIfRejected(plan);
    for (const row of order) {
      await applyChanges(session, 'map set', [plan.change(row)], {
        open: () => plan.reason(row) === undefined,
        confirmed: () => undefined,
        refused: (change, reason) => plan.refuse(change.row, reason),
      });
    }
    refuseIfRejected(plan, 'refused');
    return {
      product: await named(session, product),
      from: product.cartonaId ?? null,
      to: read.value,
      changed: order.length > 0,
    };
  });
}

/**
 * Takes a product's Cartona id away; archived products too, for they hold theirs.
 * @throws CartonaError as `setMapping`
 */
export async function clearMapping(session: Session, name: string): Promise<MappingChange> {
  return withLease(session.store.leases, MAPPING_JOB, session.signal, async () => {
    const product = await findProduct(session, name);
    const result = { product: await named(session, product), from: product.cartonaId ?? null, to: null };
    if (product.cartonaId === undefined) return { ...result, changed: false };
    const field = requireIdField(session);
    const started = session.now();
    // Clearing twice is clearing once.
    await session.odoo.call(
      field.model,
      'write',
      { ids: [product.holder], vals: { [field.name]: false } },
      z.unknown(),
      { repeatable: true },
    );
    const left = (await readIds(session, [product.holder])).get(product.holder);
    const outcome = left === undefined ? 'written' : 'refused';
    const record = `${field.model},${product.holder}`;
    const at = session.now();
    await session.store.audit.write([
      {
        at,
        actor: 'map clear',
        system: 'odoo',
        action: 'map',
        record,
        from: product.cartonaId,
        outcome,
        durationMs: at - started,
      },
    ]);
    if (left !== undefined)
      throw new CartonaError(
        'refused',
        `Odoo still holds '${shortened(left)}' for ${result.product.name} after it was cleared; something in Odoo sets it again.`,
      );
    return { ...result, changed: true };
  });
}

function refuseIfRejected(plan: MappingPlan, kind: 'usage' | 'refused' = 'usage'): void {
  // What Odoo refused, it may have changed to something else: only before writing it is certain that nothing was.
  const certain = kind === 'usage' ? ' Nothing was changed.' : '';
  for (const { reason } of plan.rejections()) throw new CartonaError(kind, `${capital(reason)}.${certain}`);
}

async function named(session: Session, product: Product): Promise<NamedProduct> {
  const name = (await productNames(session, [product.id])).get(product.id) ?? `product ${product.id}`;
  return { odooId: product.id, name, active: product.active };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
