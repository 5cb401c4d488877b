import { Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { connectOdoo } from '../../lib/odoo/discover.js';
import { countMapped, tearDown, type TeardownResult } from '../../lib/odoo/setup/teardown.js';
import { pathsOf } from '../../lib/settings/paths.js';
import type { Profile } from '../../lib/settings/profile.js';
import { findProfile, saveProfile } from '../../lib/settings/profiles.js';
import { ADMIN_FLAGS, isOf, OdooAdminCommand } from '../../lib/ui/odoo-admin-command.js';

export default class OdooTeardown extends OdooAdminCommand<typeof OdooTeardown> {
  static override summary = 'Remove from Odoo what `cartona odoo setup` made there, as an administrator.';
  static override description = `Removes the automation rules that tell of changes, with their actions. Rules that somebody else made stay. The field for the Cartona id stays too, unless --id-field is given: with it goes the whole mapping.
Export the mapping first (\`cartona map export\`). The administrator's key comes from CARTONA_ODOO_ADMIN_KEY, from standard input, or is asked for on a terminal; it is not stored.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --id-field --yes',
  ];

  static override flags = {
    ...ADMIN_FLAGS,
    'id-field': Flags.boolean({
      summary: 'Also remove the field x_cartona_id that setup made, and the mapping in it.',
    }),
    'dry-run': Flags.boolean({ summary: 'Say what would be removed; change nothing.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Agree beforehand.' }),
  };

  async run(): Promise<TeardownResult & { url: string; db: string }> {
    const paths = pathsOf(process.env);
    const stored = await findProfile(paths, this.flags.profile);
    const {
      'odoo-url': url,
      'odoo-db': db,
      'admin-login': login,
      'key-stdin': keyStdin,
      'id-field': idField,
      'dry-run': dryRun,
      yes,
    } = this.flags;
    const access = await this.adminAccess({ url, db, login, keyStdin }, stored);
    return this.withStop(async (signal) => {
      const { client } = await connectOdoo(access, { signal, attempts: 2 });
      const planned = await tearDown(client, { idField, dryRun: true });
      const mapped = planned.field === null ? 0 : await countMapped(client);
      if (dryRun || (planned.rules === 0 && planned.field === null)) {
        this.say(sentence('Would remove', planned, access.url, mapped));
        return { ...planned, url: access.url, db: access.db };
      }
      if (!(await this.confirm(`${sentence('This removes', planned, access.url, mapped)} Go on?`, yes))) {
        throw new CartonaError(
          'usage',
          `Nothing was removed: ${planned.field === null ? 'removing rules' : 'removing the field with the mapping of all products'} needs a yes; run it on a terminal or give --yes.`,
        );
      }
      const result = await tearDown(client, { idField, dryRun: false });
      if (isOf(stored, access)) await saveProfile(paths, this.flags.profile, withoutRemoved(stored, result));
      this.say(sentence('Removed', result, access.url, mapped));
      return { ...result, url: access.url, db: access.db };
    });
  }
}

function withoutRemoved(profile: Profile, { field }: TeardownResult): Profile {
  const odoo = { ...profile.odoo };
  delete odoo.push;
  const isGone = field !== null && odoo.idField?.model === field.model && odoo.idField.name === field.name;
  return { ...profile, odoo: isGone ? { ...odoo, idField: null } : odoo };
}

function sentence(verb: string, { rules, field }: TeardownResult, url: string, mapped: number): string {
  if (rules === 0 && field === null)
    return `Odoo at ${url} holds nothing that \`cartona odoo setup\` made, or that was asked to be removed.`;
  const parts = [
    ...(rules === 0 ? [] : [`${rules} automation rules`]),
    ...(field === null ? [] : [`the field ${field.model}.${field.name} with the Cartona ids of ${mapped} products`]),
  ];
  return `${verb} from Odoo at ${url}: ${parts.join(' and ')}.`;
}
