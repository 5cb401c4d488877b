import { randomBytes } from 'node:crypto';
import { Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { connectOdoo, type OdooAccess } from '../../lib/odoo/discover.js';
import { hintPath, setUpPush, type PushSetupResult, type PushTarget } from '../../lib/odoo/setup/push-rules.js';
import { setUpIdField, type SetupResult } from '../../lib/odoo/setup/setup.js';
import { isUnencrypted, pushAddress } from '../../lib/settings/address.js';
import { pathsOf } from '../../lib/settings/paths.js';
import type { Profile } from '../../lib/settings/profile.js';
import { findProfile, saveProfile } from '../../lib/settings/profiles.js';
import { ADMIN_FLAGS, isOf, OdooAdminCommand } from '../../lib/ui/odoo-admin-command.js';

interface ShownSetup extends SetupResult {
  readonly url: string;
  readonly db: string;
  readonly push?: PushSetupResult & { readonly url: string };
}

export default class OdooSetup extends OdooAdminCommand<typeof OdooSetup> {
  static override summary =
    'Prepare Odoo, once, as an administrator: the field for the Cartona id, and rules that tell of changes at once.';
  static override description = `Makes x_cartona_id on product variants (indexed, not copied with a product) when Odoo has no field for the id; doing it again changes nothing. The administrator's key is used for this and not stored.
It comes from CARTONA_ODOO_ADMIN_KEY, from standard input, or is asked for on a terminal.
With --push (Odoo 17 and later, with its app for automation rules) changes of prices, stock, orders and deliveries are told to \`cartona serve\` at once; without it they are found by asking every few seconds. Doing it again turns the rules to another address.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --admin-login admin --key-stdin < admin-key.txt',
    '<%= config.bin %> <%= command.id %> --push --push-url https://cartona.example.com',
  ];

  static override flags = {
    ...ADMIN_FLAGS,
    push: Flags.boolean({ summary: 'Also install the rules that tell of changes.' }),
    'push-url': Flags.string({
      summary: 'The address at which Odoo reaches `cartona serve`; the one of the last time unless given.',
      dependsOn: ['push'],
    }),
    'dry-run': Flags.boolean({ summary: 'Say what would be made; change nothing.' }),
  };

  async run(): Promise<ShownSetup> {
    const paths = pathsOf(process.env);
    const stored = await findProfile(paths, this.flags.profile);
    const {
      'odoo-url': url,
      'odoo-db': db,
      'admin-login': login,
      'key-stdin': keyStdin,
      'dry-run': dryRun,
    } = this.flags;
    const access = await this.adminAccess({ url, db, login, keyStdin }, stored);
    const target = this.flags.push ? this.pushTarget(stored, access) : undefined;
    return this.withStop(async (signal) => {
      const { client } = await connectOdoo(access, { signal, attempts: 2 });
      const result = await setUpIdField(client, { dryRun });
      let profile = isOf(stored, access) ? stored : undefined;
      if (profile?.odoo.idField === null && result.outcome !== 'would create') {
        profile = { ...profile, odoo: { ...profile.odoo, idField: result.field } };
        await saveProfile(paths, this.flags.profile, profile);
      }
      this.say(sentence(result, access.url));
      if (target === undefined || profile === undefined) return { ...result, url: access.url, db: access.db };
      // Kept before Odoo hears of it: a hint that comes at once is known.
      if (!dryRun)
        await saveProfile(paths, this.flags.profile, { ...profile, odoo: { ...profile.odoo, push: target } });
      const push = await setUpPush(client, target, { idField: profile.odoo.idField ?? result.field, dryRun });
      this.say(
        `${PUSH_WORDS[push.outcome]} ${push.models.length} automation rules in Odoo that tell ${target.url} of changes.`,
      );
      return { ...result, url: access.url, db: access.db, push: { ...push, url: target.url } };
    });
  }

  /** The secret stays the same when only the address changes. */
  private pushTarget(stored: Profile | undefined, access: OdooAccess): PushTarget {
    if (!isOf(stored, access)) {
      throw new CartonaError(
        'usage',
        `The profile "${this.flags.profile}" is not about the Odoo at ${access.url}; run \`cartona login\` first: the rules belong to a profile.`,
      );
    }
    const given = this.flags['push-url'] ?? stored.odoo.push?.url;
    if (given === undefined)
      throw new CartonaError(
        'usage',
        'This is missing: the address at which Odoo reaches `cartona serve` (--push-url).',
      );
    const url = pushAddress(given);
    const secret = stored.odoo.push?.secret ?? randomBytes(24).toString('base64url');
    this.redactor.add(secret);
    if (isUnencrypted(url))
      this.warn(`Hints to ${url}${hintPath('…')} cross the network unencrypted; use https unless it is your own.`);
    return { url, secret };
  }
}

const PUSH_WORDS: Readonly<Record<PushSetupResult['outcome'], string>> = {
  created: 'Made',
  updated: 'Brought up to date',
  'would create': 'Would make',
  'would update': 'Would bring up to date',
};

function sentence({ outcome, field }: SetupResult, url: string): string {
  const name = `${field.model}.${field.name}`;
  if (outcome === 'exists')
    return `Odoo at ${url} has a field for the Cartona id already: ${name}. Nothing was changed.`;
  return outcome === 'created'
    ? `Made the field for the Cartona id in Odoo at ${url}: ${name}.`
    : `Would make the field for the Cartona id in Odoo at ${url}: ${name}.`;
}
