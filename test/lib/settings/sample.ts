import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { pathsOf, type Paths } from '../../../src/lib/settings/paths.js';
import { profileSchema, type Profile } from '../../../src/lib/settings/profile.js';

/** A profile as a first login makes it. */
export function sampleProfile(): Profile {
  return profileSchema.parse({
    cartona: { url: 'https://cartona.example', dialect: 'base-product' },
    odoo: {
      url: 'https://odoo.example', db: 'shop', login: 'cartona', uid: 7, version: { major: 18, text: '18.0' }, protocol: 'json-rpc',
      company: { id: 1, name: 'شركة النور' }, idField: { model: 'product.product', name: 'x_cartona_id' },
    },
  });
}

/** Places in a directory of the test's own, not made yet. */
export function samplePaths(): Paths {
  const home = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return pathsOf({ CARTONA_HOME: join(home, 'new') });
}

/** The super-user may write anywhere: tests of refused permissions cannot run as one. */
export const isSuperUser = process.getuid?.() === 0;
