import { z } from 'zod';
import { CartonaError, isCartonaError } from '../common/errors.js';
import { lastWords } from '../odoo/faults.js';
import { load, type LoadError } from '../odoo/records/load.js';
import { requireIdField, type Session } from '../session.js';

/** A Cartona id for a record of the id field's model. */
export interface IdWrite {
  readonly holder: number;
  readonly to: string;
}

/** Told a write that Odoo refuses, and why, in Odoo's words. May refuse others with it. */
export type Refuse<W extends IdWrite> = (write: W, reason: string) => void;

/** Records in one call: the largest that stays well within Odoo's time limits. */
export const WRITE_CHUNK = 500;
/** How often a chunk is sent whose outcome got lost, first time included. */
const TRIES = 3;

/**
 * Writes ids to at most `WRITE_CHUNK` records in as few calls as Odoo's refusals allow (one when there are none). A
 * call is all or nothing: what Odoo refuses is taken out and the rest sent again. A call whose answer got lost is
 * looked up before it is repeated.
 * @param open whether a write still stands; those that `refuse` brought down with it do not
 * @throws CartonaError `credentials`, `unreachable`, `outcome-unknown` after the last try, `answer`
 */
export async function writeChunk<W extends IdWrite>(
  session: Session,
  writes: readonly W[],
  open: (write: W) => boolean,
  refuse: Refuse<W>,
): Promise<void> {
  let left = writes.filter(open);
  for (let lost = 0; left.length > 0; left = left.filter(open)) {
    try {
      if ((await sendChunk(session, left, refuse)) === 'written') return;
    } catch (error) {
      lost += 1;
      if (!isCartonaError(error, 'outcome-unknown') || lost === TRIES) throw error;
      const held = await readIds(
        session,
        left.map((write) => write.holder),
      );
      left = left.filter((write) => held.get(write.holder) !== write.to);
    }
  }
}

/** What the given records hold now; a record that is gone is absent. */
export async function readIds(session: Session, holders: readonly number[]): Promise<Map<number, string | undefined>> {
  const field = requireIdField(session);
  const rows = z.array(z.looseObject({ id: z.number().int() }));
  const args = { domain: [['id', 'in', holders]], fields: [field.name], context: { active_test: false } };
  const held = new Map<number, string | undefined>();
  for (const row of await session.odoo.call(field.model, 'search_read', args, rows)) {
    const value = row[field.name];
    held.set(row.id, typeof value === 'string' && value !== '' ? value : undefined);
  }
  return held;
}

/** One call. @throws CartonaError `unreachable` where other transactions keep changing the same records */
async function sendChunk<W extends IdWrite>(
  session: Session,
  writes: readonly W[],
  refuse: Refuse<W>,
): Promise<'written' | 'some refused'> {
  const field = requireIdField(session);
  if (session.odoo.major >= 19) {
    try {
      const values = writes.map((write) => ({ [field.name]: write.to }));
      await session.odoo.call(
        field.model,
        'web_save_multi',
        { ids: writes.map((write) => write.holder), vals_list: values, specification: {} },
        z.unknown(),
      );
      return 'written';
    } catch (error) {
      // It does not say which record it failed for; `load` does. Missing rights fail in both and are told by `load` in
      // the same words.
      if (!isCartonaError(error, 'refused', 'credentials')) throw error;
    }
  }
  const rows = writes.map((write) => [String(write.holder), write.to]);
  // A lost answer is looked up by the caller, which then writes no more than is missing.
  const result = await load(session.odoo, field.model, ['.id', field.name], rows, { repeatable: false });
  if (result.kind === 'loaded') return 'written';
  if (result.kind === 'contended')
    throw new CartonaError(
      'unreachable',
      'Other programs keep changing the same products in Odoo; run the command again when they are done.',
    );
  const { errors } = result;
  if (errors.length === 0)
    throw new CartonaError(
      'answer',
      `Odoo neither wrote ${writes.length} Cartona ids nor said why; run with --debug and report it.`,
    );
  const failed = failures(errors);
  const noneWentWell = Math.max(...failed.keys()) < errors.length;
  if (noneWentWell) await requireWriteRight(session, field.model);
  for (const [at, reason] of failed) {
    const write = writes[at];
    if (write) refuse(write, reason);
  }
  return 'some refused';
}

/** Which of the sent writes Odoo refused (by place), each with its first reason. */
function failures(errors: readonly LoadError[]): Map<number, string> {
  const nameless = errors.find((message) => message.record === undefined);
  if (nameless)
    throw new CartonaError(
      'refused',
      `Odoo refuses the Cartona ids: ${reasonOf(nameless)}; nothing of this part was written.`,
    );
  // Where writing them all at once failed, Odoo puts that error first and blames record 0 for it, whoever it was. When
  // others are named as well, they are the ones; should record 0 be bad too, the next call says so.
  const [first, ...rest] = errors;
  const blamed = first?.record === 0 && rest.some((message) => message.record !== 0) ? rest : errors;
  const failed = new Map<number, string>();
  for (const message of blamed) {
    if (message.record !== undefined && !failed.has(message.record)) failed.set(message.record, reasonOf(message));
  }
  return failed;
}

const reasonOf = (error: LoadError): string => lastWords(error.message);

/** Odoo reports a missing right as a failure of each single record; one look tells that it is none of theirs. */
async function requireWriteRight(session: Session, model: string): Promise<void> {
  const may =
    session.odoo.major >= 18
      ? await session.odoo.call(model, 'has_access', { ids: [], operation: 'write' }, z.boolean())
      : await session.odoo.call(
          model,
          'check_access_rights',
          { operation: 'write', raise_exception: false },
          z.boolean(),
        );
  if (!may) {
    throw new CartonaError(
      'credentials',
      `The Odoo user ${session.profile.odoo.login} may not change products (${model}); give it the right to create products or the sales manager's rights, then run the command again.`,
    );
  }
}
