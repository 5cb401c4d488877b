import { Flags } from '@oclif/core';
import { DIALECTS } from '../lib/cartona/dialects.js';
import { logIn, type LoginResult as FoundAtLogin } from '../lib/operations/login.js';
import { PROTOCOLS } from '../lib/odoo/transports/transports.js';
import { isUnencrypted } from '../lib/settings/address.js';
import { pathsOf } from '../lib/settings/paths.js';
import { shownProfile } from '../lib/settings/profile.js';
import { findProfile, saveProfile } from '../lib/settings/profiles.js';
import { findSecrets, saveSecrets, type SecretPlace } from '../lib/settings/secrets.js';
import { cartonaLine, idFieldLine, missingRights, odooLine } from '../lib/ui/output/account-lines.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { insecureHttp } from '../lib/ui/insecure-http-flag.js';
import { completeAnswers, storedAnswers, type LoginAnswers } from '../lib/ui/prompts/login-answers.js';
import { hasTerminal, readStdinLines } from '../lib/ui/prompts/prompt.js';

export interface LoginResult extends FoundAtLogin {
  readonly profileName: string;
  readonly secretsIn: SecretPlace;
}

export default class Login extends BaseCommand<typeof Login> {
  static override summary = 'Connect a Cartona supplier account and an Odoo; test both and store the profile.';
  static override description = `Finds out which dialect Cartona speaks, Odoo's version, the best protocol, where the Cartona id of products lives and whether the Odoo user may do what is needed.
Secrets are never flags, for a process's arguments can be seen by others: they come from the environment, from standard input, or are asked for. Without a terminal nothing is asked. Logging in again under the same profile keeps its settings, and takes over what is not given.`;
  static override examples = [
    { description: 'Ask for everything', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'From a script: the token and the key are two lines of a file',
      command:
        '<%= config.bin %> <%= command.id %> --url https://supplier-integrations.cartona.com --odoo-url https://odoo.example.com --odoo-db shop --odoo-login cartona --token-stdin --key-stdin < secrets.txt',
    },
    {
      description: 'Everything from CARTONA_URL, CARTONA_TOKEN, CARTONA_ODOO_URL, …; a second supplier account',
      command: '<%= config.bin %> <%= command.id %> --profile shop2',
    },
    {
      description: 'The Cartona id stands in the internal reference',
      command: '<%= config.bin %> <%= command.id %> --id-field default_code',
    },
  ];

  static override flags = {
    'insecure-http': insecureHttp,
    url: Flags.string({ summary: "Cartona's address.", env: 'CARTONA_URL' }),
    'token-stdin': Flags.boolean({ summary: "Read Cartona's token from standard input (the first line)." }),
    'odoo-url': Flags.string({ summary: "Odoo's address.", env: 'CARTONA_ODOO_URL' }),
    'odoo-db': Flags.string({ summary: "Odoo's database.", env: 'CARTONA_ODOO_DB' }),
    'odoo-login': Flags.string({ summary: "The Odoo user's login.", env: 'CARTONA_ODOO_LOGIN' }),
    'key-stdin': Flags.boolean({
      summary:
        "Read the Odoo user's API key or password from standard input (the line after the token, where both come from there).",
    }),
    dialect: Flags.option({
      options: DIALECTS,
      summary: "The dialect of Cartona's API; found by asking unless given.",
      env: 'CARTONA_DIALECT',
    })(),
    'identify-by': Flags.option({
      options: ['internal_product_id', 'supplier_product_id'] as const,
      summary: "Which of Cartona's ids is the one kept in Odoo; internal_product_id unless given.",
      env: 'CARTONA_IDENTIFY_BY',
    })(),
    protocol: Flags.option({
      options: PROTOCOLS,
      summary: 'The protocol to Odoo; the best one that works unless given.',
      env: 'CARTONA_ODOO_PROTOCOL',
    })(),
    moved: Flags.boolean({
      summary:
        'The addresses are new, the Cartona account and the Odoo database are the same: what was recorded of them counts on.',
    }),
    company: Flags.string({
      summary: "The company in Odoo, by id or name; the user's own unless given.",
      env: 'CARTONA_ODOO_COMPANY',
    }),
    'id-field': Flags.string({
      summary:
        'The field that holds the Cartona id: default_code, barcode or model:name; cartona_id or x_cartona_id unless given.',
      env: 'CARTONA_ODOO_ID_FIELD',
    }),
  };

  async run(): Promise<LoginResult> {
    const { profile: profileName, dialect, protocol, company } = this.flags;
    const paths = pathsOf(process.env);
    const warn = (line: string): void => void this.warn(line);
    const stored = await findProfile(paths, profileName);
    const secrets = await findSecrets(paths, profileName, process.env, warn);
    const answers = await completeAnswers(
      await this.given(),
      storedAnswers(stored, secrets),
      hasTerminal() && !this.jsonEnabled(),
    );
    this.redactor.add(answers.cartonaToken);
    this.redactor.add(answers.odooKey);
    const found = await this.withStop((signal) =>
      logIn({
        ...answers,
        dialect,
        protocol,
        company,
        identifyBy: this.flags['identify-by'],
        idField: this.flags['id-field'],
        moved: this.flags.moved,
        insecureHttp: this.flags['insecure-http'],
        agreeToUnencrypted: (url) => this.agreeToUnencrypted(url),
        stored,
        signal,
      }),
    );
    const secretsIn = await saveSecrets(paths, profileName, answers, warn);
    await saveProfile(paths, profileName, found.profile);
    const result = { profileName, ...found, profile: shownProfile(found.profile), secretsIn };
    this.show(result, secretsIn === 'file' ? paths.secretsFile : "the system's key store");
    return result;
  }

  /** Without anybody to ask it is agreed to, and warned of at the end. */
  private async agreeToUnencrypted(url: string): Promise<boolean> {
    return (
      !this.canAsk() || this.confirm(`The key crosses your network unencrypted on its way to ${url}. Go on?`, false)
    );
  }

  private async given(): Promise<Partial<LoginAnswers>> {
    const {
      url,
      'odoo-url': odooUrl,
      'odoo-db': odooDb,
      'odoo-login': odooLogin,
      'token-stdin': token,
      'key-stdin': key,
    } = this.flags;
    const wanted = [...(token ? ['the token'] : []), ...(key ? ['the key'] : [])];
    const lines = wanted.length === 0 ? [] : await readStdinLines(wanted.length, wanted.join(' and '));
    return {
      ...(url === undefined ? {} : { cartonaUrl: url }),
      ...(odooUrl === undefined ? {} : { odooUrl }),
      ...(odooDb === undefined ? {} : { odooDb }),
      ...(odooLogin === undefined ? {} : { odooLogin }),
      cartonaToken: token ? lines[0] : process.env['CARTONA_TOKEN'],
      odooKey: key ? lines[token ? 1 : 0] : process.env['CARTONA_ODOO_KEY'],
    };
  }

  private show({ profileName, profile, rights, otherIdFields, startsAnew }: LoginResult, secretsPlace: string): void {
    for (const line of [cartonaLine(profile), odooLine(profile), idFieldLine(profile)]) this.say(line);
    this.say(`Logged in: profile "${profileName}" is stored, its secrets in ${secretsPlace}.`);
    if (startsAnew)
      this.warn(
        `Profile "${profileName}" was of other servers: what was recorded there (confirmed values, received orders, going live) does not count here. If only an address has changed, log in again at the old one, then at the new one with --moved.`,
      );
    for (const line of missingRights(rights, profile.odoo.login)) this.warn(line);
    for (const { model, name } of otherIdFields)
      this.warn(`Odoo also has ${model}.${name}; if the ids are there, log in again with --id-field ${model}:${name}.`);
    for (const url of [profile.cartona.url, profile.odoo.url])
      if (isUnencrypted(url))
        this.warn(`Secrets sent to ${url} cross the network unencrypted; use https where the server offers it.`);
  }
}
