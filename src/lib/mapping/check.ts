import { z } from 'zod';
import { requireIdField, type Session } from '../session.js';
import { readCartonaId } from './files/cells.js';
import { productNames } from './describe.js';
import { readIdentity } from './identity.js';

/** A product as a person knows it. */
export interface NamedProduct {
  readonly odooId: number;
  /** Reference, name and attributes, as Odoo shows them: `[A1] Beans (400 g)`. */
  readonly name: string;
  readonly active: boolean;
}

export interface MappingCheck {
  /** Products that have an id of their own, archived ones included. */
  readonly mapped: number;
  /** Ids that several products hold: nothing of them is sent, no order line is matched by them. */
  readonly clashes: readonly {
    readonly cartonaId: string;
    readonly reason: string;
    readonly products: readonly NamedProduct[];
  }[];
  /** Ids that cannot be ids. */
  readonly malformed: readonly {
    readonly cartonaId: string;
    readonly reason: string;
    readonly product: NamedProduct;
  }[];
}

/** Looks at every Cartona id in Odoo, archived products included: nothing there keeps them unique or well formed. */
export async function checkMapping(session: Session): Promise<MappingCheck> {
  const identity = await readIdentity(session);
  const { clashes } = identity;
  const malformed: { odooId: number; cartonaId: string; reason: string }[] = [];
  for (const page of identity.pages(CHUNK)) {
    for (const { odooId, cartonaId } of page) {
      const read = readCartonaId(cartonaId, session.profile.cartona.identifyBy);
      if (read.kind === 'invalid') malformed.push({ odooId, cartonaId, reason: read.reason });
    }
  }
  const named = await namer(session, [...[...clashes.values()].flat(), ...malformed.map((entry) => entry.odooId)]);
  // On a template, an id shows on all its variants: these clash as two products would.
  const reason =
    requireIdField(session).model === 'product.template'
      ? 'several variants show this id'
      : 'several products hold this id';
  return {
    mapped: identity.size,
    clashes: [...clashes].map(([cartonaId, odooIds]) => ({ cartonaId, reason, products: odooIds.map(named) })),
    malformed: malformed.map(({ odooId, cartonaId, reason: why }) => ({
      cartonaId,
      reason: why,
      product: named(odooId),
    })),
  };
}

const CHUNK = 1000;

async function namer(session: Session, odooIds: readonly number[]): Promise<(odooId: number) => NamedProduct> {
  const names = await productNames(session, odooIds);
  const archived = new Set<number>();
  for (let from = 0; from < odooIds.length; from += CHUNK) {
    const domain = [
      ['id', 'in', odooIds.slice(from, from + CHUNK)],
      ['active', '=', false],
    ];
    for (const id of await session.odoo.call('product.product', 'search', { domain }, z.array(z.number().int())))
      archived.add(id);
  }
  return (odooId) => ({ odooId, name: names.get(odooId) ?? `product ${odooId}`, active: !archived.has(odooId) });
}
