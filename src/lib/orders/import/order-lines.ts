import type { CartonaOrder, OrderLine } from '../../cartona/schemas.js';
import type { IdentifyBy } from '../../cartona/client.js';
import { canonical } from '../../common/money.js';
import { lineExternalId } from '../../odoo/records/external-ids.js';
import type { Lines } from './three-way-merge.js';
import type { LinePrecision, LineValues } from '../../odoo/records/sale-orders.js';
import { cartonaIdOf } from '../inbox/payload.js';
import type { Products } from './products.js';
import { priceWithTaxesIn } from './taxed-price.js';

/** What it takes to say how a Cartona line looks in Odoo. */
export interface LineTerms {
  readonly identifyBy: IdentifyBy;
  readonly taxes: 'none' | 'included' | 'added';
  readonly precision: LinePrecision;
  readonly products: Products;
}

/**
 * The lines of an order as they must stand in Odoo, by external id; or why one cannot, and what mends it. Whole or not
 * at all: an order is never made of some of its lines.
 */
export function wantedLines(
  order: CartonaOrder,
  terms: LineTerms,
): { readonly lines: Lines } | { readonly held: string } {
  const lines = new Map<string, LineValues>();
  const reasons: string[] = [];
  for (const line of order.lines) {
    const key = lineExternalId(order.hashedId, line.id);
    const said = wantedLine(line, terms);
    if (lines.has(key)) reasons.push(`line ${line.id} stands there twice`);
    else if ('held' in said) reasons.push(said.held);
    else lines.set(key, said);
  }
  if (order.lines.length === 0) reasons.push('it has no lines');
  return reasons.length === 0 ? { lines } : { held: `${reasons.join('; ')}; the next pull tries it again` };
}

function wantedLine(
  line: OrderLine,
  { identifyBy, taxes, precision, products }: LineTerms,
): LineValues | { readonly held: string } {
  const name = `line ${line.id} (${line.productName || 'no name'})`;
  const cartonaId = cartonaIdOf(line, identifyBy);
  if (cartonaId === undefined)
    return {
      held: `${name} has no ${identifyBy}: link the product at Cartona (\`cartona map status\` shows what is mapped)`,
    };
  const product = products.byCartonaId.get(cartonaId);
  if (!product)
    return {
      held: `${name}: no product in Odoo has the Cartona id ${cartonaId}; map it with \`cartona map set PRODUCT ${cartonaId}\``,
    };
  if (product.kind === 'several')
    return {
      held: `${name}: the Cartona id ${cartonaId} is on several products in Odoo (ids ${product.ids.join(', ')}); keep it on one with \`cartona map clear PRODUCT\``,
    };
  if (product.kind === 'archived')
    return {
      held: `${name}: the product with the Cartona id ${cartonaId} is archived in Odoo (id ${product.id}); restore it there, or map another one with \`cartona map set PRODUCT ${cartonaId}\``,
    };
  const quantity = canonical(line.amount, precision.quantity);
  if (taxes !== 'included')
    return { productId: product.id, quantity, priceUnit: canonical(line.sellingPrice, precision.price) };
  const said = priceWithTaxesIn(line.sellingPrice, product.taxIds, products.taxes, precision.price);
  if ('unsupported' in said)
    return {
      held: `${name}: a price without the tax "${said.unsupported}" cannot be reckoned; set orders.taxes to none or added`,
    };
  return { productId: product.id, quantity, priceUnit: said.price };
}
