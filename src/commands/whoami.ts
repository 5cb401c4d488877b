import { INTERACTIVE_TIMEOUTS } from '../lib/open-session.js';
import type { Session } from '../lib/session.js';
import { shownProfile, type Profile } from '../lib/settings/profile.js';
import { cartonaLine, idFieldLine, missingRights, odooLine } from '../lib/ui/output/account-lines.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { whoAmI, type AccountState, type SideState } from '../lib/operations/whoami.js';

export interface WhoamiResult {
  readonly profileName: string;
  readonly profile: Profile;
  readonly cartona: object;
  readonly odoo: object;
}

export default class Whoami extends BaseCommand<typeof Whoami> {
  static override summary = 'Show the profile and ask both sides whether it still works.';
  static override description =
    "Shows no secret. Nothing is tried twice, and no answer is waited for longer than 10 seconds. The exit code is that of the side that fails (Cartona's first).";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --profile shop2 --json',
  ];

  async run(): Promise<WhoamiResult> {
    return this.withStop((signal) =>
      this.withSessionUntil(signal, (session) => this.ask(session), INTERACTIVE_TIMEOUTS),
    );
  }

  private async ask(session: Session): Promise<WhoamiResult> {
    const state = await whoAmI(session, {
      attempts: INTERACTIVE_TIMEOUTS.attempts,
      timeoutMs: INTERACTIVE_TIMEOUTS.odooTimeoutMs,
    });
    this.show(session.profileName, session.profile, state);
    const failed = [state.cartona, state.odoo].find((side) => !side.ok);
    if (failed && !failed.ok) this.endAs(failed.error.kind);
    return {
      profileName: session.profileName,
      profile: shownProfile(session.profile),
      cartona: this.plain(state.cartona),
      odoo: this.plain(state.odoo),
    };
  }

  private show(name: string, profile: Profile, { cartona, odoo }: AccountState): void {
    this.say(`Profile     ${name}`);
    this.say(cartonaLine(profile));
    this.showSide(cartona, 'answers, and knows the token');
    this.say(odooLine(profile));
    this.showSide(odoo, 'answers, and knows the user');
    this.say(idFieldLine(profile));
    if (!odoo.ok) return;
    if (odoo.upgraded)
      this.warn(
        `Odoo is now ${odoo.version}, and was ${profile.odoo.version.text} at login; run \`cartona login\` again.`,
      );
    for (const line of missingRights(odoo.rights, profile.odoo.login)) this.warn(line);
  }

  private showSide(side: SideState<object>, fine: string): void {
    if (side.ok) this.say(`            ${fine}`);
    else if (!this.jsonEnabled()) this.showError(side.error);
  }

  private plain(side: SideState<object>): object {
    return side.ok ? side : { ok: false, ...this.toErrorJson(side.error) };
  }
}
