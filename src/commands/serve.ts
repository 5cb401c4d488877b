import { Flags } from '@oclif/core';
import type { LiveEvent } from '../lib/live/events.js';
import type { Timeouts } from '../lib/open-session.js';
import type { Session } from '../lib/session.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { eventLine } from '../lib/ui/output/event-line.js';
import { printLine } from '../lib/ui/output/terminal.js';

/** A service tries again by itself: it rather learns soon that a side is away than waits for it. */
const PATIENCE: Timeouts = { attempts: 2, cartonaTimeoutMs: 15_000 };

export default class Serve extends BaseCommand<typeof Serve> {
  static override summary = 'Keep both sides equal all the time: live prices, stock, orders and states.';
  static override description = `Watches Odoo for changed prices, stock, orders and deliveries, takes Cartona's webhooks, reads its order list
every few minutes, and compares everything in small pages. Sends nothing until the first difference was reviewed
(\`cartona sync prices --dry-run\`, \`cartona sync stock --dry-run\`) and \`cartona go-live\` said yes.
Ctrl-C or SIGTERM ends it cleanly; what is under way is finished.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --host 0.0.0.0 --port 8474 --log-format json',
  ];
  static override enableJsonFlag = false;
  static override flags = {
    host: Flags.string({ summary: 'Where to listen, instead of the setting serve.host.' }),
    port: Flags.integer({
      summary: 'The port to listen on, instead of the setting serve.port; 0: any free one.',
      min: 0,
      max: 65_535,
    }),
    'log-format': Flags.option({
      options: ['text', 'json'] as const,
      summary: 'One line for every event: for people, or JSON for programs.',
      env: 'CARTONA_LOG_FORMAT',
      default: 'text' as const,
    })(),
    shared: Flags.boolean({ summary: 'Run beside another service on the same data, on purpose.' }),
  };

  async run(): Promise<void> {
    const hardStop = new AbortController();
    await this.withStop((stopping) =>
      this.withSessionUntil(hardStop.signal, (session) => this.serve(session, stopping, hardStop), PATIENCE),
    );
  }

  private async serve(session: Session, stopping: AbortSignal, hardStop: AbortController): Promise<void> {
    const [{ serve }, { secretsReader }] = await Promise.all([
      import('../lib/live/serve.js'),
      import('../lib/live/secrets-watch.js'),
    ]);
    const { host, port, shared } = this.flags;
    await serve(
      {
        session: { ...session, progress: () => undefined },
        host: host ?? session.profile.serve.host,
        port: port ?? session.profile.serve.port,
        version: this.config.version,
        env: process.env,
        shared,
        log: (event) => this.tell(event),
        onReady: (url, live, metricsUrl) => this.showReady(url, live, metricsUrl),
        reloadSecrets: secretsReader({
          session,
          env: process.env,
          timeouts: PATIENCE,
          signal: hardStop.signal,
          onSecret: (secret) => this.redactor.add(secret),
        }),
        hardStop,
      },
      stopping,
    );
  }

  private showReady(url: string, live: boolean, metricsUrl: string | undefined): void {
    this.tell({
      level: 'info',
      event: 'ready',
      message: `Ready. Webhooks: ${url}/cartona_integration/webhook/orders and …/order_status; health: ${url}/healthz; metrics: ${metricsUrl ?? 'none'}.`,
      details: { url, live, metricsUrl: metricsUrl ?? null },
    });
    if (!live) {
      this.tell({
        level: 'warn',
        event: 'live',
        message:
          'Not live yet: nothing is sent. Review what would change with `cartona sync prices --dry-run` and `cartona sync stock --dry-run`, then run `cartona go-live`.',
      });
    }
  }

  /** What is no error goes to standard output, and is left out under --quiet. */
  private tell(event: LiveEvent): void {
    if (this.flags.quiet && event.level === 'info') return;
    const line = this.redactor.text(eventLine(event, this.flags['log-format'], new Date()));
    printLine(event.level === 'info' ? 'stdout' : 'stderr', line);
  }
}
