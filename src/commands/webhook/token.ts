import { Flags } from '@oclif/core';
import { pathsOf } from '../../lib/settings/paths.js';
import { loadProfile } from '../../lib/settings/profiles.js';
import {
  environmentWebhookSecrets,
  newToken,
  removeWebhookToken,
  saveWebhookToken,
  TOKEN_VARIABLE,
} from '../../lib/settings/webhook-secrets.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { readStdinLines } from '../../lib/ui/prompts/prompt.js';

export default class WebhookToken extends BaseCommand<typeof WebhookToken> {
  static override summary = "Set the bearer token that Cartona's webhooks must carry.";
  static override description =
    'Makes a random one and shows it this once, or takes the one that Cartona gives. An earlier one stops holding.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --stdin < token.txt',
    '<%= config.bin %> <%= command.id %> --remove',
  ];
  static override flags = {
    stdin: Flags.boolean({ summary: 'Read the token from standard input.', exclusive: ['remove'] }),
    remove: Flags.boolean({ summary: 'Remove the token.' }),
  };

  async run(): Promise<{ token?: string; stored: boolean }> {
    const paths = pathsOf(process.env);
    const { profile, stdin, remove } = this.flags;
    const warn = (line: string): void => void this.warn(line);
    await loadProfile(paths, profile);
    if (environmentWebhookSecrets(process.env).token !== undefined)
      this.warn(`${TOKEN_VARIABLE} is set and wins over what is stored.`);
    if (remove) {
      await removeWebhookToken(paths, profile, warn);
      this.say('The webhook token is removed.');
      return { stored: false };
    }
    const [given] = stdin ? await readStdinLines(1, 'the token') : [];
    this.redactor.add(given);
    const token = given ?? newToken();
    const place = await saveWebhookToken(paths, profile, token, warn);
    this.say(`The webhook token is stored in the ${place === 'file' ? 'secrets file' : 'key store'}.`);
    if (given !== undefined) return { stored: true };
    this.say(`Give it to Cartona; it is shown this once: ${token}`);
    return { token, stored: true };
  }
}
