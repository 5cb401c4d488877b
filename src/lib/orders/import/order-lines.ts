import type { CartonaOrder, OrderLine } from '../../cartona/schemas.js';
import type { IdentifyBy } from '../../cartona/client.js';
import { canonical } from '../../common/money.js';
import { lineExternalId } from '../../odoo/records/external-ids.js';
import type { Lines } from './three-way-merge.js';
import type { LinePrecision, LineValues } from '../../odoo/records/sale-orders.js';
import { cartonaIdOf } from '../inbox/payload.js';
import type { LineProducts } from './products.js';
import { priceWithTaxesIn } from './taxed-price.js';

/** What it takes to say how a Cartona line looks in Odoo. */
export interface LineTerms {
  readonly identifyBy: IdentifyBy;
  readonly taxes: 'none' | 'included' | 'added';
  readonly precision: LinePrecision;
  readonly products: LineProducts;
}

/** The lines of an order as they must stand in Odoo, by external id; or why one cannot, and what mends it. */
export type WantedLines =
  { readonly kind: 'lines'; readonly lines: Lines } | { readonly kind: 'held'; readonly reason: string };

/** How an order's lines look in Odoo. All of them or none: an order is never made of some of its lines. */
export function wantedLines(order: CartonaOrder, terms: LineTerms): WantedLines {
  const lines = new Map<string, LineValues>();
  const reasons: string[] = [];
  for (const line of order.lines) {
    const key = lineExternalId(order.hashedId, line.id);
    const wanted = wantedLine(line, terms);
    if (lines.has(key)) reasons.push(`line ${line.id} stands there twice`);
    else if (wanted.kind === 'held') reasons.push(wanted.reason);
    else lines.set(key, wanted.values);
  }
  if (order.lines.length === 0) reasons.push('it has no lines');
  return reasons.length === 0
    ? { kind: 'lines', lines }
    : { kind: 'held', reason: `${reasons.join('; ')}; the next pull tries it again` };
}

function wantedLine(
  line: OrderLine,
  { identifyBy, taxes, precision, products }: LineTerms,
): { readonly kind: 'line'; readonly values: LineValues } | { readonly kind: 'held'; readonly reason: string } {
  const held = (reason: string) => ({ kind: 'held', reason }) as const;
  const name = `line ${line.id} (${line.productName || 'no name'})`;
  const cartonaId = cartonaIdOf(line, identifyBy);
  if (cartonaId === undefined)
    return held(
      `${name} has no ${identifyBy}: link the product at Cartona (\`cartona map status\` shows what is mapped)`,
    );
  const product = products.byCartonaId.get(cartonaId);
  if (!product)
    return held(
      `${name}: no product in Odoo has the Cartona id ${cartonaId}; map it with \`cartona map set PRODUCT ${cartonaId}\``,
    );
  if (product.kind === 'several')
    return held(
      `${name}: the Cartona id ${cartonaId} is on several products in Odoo (ids ${product.ids.join(', ')}); keep it on one with \`cartona map clear PRODUCT\``,
    );
  if (product.kind === 'archived')
    return held(
      `${name}: the product with the Cartona id ${cartonaId} is archived in Odoo (id ${product.id}); restore it there, or map another one with \`cartona map set PRODUCT ${cartonaId}\``,
    );
  const quantity = canonical(line.amount, precision.quantity);
  if (taxes !== 'included') return lineOf(product.id, quantity, canonical(line.sellingPrice, precision.price));
  const net = priceWithTaxesIn(line.sellingPrice, product.taxIds, products.taxes, precision.price);
  if (net.kind === 'unsupported')
    return held(`${name}: a price without the tax "${net.tax}" cannot be reckoned; set orders.taxes to none or added`);
  return lineOf(product.id, quantity, net.price);
}

const lineOf = (productId: number, quantity: string, priceUnit: string) =>
  ({ kind: 'line', values: { productId, quantity, priceUnit } }) as const;
