import { read } from './records.js';
import type { Env, Hint, Model, Transaction } from './types.js';
import { isFilled, textOf, type FieldValue, type Row } from './values.js';

/** How long Odoo waits for the answer to a webhook. It does not try again. */
const PATIENCE_MS = 1000;
const RULES = 'base.automation';
const ON_CREATE = new Set<unknown>(['on_create', 'on_create_or_write']);
const ON_WRITE = new Set<unknown>(['on_write', 'on_create_or_write']);

/** Notes the automation rules that a new record sets off. */
export function noteCreation(env: Env, model: string, row: Row): void {
  for (const rule of rulesOn(env, model)) if (ON_CREATE.has(rule.trigger)) fire(env, rule, model, row);
}

/** Notes the rules that a change about to be made sets off: one of the fields they watch gets another value. */
export function noteChange(
  env: Env,
  model: string,
  row: Row,
  values: Readonly<Record<string, FieldValue | undefined>>,
): void {
  for (const rule of rulesOn(env, model)) {
    if (!ON_WRITE.has(rule.trigger)) continue;
    const watched = listed(rule.trigger_field_ids).map((id) => textOf(env.table('ir.model.fields').get(id)?.name));
    const differs = (name: string): boolean => name in values && shown(values[name]) !== shown(row[name]);
    if (watched.length === 0 || watched.some(differs)) fire(env, rule, model, row);
  }
}

const listed = (value: FieldValue | undefined): readonly number[] =>
  Array.isArray(value) ? (value as readonly number[]) : [];

/** No text, no number and nothing are the same. */
const shown = (value: FieldValue | undefined): string =>
  JSON.stringify(value === undefined || value === 0 || value === '' ? false : value);

function rulesOn(env: Env, model: string): Row[] {
  if (!env.db.models.has(RULES) || env.table(RULES).size === 0) return [];
  const [of] = env.table('ir.model').lookup('model', model);
  if (of === undefined) return [];
  const found = [...env.table(RULES).lookup('model_id', of)].map((id) => env.table(RULES).get(id));
  return found.filter((rule): rule is Row => rule?.active === true);
}

function fire(env: Env, rule: Row, model: string, row: Row): void {
  env.tx.fired.set(`${rule.id} ${row.id}`, { rule: rule.id, model, id: row.id });
}

/**
 * Ends a request's work. Its webhooks are sent before the commit up to 18, so that who looks at once sees the old
 * value, and after it from 19 on; the user waits for them either way.
 */
export function conclude(env: Env, commitFirst = env.version >= 19): void {
  const { tx } = env;
  const hints = tx.fired.size === 0 ? [] : hintsOf(env.sudo().with({ active_test: false }));
  if (hints.length === 0 || commitFirst) {
    tx.commit();
    tx.pending = { hints, complete: () => undefined };
    return;
  }
  const resume = tx.suspend();
  tx.pending = {
    hints,
    complete: () => {
      resume();
      tx.commit();
    },
  };
}

/** Sends what a request's work has left to be sent, one after the other; what does not get through is lost. */
export async function runAutomations(tx: Transaction): Promise<void> {
  const { pending } = tx;
  if (!pending) return;
  tx.pending = undefined;
  for (const hint of pending.hints) await send(hint);
  pending.complete();
}

async function send({ url, body }: Hint): Promise<void> {
  try {
    const headers = { 'Content-Type': 'application/json', 'User-Agent': 'python-requests/2.31.0' };
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
  } catch {
    // Odoo writes it to its log and goes on.
  }
}

function hintsOf(env: Env): Hint[] {
  return [...env.tx.fired.values()].flatMap(({ rule: ruleId, model: name, id }) => {
    const rule = env.table(RULES).get(ruleId);
    const row = env.table(name).get(id);
    if (!rule || !row || !applies(env, rule, name, id)) return [];
    const actions = [...env.table('ir.actions.server').lookup('base_automation_id', rule.id)].sort((a, b) => a - b);
    return actions.flatMap((action) => hintOf(env, env.row('ir.actions.server', action), env.model(name), row));
  });
}

function applies(env: Env, rule: Row, model: string, id: number): boolean {
  const domain = rule.filter_domain;
  return !isFilled(domain) || env.search(model, [['id', '=', id], ...pythonLiteral(textOf(domain))]).length > 0;
}

/** A domain as text: `[('state', '=', 'sale')]`, without brackets or quotes in its values. */
function pythonLiteral(text: string): unknown[] {
  const json = text
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replaceAll("'", '"')
    .replace(/\b(True|False)\b/g, (word) => word.toLowerCase());
  return JSON.parse(json) as unknown[];
}

function hintOf(env: Env, action: Row, model: Model, row: Row): Hint[] {
  const url = textOf(action.webhook_url);
  if (action.state !== 'webhook' || !isFilled(action.webhook_url)) return [];
  const fields = listed(action.webhook_field_ids).map((id) => textOf(env.row('ir.model.fields', id).name));
  const [values] = fields.length === 0 ? [{}] : read(env, model, [row.id], fields, false);
  const name = textOf(env.value(env.model('ir.actions.server'), action, 'name'));
  return [
    { url, body: JSON.stringify({ _action: `${name}(#${action.id})`, _id: row.id, _model: model.name, ...values }) },
  ];
}
