import { z } from 'zod';

/**
 * Ids arrive as strings or numbers from both sides; inside they are text. Blank and absent (`null`, Odoo's `false`) are
 * `undefined`.
 */
export const idText = z
  .union([z.string(), z.number().int(), z.null(), z.literal(false)])
  .optional()
  .transform((value) => {
    if (value === undefined || value === null || value === false) return undefined;
    const text = String(value).trim();
    return text === '' ? undefined : text;
  });
