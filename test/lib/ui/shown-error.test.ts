import { Errors } from '@oclif/core';
import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CartonaError } from '../../../src/lib/common/errors.js';
import { EXIT_CODES, exitCodeOf } from '../../../src/lib/ui/exit-codes.js';
import { shownErrorOf } from '../../../src/lib/ui/shown-error.js';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('failures', () => {
  it('every kind has a code of the documented table', () => {
    const kinds = [
      'bug',
      'usage',
      'partial',
      'refused',
      'credentials',
      'unreachable',
      'outcome-unknown',
      'answer',
      'busy',
      'brake',
      'local',
      'interrupted',
    ] as const;
    expect(kinds.map(exitCodeOf)).toEqual([1, 2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 130]);
    for (const kind of kinds) expect(EXIT_CODES[exitCodeOf(kind)]).toBeTypeOf('string');
  });

  it("the README's table is this one", () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8').replaceAll('`', '');
    const rows = [...readme.matchAll(/^\| (\d+) \| ([^|]+) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(Object.fromEntries(rows)).toEqual(EXIT_CODES);
  });

  it('ours are told in their own words', () => {
    expect(shownErrorOf(new CartonaError('busy', 'Another run.', 'more'))).toMatchObject({
      kind: 'busy',
      message: 'Another run.',
      exitCode: 6,
      detail: 'more',
    });
  });

  it("oclif's words about the arguments become one sentence", () => {
    const error = new Errors.CLIError(
      'Missing 2 required args:\nfile   The CSV\nother  Another one\nSee more help with --help',
    );
    expect(shownErrorOf(error)).toMatchObject({
      kind: 'usage',
      exitCode: 2,
      message: 'Missing 2 required args: file The CSV; other Another one; see what it takes with --help.',
    });
  });

  it("this machine's refusals name the path and what to do", () => {
    expect(shownErrorOf(thrownBy(() => readFileSync('/no/such/file.csv')))).toMatchObject({
      kind: 'local',
      exitCode: 8,
      message: 'Cannot open /no/such/file.csv: there is no such file or directory; check the path.',
    });
    expect(shownErrorOf(thrownBy(() => mkdirSync('/dev/null/x')))).toMatchObject({
      kind: 'local',
      exitCode: 8,
      message: expect.stringContaining('make the directory /dev/null/x') as string,
    });
  });

  it.each([new TypeError('x is\nundefined'), 'a string', undefined])(
    'anything else is a fault of the program: %s',
    (thrown) => {
      expect(shownErrorOf(thrown)).toMatchObject({
        kind: 'bug',
        exitCode: 1,
        message: expect.stringMatching(/^A fault in cartona itself: [^\n]*--debug/) as string,
      });
    },
  );
});
