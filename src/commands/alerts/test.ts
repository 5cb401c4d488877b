import { CartonaError, isCartonaError } from '../../lib/common/errors.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

interface Told {
  readonly channel: 'command' | 'webhook';
  readonly ok: boolean;
  readonly reason: string | null;
}

export default class AlertsTest extends BaseCommand<typeof AlertsTest> {
  static override summary = 'Send a test alert to the command and the webhook of the settings.';
  static override description = `Settings alerts.command (a line for the system's shell; it gets JSON on standard input and CARTONA_ALERT_… in its
environment) and alerts.webhook (gets the same JSON by POST). Exit code 3 when one of them did not take it.`;
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<{ told: Told[] }> {
    return this.withSession(async (session) => {
      const [{ alertChannels }, { alertMessage }] = await Promise.all([
        import('../../lib/live/alerts/alert-channels.js'),
        import('../../lib/live/alerts/alerts.js'),
      ]);
      const channels = alertChannels(session.profile.alerts, process.env);
      if (channels.length === 0) {
        throw new CartonaError(
          'usage',
          'Nobody would be told: set alerts.command or alerts.webhook first, as in `cartona settings alerts.webhook https://chat.example/hook`.',
        );
      }
      const now = session.now();
      const message = alertMessage(session.profileName, 'test', 'test', 'this is a test', now, now);
      const told = await Promise.all(
        channels.map(async (channel): Promise<Told> => {
          try {
            await channel.tell(message);
            return { channel: channel.name, ok: true, reason: null };
          } catch (error) {
            if (!isCartonaError(error)) throw error;
            return { channel: channel.name, ok: false, reason: error.message };
          }
        }),
      );
      for (const { channel, ok, reason } of told) {
        if (ok) this.say(`The ${channel} took it.`);
        else this.warn(reason ?? channel);
      }
      if (told.some(({ ok }) => !ok)) this.endPartial();
      return { told };
    });
  }
}
