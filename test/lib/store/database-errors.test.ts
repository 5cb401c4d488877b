import { describe, expect, it } from 'vitest';
import { databaseError } from '../../../src/lib/store/sqlite/database-errors.js';

const sqliteError = (rawCode: number, message: string): Error => Object.assign(new Error(message), { rawCode });
const told = (error: Error, isSound = false): string =>
  (databaseError(error, '/data/cartona.sqlite', () => isSound) as Error).message;

describe('a failure of the data file', () => {
  it.each([
    [5, 'database is locked', 'locked by another program'],
    [15, 'locking protocol', 'locked by another program'],
    [8, 'attempt to write a readonly database', 'cannot be written'],
    [11, 'database disk image is malformed', 'is damaged'],
    [267, 'database disk image is malformed', 'is damaged'],
    [26, 'file is not a database', 'is damaged'],
    [10, 'disk I/O error', 'check the disk'],
    [13, 'database or disk is full', 'is full'],
  ])('is judged by its code: %i (%s)', (code, message, expected) => {
    expect(told(sqliteError(code, message))).toContain(expected);
  });

  it('that cannot be opened is judged by the code that its message ends with', () => {
    const failed = new Error(
      'ConnectionFailed("Unable to open connection to local database /data/cartona.sqlite: 14")',
    );
    expect(told(failed)).toContain('cannot be written');
  });

  it('is no damage because a word of the message says so', () => {
    const error = sqliteError(1, 'malformed JSON, which is not a database');
    expect(databaseError(error, '/data/cartona.sqlite', () => false)).toBe(error);
  });

  it('is no damage where a second look finds the file sound', () => {
    expect(told(sqliteError(11, 'database disk image is malformed'), true)).toContain('a check found it sound');
  });
});
