import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { CartonaError } from '../../common/errors.js';
import { makePrivateDirectory } from '../../common/private-directory.js';
import { databaseError, isCorrupt, isLocked } from './database-errors.js';
import { MIGRATIONS } from './schema.js';

/** How long a lock that another process holds is waited for. It is set at the opening, before any statement meets one. */
const LOCK_TIMEOUT_MS = 10_000;

export type Parameter = string | number | null;

/**
 * A file of SQLite rows, with its errors turned into sentences. Callers pass row sets as JSON: one statement for a page
 * of rows.
 */
export class Database {
  readonly #db: Libsql.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Libsql.Statement>();

  /** Opens the file, makes it where it is not there, and brings its schema up to date. */
  constructor(path: string) {
    this.#path = path;
    this.#db = this.#guarded(() => {
      makePrivateDirectory(dirname(path));
      makePrivateFile(path);
      return this.#connect();
    });
    this.#guarded(() => {
      this.#useWriteAheadLog();
      this.#db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4000;');
      this.#migrate();
    });
  }

  #connect(): Libsql.Database {
    return new Libsql(this.#path, { timeout: LOCK_TIMEOUT_MS });
  }

  /**
   * The switch to the write-ahead log needs the file for itself, and SQLite does not wait for that: where several
   * processes begin a new file, all but one are refused at once.
   */
  #useWriteAheadLog(): void {
    const until = performance.now() + LOCK_TIMEOUT_MS;
    for (;;) {
      try {
        const { journal_mode: mode } = this.#db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
        if (mode !== 'wal') this.#db.exec('PRAGMA journal_mode = WAL');
        return;
      } catch (error) {
        if (!isLocked(error) || performance.now() > until) throw error;
        pauseThread(5 + Math.random() * 20);
      }
    }
  }

  all<Row>(sql: string, ...parameters: Parameter[]): Row[] {
    return this.#guarded(() => this.#prepare(sql).all(...parameters) as Row[]);
  }

  run(sql: string, ...parameters: Parameter[]): number {
    return this.#guarded(() => this.#prepare(sql).run(...parameters).changes);
  }

  /** All or nothing; takes the write lock at once, so that what is read inside cannot change before it is written. */
  transaction<T>(work: () => T): T {
    return this.#guarded(() => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /**
   * A transaction that has reached the disk, and would survive a power cut, when it returns. The others survive the end
   * of the process.
   */
  durably<T>(work: () => T): T {
    this.#guarded(() => this.#db.exec('PRAGMA synchronous = FULL'));
    try {
      return this.transaction(work);
    } finally {
      this.#guarded(() => this.#db.exec('PRAGMA synchronous = NORMAL'));
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #migrate(): void {
    const version = (): number =>
      (this.#db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
    if (version() === MIGRATIONS.length) return;
    this.transaction(() => {
      // Read again under the lock: another process may have just done it.
      const from = version();
      if (from > MIGRATIONS.length) {
        throw new CartonaError('local', `The data in ${this.#path} were written by a newer cartona; update this one.`);
      }
      for (const migration of MIGRATIONS.slice(from)) this.#db.exec(migration);
      this.#db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseError(error, this.#path, () => this.#isSound());
    }
  }

  /** Whether a fresh connection finds nothing wrong with the file. */
  #isSound(): boolean {
    try {
      const fresh = this.#connect();
      try {
        const [first] = fresh.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
        return first?.quick_check === 'ok';
      } finally {
        fresh.close();
      }
    } catch (error) {
      if (isCorrupt(error)) return false;
      throw databaseError(error, this.#path, () => false);
    }
  }
}

/**
 * Makes the file where it is not there, with mode 0600: customers' names and phones are in it, and SQLite's side files
 * take over its mode. A file that is there is not opened: when a process closes a file, the system drops all locks that
 * this process holds on it, those of an open database too, and other processes then write over each other.
 */
function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

/** SQLite's calls do not yield to the event loop either. */
function pauseThread(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
