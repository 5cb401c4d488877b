import { z } from 'zod';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import { findIdField, SETUP_FIELD, type ProductField } from '../id-field.js';
import { rememberOwn } from './own-records.js';

/** What setting up did: the field was there, was made, or would be made. */
export interface SetupResult {
  readonly outcome: 'exists' | 'created' | 'would create';
  readonly field: ProductField;
}

/** The external id of the field: what tells it from one that somebody else made. */
export const FIELD_KEY = 'field_x_cartona_id';

/**
 * The field as Odoo is asked for it: searched by it all day, and a copied product must not take its original's id
 * along.
 */
export function fieldValues(modelId: number): Record<string, unknown> {
  return {
    name: SETUP_FIELD.name,
    field_description: 'Cartona ID',
    model_id: modelId,
    ttype: 'char',
    index: true,
    copied: false,
    store: true,
  };
}

/**
 * Makes the field for the Cartona id on variants, when no field for it exists. Doing it again changes nothing.
 * @param admin an Odoo entered as an administrator: making fields needs Administration / Settings
 * @throws CartonaError `credentials` when the user may not make fields
 */
export async function setUpIdField(admin: OdooClient, options: { dryRun: boolean }): Promise<SetupResult> {
  const { field } = await findIdField(admin);
  if (field) return { outcome: 'exists', field };
  if (options.dryRun) return { outcome: 'would create', field: SETUP_FIELD };
  const [model] = await admin.call(
    'ir.model',
    'search_read',
    { domain: [['model', '=', SETUP_FIELD.model]], fields: ['id'] },
    idAnswer,
  );
  if (model === undefined)
    throw new CartonaError('refused', `Odoo at ${admin.url} has no products; install the app Sales first.`);
  try {
    await admin.call('ir.model.fields', 'create', { vals_list: [fieldValues(model.id)] }, z.unknown());
  } catch (error) {
    // The answer may have been lost after the work was done, and another run may have made it at the same moment: look.
    if (!isCartonaError(error, 'refused', 'outcome-unknown')) throw error;
    if ((await findIdField(admin)).field === undefined) throw error;
  }
  const { field: made } = await findIdField(admin);
  if (made) {
    await remember(admin, model.id);
    return { outcome: 'created', field: made };
  }
  throw new CartonaError(
    'refused',
    `Odoo at ${admin.url} accepted the field ${SETUP_FIELD.name} but does not show it; look under Settings / Technical / Fields.`,
  );
}

const idAnswer = z.array(z.object({ id: z.number().int() }));

async function remember(admin: OdooClient, modelId: number): Promise<void> {
  const domain = [
    ['model_id', '=', modelId],
    ['name', '=', SETUP_FIELD.name],
  ];
  const [field] = await admin.call('ir.model.fields', 'search_read', { domain, fields: ['id'] }, idAnswer);
  if (field) await rememberOwn(admin, FIELD_KEY, 'ir.model.fields', field.id);
}
