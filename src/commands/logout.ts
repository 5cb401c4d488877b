import { CartonaError } from '../lib/common/errors.js';
import { pathsOf } from '../lib/settings/paths.js';
import { removeProfile } from '../lib/settings/profiles.js';
import { removeSecrets } from '../lib/settings/secrets.js';
import { BaseCommand } from '../lib/ui/base-command.js';

export default class Logout extends BaseCommand<typeof Logout> {
  static override summary = 'Forget a profile and its secrets.';
  static override description =
    'Removes the profile and its secrets from this machine. What was recorded (what Cartona confirmed, orders, audit) stays for the next login.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --profile shop2',
  ];
  static override flags = {};

  async run(): Promise<{ profile: string; removed: true }> {
    const name = this.flags.profile;
    const paths = pathsOf(process.env);
    await removeSecrets(paths, name, () => undefined);
    if (!(await removeProfile(paths, name)))
      throw new CartonaError('usage', `There is no profile "${name}" to log out from.`);
    this.say(`Logged out: profile "${name}" and its secrets are gone from this machine.`);
    return { profile: name, removed: true };
  }
}
