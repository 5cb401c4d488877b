import { z } from 'zod';
import { CartonaError } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import { holdsId, SETUP_FIELD } from '../id-field.js';
import { findOwn } from './own-records.js';
import { tearDownPush } from './push-rules.js';
import { FIELD_KEY } from './setup.js';

/** What was, or in a dry run would be, removed. */
export interface TeardownResult {
  readonly dryRun: boolean;
  readonly rules: number;
  /** The field for the Cartona id, with the whole mapping in it; `null` when it stays. */
  readonly field: typeof SETUP_FIELD | null;
}

/**
 * Removes from Odoo what setting up made: the automation rules and, only where asked for, the field for the Cartona id.
 * @throws CartonaError `refused` when the field was not made by `cartona odoo setup`; `credentials`
 */
export async function tearDown(
  admin: OdooClient,
  options: { idField: boolean; dryRun: boolean },
): Promise<TeardownResult> {
  const [field] = options.idField ? await ownField(admin) : [];
  const { rules } = await tearDownPush(admin, options);
  if (field !== undefined && !options.dryRun)
    await admin.call('ir.model.fields', 'unlink', { ids: [field] }, z.unknown());
  return { dryRun: options.dryRun, rules, field: field === undefined ? null : SETUP_FIELD };
}

/** How many products, archived ones included, hold a Cartona id in the field. */
export const countMapped = (odoo: OdooClient): Promise<number> =>
  odoo.call(
    SETUP_FIELD.model,
    'search_count',
    { domain: holdsId(SETUP_FIELD.name), context: { active_test: false } },
    z.number(),
  );

const fieldAnswer = z.array(z.object({ id: z.number().int() }));

/** The field that we made, if it is still there. */
async function ownField(admin: OdooClient): Promise<number[]> {
  const domain = [
    ['model', '=', SETUP_FIELD.model],
    ['name', '=', SETUP_FIELD.name],
  ];
  const [present] = await admin.call('ir.model.fields', 'search_read', { domain, fields: ['id'] }, fieldAnswer);
  if (present === undefined) return [];
  const own = await findOwn(admin, FIELD_KEY);
  if (own.some((record) => record.model === 'ir.model.fields' && record.res_id === present.id)) return [present.id];
  const name = `${SETUP_FIELD.model}.${SETUP_FIELD.name}`;
  throw new CartonaError(
    'refused',
    `The field ${name} was not made by \`cartona odoo setup\` and is left alone; remove it in Odoo under Settings / Technical / Fields if nobody else needs it.`,
  );
}
