import { Args } from '@oclif/core';
import { CartonaError, isCartonaError } from '../lib/common/errors.js';
import { INTERACTIVE_TIMEOUTS } from '../lib/open-session.js';
import { shownProfile } from '../lib/settings/profile.js';
import { isUnencrypted } from '../lib/settings/address.js';
import { changeSetting, settingOf, settingsOf, type Setting } from '../lib/settings/change.js';
import { pathsOf } from '../lib/settings/paths.js';
import { loadProfile, saveProfile } from '../lib/settings/profiles.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { insecureHttp } from '../lib/ui/insecure-http-flag.js';

/** Settings whose ids are Odoo's. */
const PLACES = { 'stock.warehouses': 'warehouse', 'stock.locations': 'location' } as const;

export default class Settings extends BaseCommand<typeof Settings> {
  static override summary = 'List, show or change the settings of a profile.';
  static override description =
    'Lists (warehouses, locations) are ids separated by commas; none empties them; ids that Odoo does not have are refused while it can be asked. An empty value ("") clears alerts.command and alerts.webhook.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> stock.measure',
    '<%= config.bin %> <%= command.id %> stock.warehouses 1,4',
    '<%= config.bin %> <%= command.id %> brake.priceChangePercent 30',
    { description: 'No alerts by webhook any more', command: '<%= config.bin %> <%= command.id %> alerts.webhook ""' },
  ];

  static override flags = { 'insecure-http': insecureHttp };

  static override args = {
    key: Args.string({ description: 'The setting, as stock.measure.' }),
    value: Args.string({ description: 'Its new value.' }),
  };

  async run(): Promise<{ profileName: string; settings: Setting[] }> {
    const paths = pathsOf(process.env);
    const { profile: profileName } = this.flags;
    const { key, value } = this.args;
    let profile = await loadProfile(paths, profileName);
    if (key !== undefined && value !== undefined) {
      profile = changeSetting(profile, key, value, this.flags['insecure-http']);
      if (key === 'alerts.webhook' && value.trim() !== '' && isUnencrypted(value.trim()))
        this.warn(`Alerts to ${new URL(value).origin} cross the network unencrypted; use https where it is offered.`);
      if (key === 'stock.warehouses' || key === 'stock.locations')
        await this.checkPlaces(key, settingOf(profile, key).value as number[]);
      await saveProfile(paths, profileName, profile);
    }
    const settings = key === undefined ? settingsOf(shownProfile(profile)) : [settingOf(profile, key)];
    await this.table(
      ['SETTING', 'VALUE'],
      settings.map((setting) => [setting.key, shown(setting)]),
    );
    return { profileName, settings };
  }

  /** @throws CartonaError `usage` for what Odoo does not have; while it cannot be asked, that is only said */
  private async checkPlaces(key: keyof typeof PLACES, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const wrong = await this.missing(key, ids);
    if (wrong !== undefined) throw new CartonaError('usage', `${key} cannot be "${ids.join(',')}": ${wrong}.`);
  }

  private async missing(key: keyof typeof PLACES, ids: readonly number[]): Promise<string | undefined> {
    const { missingPlaces } = await import('../lib/odoo/stock-places.js');
    try {
      return await this.withStop((signal) =>
        this.withSessionUntil(signal, ({ odoo }) => missingPlaces(odoo, PLACES[key], ids), INTERACTIVE_TIMEOUTS),
      );
    } catch (error) {
      if (!isCartonaError(error) || error.kind === 'interrupted') throw error;
      this.warn(`Taken without being checked in Odoo: ${error.message}`);
      return undefined;
    }
  }
}

function shown({ value }: Setting): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value.length === 0 ? 'none' : value.join(', ');
}
