import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { holdsId } from '../odoo/id-field.js';
import { requireIdField, type Session } from '../session.js';

export interface MappingStatus {
  /** The Odoo field that holds the Cartona id. */
  readonly field: string;
  /** Products that can be sold: active, and marked so in Odoo. */
  readonly sellable: number;
  readonly sellableMapped: number;
  readonly sellableUnmapped: number;
  /** Share of the sellable ones that is mapped, per cent with one decimal, rounded down; null without any. */
  readonly percent: string | null;
  /** Active products that hold an id but are not for sale. */
  readonly mappedNotForSale: number;
  /** Archived products that hold an id: it is not free. */
  readonly mappedArchived: number;
}

/** How much of the sellable catalogue is mapped: four counts, whatever its size. */
export async function mappingStatus(session: Session): Promise<MappingStatus> {
  const { model, name } = requireIdField(session);
  const count = (...domain: unknown[]): Promise<number> =>
    session.odoo.call('product.product', 'search_count', { domain, context: { active_test: false } }, z.number().int());
  const [active, forSale] = [
    ['active', '=', true],
    ['sale_ok', '=', true],
  ];
  const mapped = holdsId(name);
  const [sellable, sellableMapped, activeMapped, allMapped] = await Promise.all([
    count(active, forSale),
    count(active, forSale, ...mapped),
    count(active, ...mapped),
    count(...mapped),
  ]);
  return {
    field: `${model}.${name}`,
    sellable,
    sellableMapped,
    sellableUnmapped: sellable - sellableMapped,
    percent:
      sellable === 0
        ? null
        : new Decimal(sellableMapped).times(100).div(sellable).toDecimalPlaces(1, Decimal.ROUND_DOWN).toFixed(1),
    mappedNotForSale: activeMapped - sellableMapped,
    mappedArchived: allMapped - activeMapped,
  };
}
