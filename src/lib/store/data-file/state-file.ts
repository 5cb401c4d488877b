import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import Libsql from 'libsql';
import { CartonaError } from '../../common/errors.js';
import { makePrivateDirectory } from '../../common/private-directory.js';
import { isGone } from '../../common/processes.js';
import { Database } from '../sqlite/database.js';
import { databaseError, isLocked } from '../sqlite/database-errors.js';
import { forgetConfirmed, makeNewest } from './generation.js';
import { MIGRATIONS } from '../sqlite/schema.js';

/** How long a lock of another process is waited for. */
const LOCK_TIMEOUT_MS = 10_000;
/** SQLite keeps what was written last beside the file. */
const SIDE_FILES = ['-wal', '-shm', '-journal'] as const;

/** What a data file, or a copy of one, holds. */
export interface StateCheck {
  readonly file: string;
  readonly bytes: number;
  /** What SQLite finds wrong with it; empty when it is sound. */
  readonly damage: readonly string[];
  /** The version of its schema, and the one that this program writes. */
  readonly schema: number;
  readonly currentSchema: number;
  readonly profiles: readonly {
    /** The profile's name and its servers. */
    readonly profile: string;
    readonly values: number;
    readonly orders: number;
    readonly auditEntries: number;
    /** The newest entry of the audit trail, UTC ms. */
    readonly newest: number | undefined;
  }[];
}

/** Where the data file lies, and where its generation is kept a second time. */
export interface StatePaths {
  readonly dataFile: string;
  readonly generationFile: string;
}

/** What a restore did. */
export interface Restored {
  readonly file: string;
  /** Where the file that was replaced is kept; absent where there was none. */
  readonly keptAside: string | undefined;
}

const COUNTS = `
  SELECT profile, sum("values") AS "values", sum(orders) AS orders, sum(audit) AS audit, max(newest) AS newest FROM (
    SELECT profile, count(*) AS "values", 0 AS orders, 0 AS audit, NULL AS newest FROM delivery GROUP BY profile
    UNION ALL SELECT profile, 0, count(*), 0, NULL FROM inbox GROUP BY profile
    UNION ALL SELECT profile, 0, 0, count(*), max(at) FROM audit GROUP BY profile
  ) GROUP BY profile ORDER BY profile`;

/**
 * Looks a data file through, without changing it. @throws CartonaError `usage` when there is none or it is none of
 * ours, `local` when it cannot be read
 */
export function checkStateFile(file: string): StateCheck {
  requireFile(file);
  return guarded(file, () =>
    withConnection(file, (db) => {
      const damage = (db.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[])
        .map((row) => row.integrity_check)
        .filter((line) => line !== 'ok');
      const { user_version: schema } = db.prepare('PRAGMA user_version').get() as { user_version: number };
      requireOurs(db, file);
      const rows = db.prepare(COUNTS).all() as {
        profile: string;
        values: number;
        orders: number;
        audit: number;
        newest: number | null;
      }[];
      return {
        file,
        bytes: statSync(file).size,
        damage,
        schema,
        currentSchema: MIGRATIONS.length,
        profiles: rows.map(({ profile, values, orders, audit, newest }) => ({
          profile,
          values,
          orders,
          auditEntries: audit,
          newest: newest ?? undefined,
        })),
      };
    }),
  );
}

/**
 * Writes a copy of the data file as it is at one instant, while others go on working with it. The copy has mode 0600
 * and appears whole or not at all.
 * @throws CartonaError `usage` when there is no data file or the target exists, `local` when it cannot be written
 */
export function backUpStateFile(dataFile: string, target: string): void {
  requireFile(dataFile);
  if (existsSync(target)) throw new CartonaError('usage', `${target} exists already; name a file that does not.`);
  copyInto(dataFile, target, (temporary) => {
    // Unlike a rename, a link never replaces what somebody has made meanwhile.
    linkSync(temporary, target);
    rmSync(temporary);
  });
}

/**
 * Puts a copy in the place of the data file and keeps the replaced file beside it. What the copy says of prices and
 * stock may be out of date, so none of it counts as confirmed: the next comparison reads Cartona's listing.
 * @throws CartonaError `usage` when the copy is none, damaged, or written by a newer program; `busy` while a process
 * works with the data file; `local` when something cannot be read or written
 */
export function restoreStateFile({ dataFile, generationFile }: StatePaths, copy: string, now: number): Restored {
  if (resolve(dataFile) === resolve(copy)) throw new CartonaError('usage', `${copy} is the data file itself.`);
  const check = checkStateFile(copy);
  if (check.damage.length > 0)
    throw new CartonaError('usage', `${copy} is damaged (${check.damage[0] ?? ''}); restore another copy.`);
  if (check.schema > MIGRATIONS.length)
    throw new CartonaError('usage', `${copy} was written by a newer cartona; update this one.`);
  makePrivateDirectory(dirname(dataFile));
  let keptAside: string | undefined;
  copyInto(copy, dataFile, (temporary) => {
    invalidateCopy(temporary, generationFile, now);
    keptAside = setAside(dataFile, now);
    renameSync(temporary, dataFile);
  });
  return { file: dataFile, keptAside };
}

/** Copies a data file beside a target, and hands the copy over to be put in its place. */
function copyInto(source: string, target: string, place: (temporary: string) => void): void {
  const temporary = `${target}.${randomUUID()}.part`;
  try {
    guarded(target, () => closeSync(openSync(temporary, 'wx', 0o600)));
    guarded(source, () => withConnection(source, (db) => db.exec(`VACUUM INTO '${temporary.replaceAll("'", "''")}'`)));
    guarded(target, () => {
      place(temporary);
      sync(target);
      sync(dirname(target));
    });
  } finally {
    for (const end of ['', ...SIDE_FILES]) rmSync(`${temporary}${end}`, { force: true });
  }
}

/** Makes of a copy what may be gone on with: nobody works with it, and nothing in it counts as confirmed. */
function invalidateCopy(file: string, generationFile: string, now: number): void {
  const db = new Database(file);
  try {
    db.transaction(() => {
      db.run('DELETE FROM lease');
      db.run("DELETE FROM note WHERE name = 'service'");
      db.run('UPDATE delivery SET lease_owner = NULL, lease_until = NULL');
      forgetConfirmed(db);
      makeNewest(db, generationFile, now);
    });
    db.all('PRAGMA journal_mode = DELETE');
  } finally {
    db.close();
  }
}

/**
 * Keeps the present data file under another name, with everything that SQLite still has beside it.
 * @returns the name, or `undefined` where there is no data file
 */
function setAside(dataFile: string, now: number): string | undefined {
  if (!existsSync(dataFile)) {
    // Side files without their file would be taken for the copy's.
    for (const end of SIDE_FILES) rmSync(`${dataFile}${end}`, { force: true });
    return undefined;
  }
  takeOver(dataFile);
  const aside = `${dataFile}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`;
  linkSync(dataFile, aside);
  for (const end of SIDE_FILES) if (existsSync(`${dataFile}${end}`)) renameSync(`${dataFile}${end}`, `${aside}${end}`);
  return aside;
}

/**
 * Makes sure that nobody works with the data file: SQLite gives up the write-ahead log, and its side files with it, only
 * to whoever has the file alone. A damaged file cannot tell. Each look has a connection of its own, for a statement that
 * was read from would hold the log.
 */
function takeOver(dataFile: string): void {
  let inUse = false;
  try {
    withConnection(dataFile, (db) => db.exec('PRAGMA journal_mode = DELETE'));
  } catch (error) {
    inUse = isLocked(error);
  }
  const holder = leaseHolder(dataFile);
  if (holder)
    throw new CartonaError(
      'busy',
      `\`cartona ${holder.job}\` works with the data file (process ${holder.pid} on ${holder.host}); stop it first.`,
    );
  if (inUse)
    throw new CartonaError(
      'busy',
      `Another process has the data file ${dataFile} open; stop \`cartona serve\` and let running commands end.`,
    );
}

function leaseHolder(dataFile: string): LeaseRow | undefined {
  try {
    const leases = withConnection(
      dataFile,
      (db) => db.prepare('SELECT * FROM lease WHERE expires_at > ?').all(Date.now()) as LeaseRow[],
    );
    return leases.find(({ host, pid, started }) => !isGone({ host, pid, started: started ?? undefined }));
  } catch {
    // Damaged, or not of ours: nobody can hold a lease in it.
    return undefined;
  }
}

interface LeaseRow {
  readonly job: string;
  readonly pid: number;
  readonly host: string;
  /** Absent in a file of an older program. */
  readonly started?: string | null;
}

function withConnection<T>(file: string, work: (db: Libsql.Database) => T): T {
  const db = new Libsql(file, { timeout: LOCK_TIMEOUT_MS });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

function requireOurs(db: Libsql.Database, file: string): void {
  const { count } = db
    .prepare(
      "SELECT count(*) AS count FROM sqlite_schema WHERE type = 'table' AND name IN ('delivery', 'inbox', 'audit')",
    )
    .get() as { count: number };
  if (count !== 3) throw new CartonaError('usage', `${file} is no data file of cartona.`);
}

function requireFile(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new CartonaError('usage', `There is no data file ${file}.`);
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw databaseError(error, file, () => false);
  }
}

/** Windows flushes what is opened for writing, and no directory. */
function sync(path: string): void {
  const isDirectory = statSync(path).isDirectory();
  if (isDirectory && process.platform === 'win32') return;
  const handle = openSync(path, isDirectory ? 'r' : 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
