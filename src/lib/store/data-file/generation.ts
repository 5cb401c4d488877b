import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { isCartonaError } from '../../common/errors.js';
import type { Database } from '../sqlite/database.js';

/**
 * What the data file is, by the count of its openings and closings that is kept in it and in a second file elsewhere:
 * - `same`: the one that was used last
 * - `new`: an empty one, where another was used before
 * - `older`: a copy of an earlier time that somebody has put back
 */
export type DataFileAge = 'same' | 'new' | 'older';

const READ = "SELECT CAST(value AS INTEGER) AS generation FROM note WHERE profile = '' AND name = 'generation'";
const WRITE = `
  INSERT INTO note (profile, name, value, at) VALUES ('', 'generation', ?, ?)
  ON CONFLICT (profile, name) DO UPDATE SET value = excluded.value, at = excluded.at`;
const IS_EMPTY = `
  SELECT NOT EXISTS (SELECT 1 FROM delivery) AND NOT EXISTS (SELECT 1 FROM inbox) AND NOT EXISTS (SELECT 1 FROM audit) AS empty`;

/**
 * Counts on, and says what the data file is. Nothing of an older copy's prices and stock counts as confirmed then.
 * @param file where the count is kept a second time; where it cannot be written, every file counts as the same
 */
export function countGeneration(db: Database, file: string, now: number): DataFileAge {
  // Read first: whoever counts on at this moment writes the data file before this one.
  const elsewhere = read(file);
  try {
    const { age, generation } = db.transaction(() => countOn(db, elsewhere, now));
    if (read(file) < generation) write(file, generation);
    return age;
  } catch (error) {
    // On a full disk what is there can still be looked at; whatever is to be written will tell.
    if (isCartonaError(error, 'local')) return 'same';
    throw error;
  }
}

/** Makes a restored copy the newest generation, before it takes the data file's place. Runs inside a transaction. */
export function makeNewest(db: Database, file: string, now: number): void {
  countOn(db, read(file), now);
}

function countOn(db: Database, elsewhere: number, now: number): { age: DataFileAge; generation: number } {
  const own = db.all<{ generation: number }>(READ)[0]?.generation ?? 0;
  const age = own >= elsewhere ? 'same' : db.all<{ empty: number }>(IS_EMPTY)[0]?.empty === 1 ? 'new' : 'older';
  if (age === 'older') forgetConfirmed(db);
  const generation = Math.max(own, elsewhere) + 1;
  db.run(WRITE, String(generation), now);
  return { age, generation };
}

/**
 * Forgets the prices and stock that were confirmed, but for what only we know (that we took a product off the
 * marketplace); the next comparison reads Cartona's listing. What a person decided stays. Runs inside a transaction.
 */
export function forgetConfirmed(db: Database): void {
  db.run(
    "DELETE FROM delivery WHERE flow <> 'order_state' AND outcome = 'delivered' AND delivered IS NOT 'unpublished'",
  );
  db.run("UPDATE delivery SET delivered_at = NULL WHERE flow <> 'order_state'");
}

function read(file: string): number {
  try {
    return Number(/^\d{1,15}/.exec(readFileSync(file, 'utf8'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** A guard only: the settings may lie where nobody may write. */
function write(file: string, generation: number): void {
  const temporary = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${generation}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch {
    if (existsSync(temporary)) rmSync(temporary, { force: true });
  }
}
