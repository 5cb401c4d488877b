import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CartonaError, throwIfInterrupted } from '../../common/errors.js';
import type { Session } from '../../session.js';

/** One record of a `load` call: its first row, and a further row for each further line it has. */
export interface LoadRecord {
  /** How the caller knows it. */
  readonly key: string;
  readonly rows: readonly (readonly string[])[];
}

export interface LoadOutcome {
  /** Database ids of what is in Odoo now, by key. */
  readonly loaded: Map<string, number>;
  /** What Odoo refused, with its words, by key. */
  readonly rejected: Map<string, string>;
}

const loadAnswer = z.object({
  ids: z.union([z.array(z.number()), z.literal(false)]),
  messages: z.array(z.looseObject({ type: z.string(), message: z.string(), record: z.number().optional() })),
});

const TRIES = 6;
/** Another transaction was at the same record: nothing was done, and doing it again finds what the other one made. */
const CONCURRENT = /could not serialize|serialization|concurrent|deadlock|duplicate key|could not obtain lock/i;

/**
 * `noupdate` marks what is created, and `mode: update` respects the mark: nothing that exists is written. The
 * integration user does not become a follower of all it creates, nor does each record tell in its messages that it was
 * created.
 */
const CREATE_ABSENT = { mode: 'update', noupdate: true, mail_create_nosubscribe: true, mail_create_nolog: true };

/**
 * Creates the records whose external id (column `id`) Odoo does not have, and leaves those it has untouched: decided in
 * Odoo's database, so that it may be repeated and done from many processes at once. Odoo takes a call whole or not at
 * all; records it refuses are taken out and the others go again.
 */
export async function createAbsent(
  session: Session,
  model: string,
  fields: readonly string[],
  records: readonly LoadRecord[],
): Promise<LoadOutcome> {
  const outcome: LoadOutcome = { loaded: new Map(), rejected: new Map() };
  if (records.length === 0) return outcome;
  throwIfInterrupted(session.signal);
  const said = await loadOnce(session, model, fields, records, CREATE_ABSENT);
  if (said.ids !== false) {
    if (said.ids.length !== records.length)
      throw new CartonaError(
        'answer',
        `Odoo loaded ${said.ids.length} records of ${model} where ${records.length} were sent; the next run sends what is missing.`,
      );
    said.ids.forEach((id, at) => {
      const record = records[at];
      if (record) outcome.loaded.set(record.key, id);
    });
    return outcome;
  }
  const errors = errorsOf(said.messages);
  const first = records[0];
  if (records.length === 1 && first) {
    outcome.rejected.set(first.key, errors.map((error) => error.message).join('; ') || 'no reason given');
    return outcome;
  }
  for (const part of apart(records, errors)) {
    const done = await createAbsent(session, model, fields, part);
    for (const [key, id] of done.loaded) outcome.loaded.set(key, id);
    for (const [key, reason] of done.rejected) outcome.rejected.set(key, reason);
  }
  return outcome;
}

/**
 * Writes fields of existing records (column `.id`), all of one call or none. @throws CartonaError `refused` with Odoo's
 * words
 */
export async function writeExisting(
  session: Session,
  model: string,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const records = rows.map((row, at) => ({ key: String(at), rows: [row] }));
  const said = await loadOnce(session, model, fields, records, {});
  if (said.ids === false)
    throw new CartonaError(
      'refused',
      `Odoo refused to write ${model}: ${errorsOf(said.messages)
        .map((error) => error.message)
        .join('; ')}`,
    );
}

/**
 * The records not blamed together, and each blamed one alone: Odoo repeats a batch's error under the name of its first
 * record, so that being named proves nothing. Where nobody, or everybody, is named, halves.
 */
function apart(
  records: readonly LoadRecord[],
  errors: readonly { record?: number | undefined }[],
): (readonly LoadRecord[])[] {
  const blamed = new Set(errors.flatMap((error) => error.record ?? []));
  const good = records.filter((_, at) => !blamed.has(at));
  if (good.length === records.length || good.length === 0) {
    const middle = Math.ceil(records.length / 2);
    return [records.slice(0, middle), records.slice(middle)];
  }
  return [good, ...records.flatMap((record, at) => (blamed.has(at) ? [[record]] : []))];
}

async function loadOnce(
  session: Session,
  model: string,
  fields: readonly string[],
  records: readonly LoadRecord[],
  context: Record<string, unknown>,
): Promise<z.output<typeof loadAnswer>> {
  const data = records.flatMap((record) => record.rows.map((row) => row.map(writable)));
  for (let attempt = 1; ; attempt += 1) {
    // Instants are read in the user's zone unless told.
    const said = await session.odoo.call(
      model,
      'load',
      { fields, data, context: { ...context, tz: 'UTC' } },
      loadAnswer,
      { repeatable: true },
    );
    if (said.ids !== false || attempt === TRIES || !said.messages.some((message) => CONCURRENT.test(message.message)))
      return said;
    await sleep(Math.random() * 50 * 2 ** attempt);
  }
}

const errorsOf = (messages: z.output<typeof loadAnswer>['messages']): z.output<typeof loadAnswer>['messages'] =>
  messages.filter((message) => message.type === 'error');

/** Text without what neither PostgreSQL nor XML can hold: control characters and halves of surrogate pairs. */
const writable = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '');
