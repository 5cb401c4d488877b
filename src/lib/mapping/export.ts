import { z } from 'zod';
import { throwIfInterrupted } from '../common/errors.js';
import { idText } from '../common/ids.js';
import { holdsId, holdsNoId } from '../odoo/id-field.js';
import { requireIdField, type Session } from '../session.js';
import { BOM, csvText, writeWhole, type Write } from '../common/csv-output.js';
import { odooText } from './lookup.js';

export interface ExportOptions {
  /** The sellable products that have no id yet, with an empty column for it, instead of the mapped ones. */
  readonly unmapped?: boolean;
}

const PAGE = 2000;
const COLUMNS = ['odoo_id', 'internal_reference', 'barcode', 'name', 'cartona_id', 'active'];

const rows = z.array(
  z.looseObject({
    id: z.number().int(),
    active: z.boolean(),
    default_code: odooText,
    barcode: odooText,
    name: odooText,
    product_variant_count: z.number().int().optional(),
  }),
);

/**
 * Writes the mapping as CSV to a file: UTF-8 with a mark, so that a spreadsheet opens it.
 * @returns the number of products
 * @throws CartonaError `local`
 */
export async function exportToFile(session: Session, path: string, options: ExportOptions): Promise<number> {
  let products = 0;
  await writeWhole(path, async (write) => {
    await write(BOM);
    products = await exportMapping(session, write, options);
  });
  return products;
}

/**
 * Writes the mapping as CSV, archived products included; it can be imported again as it is. @returns the number of
 * products
 */
export async function exportMapping(session: Session, write: Write, options: ExportOptions): Promise<number> {
  const field = requireIdField(session);
  const onTemplate = field.model === 'product.template';
  const wanted = options.unmapped
    ? [['active', '=', true], ['sale_ok', '=', true], ...holdsNoId(field.name)]
    : holdsId(field.name);
  await write(csvText([COLUMNS], ','));
  let products = 0;
  for (let after = 0; ;) {
    throwIfInterrupted(session.signal);
    const page = await session.odoo.call(
      'product.product',
      'search_read',
      {
        domain: [...wanted, ['id', '>', after]],
        fields: [
          'default_code',
          'barcode',
          'name',
          'active',
          field.name,
          ...(onTemplate ? ['product_variant_count'] : []),
        ],
        order: 'id',
        limit: PAGE,
        context: { active_test: false },
      },
      rows,
    );
    // A template's id shows on its archived variants too; it is its active variant that is meant.
    const meant = page.filter((row) => row.active || (row.product_variant_count ?? 0) === 0);
    const lines = meant.map((row) => {
      const cartonaId = idText.parse(row[field.name]) ?? '';
      return [
        String(row.id),
        row.default_code ?? '',
        row.barcode ?? '',
        row.name ?? '',
        cartonaId,
        row.active ? 'yes' : 'no',
      ];
    });
    if (lines.length > 0) await write(csvText(lines, ','));
    products += lines.length;
    session.progress('Exporting the mapping', products);
    const last = page[page.length - 1];
    if (!last || page.length < PAGE) return products;
    after = last.id;
  }
}
