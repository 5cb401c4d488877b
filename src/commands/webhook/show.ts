import { Flags } from '@oclif/core';
import { WEBHOOK_PATHS } from '../../lib/live/receiver/paths.js';
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
  readonly secrets: readonly { readonly fingerprint: string; readonly secret?: string }[];
}

export default class WebhookShow extends BaseCommand<typeof WebhookShow> {
  static override summary = 'Show the addresses for Cartona\'s webhooks, and what is set to prove that it is Cartona who calls.';
  static override examples = ['<%= config.bin %> <%= command.id %>', { description: 'What Cartona is to be given', command: '<%= config.bin %> <%= command.id %> --reveal' }];
  static override flags = { reveal: Flags.boolean({ summary: 'Show the token and the secrets themselves.' }) };

  async run(): Promise<WebhookResult> {
    const paths = pathsOf(process.env);
    const { serve } = await loadProfile(paths, this.flags.profile);
    const { token, signing } = await findWebhookSecrets(paths, this.flags.profile, process.env, (line) => void this.warn(line));
    const base = `http://${serve.host.includes(':') ? `[${serve.host}]` : serve.host}:${serve.port}`;
    const { reveal } = this.flags;
    const secrets = signing.map((secret) => ({ fingerprint: fingerprint(secret), ...(reveal ? { secret } : {}) }));
    const result = { orders: base + WEBHOOK_PATHS.order, status: base + WEBHOOK_PATHS.status, hasToken: token !== undefined, ...(reveal ? { token } : {}), secrets };
    this.show(result);
    return result;
  }

  private show({ orders, status, hasToken, token, secrets }: WebhookResult): void {
    this.say(`Orders:          ${orders}`);
    this.say(`Status changes:  ${status}`);
    this.say(`Bearer token:    ${hasToken ? (token ?? 'set') : 'none'}`);
    this.say(`Signing secrets: ${secrets.map((one) => one.secret ?? one.fingerprint).join(', ') || 'none'}`);
    if (!hasToken && secrets.length === 0) this.warn('Every webhook is refused until `cartona webhook token` or `cartona webhook secret add` was run.');
  }
}
