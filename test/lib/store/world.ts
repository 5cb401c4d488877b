import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSqliteStore } from '../../../src/lib/store/sqlite/sqlite-store.js';
import type { Store } from '../../../src/lib/store/store.js';

/** A data file of the test's own, which any number of stores may open. */
export function dataFile(): { readonly path: string; readonly open: (profile?: string) => Store } {
  const directory = mkdtempSync(join(tmpdir(), 'cartona-store-'));
  const path = join(directory, 'cartona.sqlite');
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return {
    path,
    open(profile = 'default') {
      const store = openSqliteStore(path, profile);
      onTestFinished(() => store.close());
      return store;
    },
  };
}
