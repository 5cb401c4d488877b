import { Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { loadProfile } from '../../lib/settings/profiles.js';
import { fingerprint } from '../../lib/settings/signing-secret.js';
import {
  environmentWebhookSecrets,
  newToken,
  removeWebhookToken,
  saveWebhookToken,
  storedWebhookSecrets,
  TOKEN_VARIABLE,
} from '../../lib/settings/webhook-secrets.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { readStdinLines } from '../../lib/ui/prompts/prompt.js';

export default class WebhookToken extends BaseCommand<typeof WebhookToken> {
  static override summary = "Set the bearer token that Cartona's webhooks must carry.";
  static override description =
    'Makes a random one and shows it, or takes the one that Cartona gives. An earlier one stops holding; that is asked first.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --stdin < token.txt',
    '<%= config.bin %> <%= command.id %> --remove',
  ];
  static override flags = {
    stdin: Flags.boolean({ summary: 'Read the token from standard input.', exclusive: ['remove'] }),
    remove: Flags.boolean({ summary: 'Remove the token.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Agree beforehand to replace the token that is set.', default: false }),
  };

  async run(): Promise<{ token?: string; stored: boolean }> {
    const paths = pathsOf(process.env);
    const { profile, stdin, remove } = this.flags;
    const warn = (line: string): void => void this.warn(line);
    await loadProfile(paths, profile);
    if (environmentWebhookSecrets(process.env).token !== undefined)
      this.warn(`${TOKEN_VARIABLE} is set and wins over what is stored.`);
    const { token: old } = await storedWebhookSecrets(paths, profile, warn);
    if (remove) {
      await removeWebhookToken(paths, profile, warn);
      this.say(old === undefined ? 'No webhook token was stored.' : 'The webhook token is removed.');
      return { stored: false };
    }
    const [given] = stdin ? await readStdinLines(1, 'the token') : [];
    this.redactor.add(given);
    const token = given ?? newToken();
    if (old !== undefined && old !== token) await this.agreeToReplace(old);
    const place = await saveWebhookToken(paths, profile, token, warn);
    this.say(`The webhook token is stored in the ${place === 'file' ? 'secrets file' : 'key store'}.`);
    if (given !== undefined) return { stored: true };
    this.say(`Give it to Cartona: ${token} (\`cartona webhook show --reveal\` shows it again)`);
    return { token, stored: true };
  }

  /** @throws CartonaError `usage` where nobody said yes */
  private async agreeToReplace(old: string): Promise<void> {
    const what = `A webhook token is set already (fingerprint ${fingerprint(old)})`;
    if (await this.confirm(`${what}; webhooks that carry it are refused from now on. Replace it?`, this.flags.yes))
      return;
    throw new CartonaError('usage', `${what}, and nobody agreed to replace it; run the command with --yes to do that.`);
  }
}
