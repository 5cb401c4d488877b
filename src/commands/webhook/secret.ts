import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { loadProfile } from '../../lib/settings/profiles.js';
import { fingerprint, newSigningSecret, signingKey } from '../../lib/settings/signing-secret.js';
import {
  environmentWebhookSecrets,
  saveSigningSecrets,
  SECRETS_VARIABLE,
  storedWebhookSecrets,
} from '../../lib/settings/webhook-secrets.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { readStdinLines } from '../../lib/ui/prompts/prompt.js';

export default class WebhookSecret extends BaseCommand<typeof WebhookSecret> {
  static override summary = 'Add or remove a secret with which Cartona signs its webhooks (Standard Webhooks).';
  static override description =
    'Each of the secrets holds, so that one can be exchanged for another without a gap: add the new one, have Cartona use it, remove the old one.';
  static override examples = [
    {
      description: 'The one that Cartona gives',
      command: '<%= config.bin %> <%= command.id %> add --stdin < secret.txt',
    },
    { description: 'A new random one', command: '<%= config.bin %> <%= command.id %> add' },
    {
      description: 'By its fingerprint in `cartona webhook show`',
      command: '<%= config.bin %> <%= command.id %> remove 1f0c2a9b',
    },
  ];
  static override args = {
    action: Args.string({ required: true, options: ['add', 'remove'], description: 'What to do.' }),
    // oclif would else take standard input, which holds the secret, for an argument that was left out.
    fingerprint: Args.string({ description: 'Which one to remove.', ignoreStdin: true }),
  };
  static override flags = { stdin: Flags.boolean({ summary: 'Read the secret from standard input.' }) };

  async run(): Promise<{ fingerprint: string; secret?: string; secrets: readonly string[] }> {
    this.refuseArguments();
    const paths = pathsOf(process.env);
    const { profile } = this.flags;
    const warn = (line: string): void => void this.warn(line);
    await loadProfile(paths, profile);
    if (environmentWebhookSecrets(process.env).signing !== undefined)
      this.warn(`${SECRETS_VARIABLE} is set and wins over what is stored.`);
    const { signing } = await storedWebhookSecrets(paths, profile, warn);
    const { changed, after, made } = this.args.action === 'add' ? await this.added(signing) : this.removed(signing);
    await saveSigningSecrets(paths, profile, after, warn);
    const { length } = after;
    this.say(
      `The signing secret ${changed} is ${this.args.action === 'add' ? 'added' : 'removed'}; ${length === 0 ? 'none is left' : `${length} ${length === 1 ? 'holds' : 'hold'} now`}.`,
    );
    if (made !== undefined) this.say(`Give it to Cartona: ${made} (\`cartona webhook show --reveal\` shows it again)`);
    return { fingerprint: changed, ...(made === undefined ? {} : { secret: made }), secrets: after.map(fingerprint) };
  }

  /** @throws CartonaError `usage` for what would be passed over; a secret that was typed is never repeated */
  private refuseArguments(): void {
    const adds = this.args.action === 'add';
    if (adds && this.args.fingerprint !== undefined)
      throw new CartonaError(
        'usage',
        'A secret is not given as an argument, which other users of this machine can see and the shell remembers; pipe it into `cartona webhook secret add --stdin`, and have Cartona replace the one that was typed.',
      );
    if (!adds && this.flags.stdin)
      throw new CartonaError('usage', '--stdin is for add; name the secret to remove by its fingerprint.');
  }

  private async added(
    signing: readonly string[],
  ): Promise<{ changed: string; after: readonly string[]; made?: string }> {
    const [given] = this.flags.stdin ? await readStdinLines(1, 'the secret') : [];
    this.redactor.add(given);
    const secret = given ?? newSigningSecret();
    signingKey(secret);
    return {
      changed: fingerprint(secret),
      after: [...new Set([...signing, secret])],
      ...(given === undefined ? { made: secret } : {}),
    };
  }

  private removed(signing: readonly string[]): { changed: string; after: readonly string[]; made?: string } {
    const wanted = this.args.fingerprint;
    const after = signing.filter((secret) => fingerprint(secret) !== wanted);
    if (wanted !== undefined && after.length < signing.length) return { changed: wanted, after };
    const known = signing.map(fingerprint).join(', ') || 'none';
    throw new CartonaError(
      'usage',
      `${wanted === undefined ? 'Which signing secret is to be removed was not said' : `No stored signing secret has the fingerprint ${wanted}`}; stored: ${known}.`,
    );
  }
}
