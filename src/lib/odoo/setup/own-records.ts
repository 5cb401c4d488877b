import { z } from 'zod';
import type { OdooClient } from '../client.js';
import { NAMESPACE } from '../records/external-ids.js';

/** The external id of a record that setting up makes: no real module owns it, so no update of a module removes it. */
export const ownKey = (name: string): string => `${NAMESPACE}.${name}`;

export interface OwnRecord {
  /** Of the external id (`ir.model.data`). */
  readonly id: number;
  readonly name: string;
  readonly model: string;
  readonly res_id: number;
}

const ownRecords = z.array(
  z.object({ id: z.number().int(), name: z.string(), model: z.string(), res_id: z.number().int() }),
);

/** What was made in Odoo under names that begin so. Only an administrator may ask. */
export const findOwn = (admin: OdooClient, prefix: string): Promise<OwnRecord[]> =>
  admin.call(
    'ir.model.data',
    'search_read',
    {
      domain: [
        ['module', '=', NAMESPACE],
        ['name', '=like', `${prefix.replaceAll('_', '\\_')}%`],
      ],
      fields: ['name', 'model', 'res_id'],
      order: 'id',
    },
    ownRecords,
  );

/** Remembers a record as made by us; one that is remembered already stays so. */
export async function rememberOwn(admin: OdooClient, name: string, model: string, id: number): Promise<void> {
  if ((await findOwn(admin, name)).some((record) => record.name === name && record.res_id === id)) return;
  await admin.call(
    'ir.model.data',
    'create',
    { vals_list: [{ module: NAMESPACE, name, model, res_id: id, noupdate: true }] },
    z.unknown(),
  );
}
