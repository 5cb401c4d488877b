import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { CartonaError } from '../../common/errors.js';
import { createHttp } from '../../common/http/http.js';
import { oneLine } from '../../common/plain-text.js';
import type { Profile } from '../../settings/profile.js';

/**
 * What somebody is told. Instants are ISO 8601 in UTC; `text` is all of it in one sentence, as chat services take it.
 */
export interface AlertMessage {
  readonly profile: string;
  readonly state: 'raised' | 'cleared' | 'test';
  readonly cause: string;
  readonly reason: string;
  readonly since: string;
  readonly at: string;
  readonly text: string;
}

/** A way to tell somebody. */
export interface AlertChannel {
  readonly name: 'command' | 'webhook';
  /** @throws CartonaError when it did not get through */
  tell(message: AlertMessage): Promise<void>;
}

const COMMAND_MS = 30_000;
const WEBHOOK_MS = 10_000;
const WEBHOOK_TRIES = 3;

/** The channels that the settings name. */
export function alertChannels(
  settings: Profile['alerts'],
  env: NodeJS.ProcessEnv,
  commandMs = COMMAND_MS,
): AlertChannel[] {
  const { command, webhook } = settings;
  return [
    ...(command.trim() === ''
      ? []
      : [{ name: 'command' as const, tell: (message: AlertMessage) => runCommand(command, message, env, commandMs) }]),
    ...(webhook.trim() === ''
      ? []
      : [{ name: 'webhook' as const, tell: (message: AlertMessage) => post(webhook.trim(), message) }]),
  ];
}

/**
 * Runs the command as a line for the system's shell, as cron does. What happened goes to its standard input (JSON) and
 * its environment, never into the line: nothing that the other sides say is read by the shell.
 */
async function runCommand(
  command: string,
  message: AlertMessage,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<void> {
  const told = Object.fromEntries(
    Object.entries(message).map(([name, value]) => [`CARTONA_ALERT_${name.toUpperCase()}`, String(value)]),
  );
  // A group of its own, so that what the shell started ends with it.
  const child = spawn(command, {
    shell: true,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...withoutSecrets(env), ...told },
  });
  // A command that reads nothing is none the worse for it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${JSON.stringify(message)}\n`);
  const complaint = lastOf(child.stderr);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (timedOut)
      throw new CartonaError(
        'local',
        `The command of alerts.command did not end within ${timeoutMs / 1000} s and was stopped${await complaint()}.`,
      );
    if (code !== 0)
      throw new CartonaError(
        'local',
        `The command of alerts.command ended with ${code === null ? 'a signal' : `code ${code}`}${await complaint()}; correct it with \`cartona settings alerts.command\`, and try it with \`cartona alerts test\`.`,
      );
  } catch (error) {
    if (error instanceof CartonaError) throw error;
    throw new CartonaError(
      'local',
      'The command of alerts.command cannot be started; check it with `cartona settings alerts.command`.',
      undefined,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
    child.stderr.destroy();
  }
}

const COMPLAINT_LENGTH = 300;
/** What a command started in the background may keep its error output open for ever. */
const COMPLAINT_MS = 1000;

/** What a command wrote to its error output last, ready to stand in a sentence; empty when it wrote nothing. */
function lastOf(stderr: Readable): () => Promise<string> {
  let text = '';
  stderr.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-COMPLAINT_LENGTH)));
  const ended = finished(stderr).catch(() => undefined);
  return async () => {
    await Promise.race([ended, pause(COMPLAINT_MS, undefined, { ref: false })]);
    const words = oneLine(text.trim()).replace(/\.$/, '');
    return words === '' ? '' : ` (${words})`;
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Tokens and keys come in `CARTONA_` variables; the command has no need of any of them. */
const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('CARTONA_') || name === 'CARTONA_HOME' || name === 'CARTONA_PROFILE',
    ),
  );

/** The address may hold a secret in its path, as those of chat services do: errors name its host alone. */
async function post(address: string, message: AlertMessage): Promise<void> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new CartonaError(
      'usage',
      'alerts.webhook is no http(s) address; set it with `cartona settings alerts.webhook URL`.',
    );
  const http = createHttp({
    remote: 'The webhook of alerts.webhook',
    baseUrl: url.origin,
    timeoutMs: WEBHOOK_MS,
    secrets: [`${url.pathname}${url.search}`],
    attempts: WEBHOOK_TRIES,
  });
  const { status } = await http({
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    body: JSON.stringify(message),
    repetition: 'repeatable',
  });
  if (status >= 300)
    throw new CartonaError(
      'refused',
      `The webhook of alerts.webhook at ${url.origin} refused the alert (HTTP ${status}); check its address.`,
    );
}
