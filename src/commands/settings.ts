import { Args } from '@oclif/core';
import { changeSetting, settingOf, settingsOf, type Setting } from '../lib/settings/change.js';
import { pathsOf } from '../lib/settings/paths.js';
import { loadProfile, saveProfile } from '../lib/settings/profiles.js';
import { BaseCommand } from '../lib/ui/base-command.js';

export default class Settings extends BaseCommand<typeof Settings> {
  static override summary = 'List, show or change the settings of a profile.';
  static override description = 'Lists (warehouses, locations) are ids separated by commas; none empties them. An empty value ("") clears alerts.command and alerts.webhook.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> stock.measure',
    '<%= config.bin %> <%= command.id %> stock.warehouses 1,4',
    '<%= config.bin %> <%= command.id %> brake.priceChangePercent 30',
    { description: 'No alerts by webhook any more', command: '<%= config.bin %> <%= command.id %> alerts.webhook ""' },
  ];

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
      profile = changeSetting(profile, key, value);
      await saveProfile(paths, profileName, profile);
    }
    const settings = key === undefined ? settingsOf(profile) : [settingOf(profile, key)];
    await this.table(['SETTING', 'VALUE'], settings.map((setting) => [setting.key, shown(setting)]));
    return { profileName, settings };
  }
}

function shown({ value }: Setting): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value.length === 0 ? 'none' : value.join(', ');
}
