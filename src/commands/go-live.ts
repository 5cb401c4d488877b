import { Flags } from '@oclif/core';
import type { Reviews } from '../lib/operations/go-live.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { counted } from '../lib/common/words.js';
import { localTime } from '../lib/ui/output/local-time.js';
import { personName } from '../lib/ui/prompts/person.js';

interface GoLiveResult {
  readonly live: boolean;
  readonly changed: boolean;
  readonly reviewed: Reviews | null;
}

export default class GoLive extends BaseCommand<typeof GoLive> {
  static override summary = 'Let the service send, after its first difference was reviewed.';
  static override description = `\`cartona serve\` only receives and reads until then. Needs a complete \`cartona sync prices --dry-run\` and
\`cartona sync stock --dry-run\` first. A running service goes on with it at once. \`--undo\` makes it send nothing again.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
    '<%= config.bin %> <%= command.id %> --undo',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Agree beforehand.', default: false }),
    undo: Flags.boolean({
      summary: 'Send nothing any more, until going live again.',
      default: false,
      exclusive: ['yes'],
    }),
  };

  async run(): Promise<GoLiveResult> {
    return this.withSession(async (session) => {
      const [{ requireReviews, goLive, stopSending }, { liveSince }] = await Promise.all([
        import('../lib/operations/go-live.js'),
        import('../lib/operations/runtime-state.js'),
      ]);
      const since = await liveSince(session);
      if (this.flags.undo) {
        if (since !== undefined) await stopSending(session, personName());
        this.say(
          since === undefined
            ? 'The service was not live; nothing changed.'
            : 'The service sends nothing any more; `cartona go-live` lets it go on.',
        );
        return { live: false, changed: since !== undefined, reviewed: null };
      }
      if (since !== undefined) {
        this.say(`Already live since ${localTime(since)}.`);
        return { live: true, changed: false, reviewed: null };
      }
      const reviewed = await requireReviews(session);
      this.say(
        `Prices: ${counted(reviewed.price.differs, 'value')} differed when they were reviewed at ${localTime(reviewed.price.at)}.`,
      );
      this.say(
        `Stock: ${counted(reviewed.stock.differs, 'value')} differed when they were reviewed at ${localTime(reviewed.stock.at)}.`,
      );
      const agreed = await this.confirm('Let the service send what differs, from now on?', this.flags.yes);
      if (agreed) {
        await goLive(session, personName());
        this.say('Live: `cartona serve` sends from now on.');
      } else {
        this.warn('Not live: nobody said yes; run `cartona go-live --yes`.');
        this.endPartial();
      }
      return { live: agreed, changed: agreed, reviewed };
    });
  }
}
