import { CartonaError } from '../../common/errors.js';
import type { Profile, Secrets } from '../../settings/profile.js';
import { askSecret, askText } from './prompt.js';

/** What a login cannot do without. */
export interface LoginAnswers {
  readonly cartonaUrl: string;
  readonly cartonaToken: string;
  readonly odooUrl: string;
  readonly odooDb: string;
  readonly odooLogin: string;
  readonly odooKey: string;
}

interface Question {
  readonly name: keyof LoginAnswers;
  readonly question: string;
  readonly secret: boolean;
  /** Where else it can come from: for the message without a terminal. */
  readonly ways: string;
}

const QUESTIONS: readonly Question[] = [
  { name: 'cartonaUrl', question: "Cartona's address", secret: false, ways: '--url or CARTONA_URL' },
  { name: 'cartonaToken', question: "Cartona's token", secret: true, ways: 'CARTONA_TOKEN or --token-stdin' },
  { name: 'odooUrl', question: "Odoo's address", secret: false, ways: '--odoo-url or CARTONA_ODOO_URL' },
  { name: 'odooDb', question: "Odoo's database", secret: false, ways: '--odoo-db or CARTONA_ODOO_DB' },
  { name: 'odooLogin', question: "Odoo's login", secret: false, ways: '--odoo-login or CARTONA_ODOO_LOGIN' },
  { name: 'odooKey', question: "Odoo's API key (or password)", secret: true, ways: 'CARTONA_ODOO_KEY or --key-stdin' },
];

/** What the stored profile and its secrets would answer. */
export function storedAnswers(profile: Profile | undefined, secrets: Partial<Secrets>): Partial<LoginAnswers> {
  if (profile === undefined) return {};
  const { cartona, odoo } = profile;
  return { cartonaUrl: cartona.url, odooUrl: odoo.url, odooDb: odoo.db, odooLogin: odoo.login, ...secrets };
}

/**
 * Completes what was given: asked for on a terminal, where stored answers are proposed (a stored secret is kept by
 * Enter); without one, taken from the stored profile.
 * @throws CartonaError `usage` naming everything that is missing
 */
export async function completeAnswers(
  given: Partial<LoginAnswers>,
  stored: Partial<LoginAnswers>,
  terminal: boolean,
): Promise<LoginAnswers> {
  const answers: Partial<Record<keyof LoginAnswers, string>> = {};
  const missing: string[] = [];
  for (const { name, question, secret, ways } of QUESTIONS) {
    const answer = given[name]?.trim() || (terminal ? await ask(question, secret, stored[name]) : stored[name]);
    if (answer) answers[name] = answer;
    else missing.push(`${question} (${ways})`);
  }
  if (isComplete(answers)) return answers;
  throw new CartonaError('usage', `Without a terminal nothing is asked, and this is missing: ${missing.join(', ')}.`);
}

const isComplete = (answers: Partial<LoginAnswers>): answers is LoginAnswers =>
  QUESTIONS.every(({ name }) => answers[name] !== undefined);

async function ask(question: string, secret: boolean, stored: string | undefined): Promise<string> {
  if (!secret) return askText(question, stored);
  return (
    (await askSecret(
      stored === undefined ? question : `${question} (Enter keeps the stored one)`,
      stored === undefined,
    )) ||
    (stored ?? '')
  );
}
