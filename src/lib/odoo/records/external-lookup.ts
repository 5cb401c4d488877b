import { z } from 'zod';
import { isCartonaError } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import { NAMESPACE } from './external-ids.js';

/**
 * Which of the candidate records the external ids name: record id by external id; one that names none of them is
 * absent.
 * @param names external ids with their namespace
 */
export async function findByExternalIds(
  odoo: OdooClient,
  model: string,
  candidates: readonly number[],
  names: readonly string[],
): Promise<Map<string, number>> {
  if (candidates.length === 0 || names.length === 0) return new Map();
  return odoo.protocol === 'xml-rpc'
    ? oneByOne(odoo, model, candidates, names)
    : atOnce(odoo, model, candidates, names);
}

/** The record of that model which an external id names, if any. @param name with its namespace */
export async function findByExternalId(odoo: OdooClient, model: string, name: string): Promise<number | undefined> {
  const reference = await referenceOf(odoo, name);
  return reference?.model === model ? reference.id : undefined;
}

async function atOnce(
  odoo: OdooClient,
  model: string,
  candidates: readonly number[],
  names: readonly string[],
): Promise<Map<string, number>> {
  const wanted = new Set(names);
  const response = await odoo.call(
    model,
    'get_external_id',
    { ids: [...candidates] },
    z.record(z.string(), z.string()),
  );
  return new Map(
    Object.entries(response).flatMap(([id, name]) => (wanted.has(name) ? [[name, Number(id)] as const] : [])),
  );
}

/** The result of `get_external_id` has integer keys, which XML-RPC cannot carry. */
async function oneByOne(
  odoo: OdooClient,
  model: string,
  candidates: readonly number[],
  names: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const known = new Set(candidates);
  for (const name of names) {
    const reference = await referenceOf(odoo, name);
    if (reference?.model === model && known.has(reference.id)) found.set(name, reference.id);
  }
  return found;
}

async function referenceOf(odoo: OdooClient, name: string): Promise<{ model: string; id: number } | undefined> {
  try {
    const [model, id] = await odoo.call(
      'ir.model.data',
      'check_object_reference',
      { module: NAMESPACE, xml_id: name.slice(NAMESPACE.length + 1) },
      z.tuple([z.string(), z.number()]),
    );
    return { model, id };
  } catch (error) {
    // Odoo raises an error for an external id that is not there.
    if (isCartonaError(error, 'refused')) return undefined;
    throw error;
  }
}
