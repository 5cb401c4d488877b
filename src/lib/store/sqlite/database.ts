import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { CartonaError } from '../../common/errors.js';
import { localError } from '../../common/local-errors.js';
import { makePrivateDirectory } from '../../common/private-directory.js';
import { MIGRATIONS } from './schema.js';

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
      // Customers' names and phones are in it; SQLite's own side files take over the mode of this one.
      closeSync(openSync(path, 'a', 0o600));
      const db = new Libsql(path);
      db.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000; PRAGMA cache_size = -4000;',
      );
      return db;
    });
    this.#guarded(() => this.#migrate());
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
      throw this.#translated(error);
    }
  }

  #translated(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof CartonaError) return error;
    const local = localError(error);
    if (local) return local;
    const code = 'code' in error ? String(error.code) : '';
    const what = `${code} ${error.message}`;
    const say = (message: string): CartonaError => new CartonaError('local', message, error.stack, { cause: error });
    if (/SQLITE_FULL|ENOSPC|disk is full/i.test(what))
      return say(`The disk that holds ${this.#path} is full; make room, nothing recorded is lost.`);
    if (/EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN|unable to open|readonly database|ENOTDIR/i.test(what)) {
      return say(
        `The data file ${this.#path} cannot be written; check the directory's permissions, or choose another one with CARTONA_HOME.`,
      );
    }
    if (/SQLITE_BUSY|SQLITE_LOCKED|database is locked/i.test(what))
      return say(`The data file ${this.#path} is locked by another program; wait until that is done, or end it.`);
    if (/SQLITE_CORRUPT|SQLITE_NOTADB|malformed|not a database/i.test(what)) {
      return say(
        `The data file ${this.#path} is damaged; put back a copy of it, or move it aside, and a new one is begun (the README tells what is then not known any more).`,
      );
    }
    if (/SQLITE_IOERR|disk I\/O/i.test(what))
      return say(`The data file ${this.#path} cannot be read or written (disk error or full disk); check the disk.`);
    return error;
  }
}
