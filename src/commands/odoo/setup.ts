import { Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { connectOdoo } from '../../lib/odoo/discover.js';
import { setUpIdField, type SetupResult } from '../../lib/odoo/setup.js';
import { odooAddress } from '../../lib/settings/address.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { findProfile, saveProfile } from '../../lib/settings/profiles.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { askSecret, askText, hasTerminal, readStdinLines } from '../../lib/ui/prompt.js';

export default class OdooSetup extends BaseCommand<typeof OdooSetup> {
  static override summary = 'Make the field for the Cartona id on Odoo\'s products, once, as an administrator.';
  static override description = `Makes x_cartona_id on product variants (indexed, not copied with a product) when Odoo has no field for the id; doing it again changes nothing. The administrator's key is used for this and not stored.
It comes from CARTONA_ODOO_ADMIN_KEY, from standard input, or is asked for on a terminal.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --admin-login admin --key-stdin < admin-key.txt',
  ];

  static override flags = {
    'odoo-url': Flags.string({ summary: 'Odoo\'s address; the profile\'s unless given.', env: 'CARTONA_ODOO_URL' }),
    'odoo-db': Flags.string({ summary: 'Odoo\'s database; the profile\'s unless given.', env: 'CARTONA_ODOO_DB' }),
    'admin-login': Flags.string({ summary: 'The administrator\'s login.', env: 'CARTONA_ODOO_ADMIN_LOGIN' }),
    'key-stdin': Flags.boolean({ summary: 'Read the administrator\'s API key or password from standard input.' }),
    'dry-run': Flags.boolean({ summary: 'Say what would be made; change nothing.' }),
  };

  async run(): Promise<SetupResult & { url: string; db: string }> {
    const paths = pathsOf(process.env);
    const stored = await findProfile(paths, this.flags.profile);
    const access = await this.access(stored?.odoo);
    this.redactor.add(access.key);
    const result = await this.withStop(async (signal) => {
      const { client } = await connectOdoo(access, { signal, attempts: 2 });
      return setUpIdField(client, { dryRun: this.flags['dry-run'] });
    });
    const ours = stored?.odoo.url === access.url && stored.odoo.db === access.db;
    if (stored && ours && stored.odoo.idField === null && result.outcome !== 'would create') {
      await saveProfile(paths, this.flags.profile, { ...stored, odoo: { ...stored.odoo, idField: result.field } });
    }
    this.say(sentence(result, access.url));
    return { ...result, url: access.url, db: access.db };
  }

  private async access(profile: { url: string; db: string } | undefined): Promise<{ url: string; db: string; login: string; key: string }> {
    const terminal = hasTerminal() && !this.jsonEnabled();
    const url = this.flags['odoo-url'] ?? profile?.url;
    const db = this.flags['odoo-db'] ?? profile?.db;
    const login = this.flags['admin-login'] ?? (terminal ? await askText('Odoo administrator\'s login', 'admin') : undefined);
    const [piped] = this.flags['key-stdin'] ? await readStdinLines(1, 'the administrator\'s key') : [];
    const key = piped ?? (process.env['CARTONA_ODOO_ADMIN_KEY']?.trim() || (terminal ? await askSecret('Odoo administrator\'s API key or password') : undefined));
    if (url && db && login && key) return { url: odooAddress(url), db, login, key };
    const missing = [
      ...(url ? [] : ['Odoo\'s address (--odoo-url, or `cartona login` first)']),
      ...(db ? [] : ['Odoo\'s database (--odoo-db, or `cartona login` first)']),
      ...(login ? [] : ['the administrator\'s login (--admin-login or CARTONA_ODOO_ADMIN_LOGIN)']),
      ...(key ? [] : ['the administrator\'s key (CARTONA_ODOO_ADMIN_KEY or --key-stdin)']),
    ];
    throw new CartonaError('usage', `This is missing: ${missing.join(', ')}.`);
  }
}

function sentence({ outcome, field }: SetupResult, url: string): string {
  const name = `${field.model}.${field.name}`;
  if (outcome === 'exists') return `Odoo at ${url} has a field for the Cartona id already: ${name}. Nothing was changed.`;
  return outcome === 'created' ? `Made the field for the Cartona id in Odoo at ${url}: ${name}.` : `Would make the field for the Cartona id in Odoo at ${url}: ${name}.`;
}
