import { Flags } from '@oclif/core';
import { WEBHOOK_PATHS } from '../../lib/settings/webhook-paths.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { loadProfile } from '../../lib/settings/profiles.js';
import { fingerprint } from '../../lib/settings/signing-secret.js';
import { findWebhookSecrets } from '../../lib/settings/webhook-secrets.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

export interface WebhookResult {
  readonly orders: string;
  readonly status: string;
  /** With --reveal only. */
  readonly token?: string | undefined;
  readonly hasToken: boolean;
  readonly tokenFingerprint?: string | undefined;
  readonly secrets: readonly { readonly fingerprint: string; readonly secret?: string }[];
}

export default class WebhookShow extends BaseCommand<typeof WebhookShow> {
  static override summary =
    "Show the addresses for Cartona's webhooks, and what is set to prove that it is Cartona who calls.";
  static override description = `A fingerprint tells which token or secret is set without revealing it: the first 8 digits of its SHA-256, as \`printf %s SECRET | sha256sum\` shows them.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'What Cartona is to be given', command: '<%= config.bin %> <%= command.id %> --reveal' },
  ];
  static override flags = { reveal: Flags.boolean({ summary: 'Show the token and the secrets themselves.' }) };

  async run(): Promise<WebhookResult> {
    const paths = pathsOf(process.env);
    const { serve } = await loadProfile(paths, this.flags.profile);
    const { token, signing } = await findWebhookSecrets(
      paths,
      this.flags.profile,
      process.env,
      (line) => void this.warn(line),
    );
    const base = `http://${serve.host.includes(':') ? `[${serve.host}]` : serve.host}:${serve.port}`;
    const { reveal } = this.flags;
    const secrets = signing.map((secret) => ({ fingerprint: fingerprint(secret), ...(reveal ? { secret } : {}) }));
    const tokenFacts =
      token === undefined
        ? { hasToken: false }
        : { hasToken: true, tokenFingerprint: fingerprint(token), ...(reveal ? { token } : {}) };
    const result = { orders: base + WEBHOOK_PATHS.order, status: base + WEBHOOK_PATHS.status, ...tokenFacts, secrets };
    this.show(result);
    return result;
  }

  private show({ orders, status, hasToken, tokenFingerprint, token, secrets }: WebhookResult): void {
    const named = (print: string | undefined, secret: string | undefined): string =>
      `fingerprint ${print ?? ''}${secret === undefined ? '' : `, ${secret}`}`;
    this.say(`Orders:          ${orders}`);
    this.say(`Status changes:  ${status}`);
    this.say(`Bearer token:    ${hasToken ? named(tokenFingerprint, token) : 'none'}`);
    if (secrets.length === 0) this.say('Signing secrets: none');
    for (const one of secrets) this.say(`Signing secret:  ${named(one.fingerprint, one.secret)}`);
    if (!hasToken && secrets.length === 0)
      this.warn('Every webhook is refused until `cartona webhook token` or `cartona webhook secret add` was run.');
  }
}
