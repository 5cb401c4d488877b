import { Flags, type Command } from '@oclif/core';
import { CartonaError } from '../common/errors.js';
import type { OdooAccess } from '../odoo/discover.js';
import { odooAddress } from '../settings/address.js';
import type { Profile } from '../settings/profile.js';
import { BaseCommand } from './base-command.js';
import { askSecret, askText, readStdinLines } from './prompts/prompt.js';

/** Flags of commands that enter Odoo as an administrator. */
export const ADMIN_FLAGS = {
  'odoo-url': Flags.string({ summary: "Odoo's address; the profile's unless given.", env: 'CARTONA_ODOO_URL' }),
  'odoo-db': Flags.string({ summary: "Odoo's database; the profile's unless given.", env: 'CARTONA_ODOO_DB' }),
  'admin-login': Flags.string({ summary: "The administrator's login.", env: 'CARTONA_ODOO_ADMIN_LOGIN' }),
  'key-stdin': Flags.boolean({ summary: "Read the administrator's API key or password from standard input." }),
};

/** Setting Odoo up and tidying it up: once, with an administrator's key, which is not stored. */
export abstract class OdooAdminCommand<T extends typeof Command> extends BaseCommand<T> {
  /**
   * Where to go and as whom: from the flags, the profile, standard input or the environment, or asked for on a
   * terminal. @throws CartonaError `usage`
   */
  protected async adminAccess(
    given: { url?: string | undefined; db?: string | undefined; login?: string | undefined; keyStdin: boolean },
    profile: Profile | undefined,
  ): Promise<OdooAccess> {
    const terminal = this.canAsk();
    const url = given.url ?? profile?.odoo.url;
    const db = given.db ?? profile?.odoo.db;
    const login = given.login ?? (terminal ? await askText("Odoo administrator's login", 'admin') : undefined);
    const [piped] = given.keyStdin ? await readStdinLines(1, "the administrator's key") : [];
    const key =
      piped ??
      (process.env['CARTONA_ODOO_ADMIN_KEY']?.trim() ||
        (terminal ? await askSecret("Odoo administrator's API key or password") : undefined));
    if (url && db && login && key) {
      this.redactor.add(key);
      return { url: odooAddress(url), db, login, key };
    }
    const missing = [
      ...(url ? [] : ["Odoo's address (--odoo-url, or `cartona login` first)"]),
      ...(db ? [] : ["Odoo's database (--odoo-db, or `cartona login` first)"]),
      ...(login ? [] : ["the administrator's login (--admin-login or CARTONA_ODOO_ADMIN_LOGIN)"]),
      ...(key ? [] : ["the administrator's key (CARTONA_ODOO_ADMIN_KEY or --key-stdin)"]),
    ];
    throw new CartonaError('usage', `This is missing: ${missing.join(', ')}.`);
  }
}

/** Whether the profile is about this Odoo. */
export const isOf = (profile: Profile | undefined, access: OdooAccess): profile is Profile =>
  profile?.odoo.url === access.url && profile.odoo.db === access.db;
