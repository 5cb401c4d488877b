import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { startCli, type CliResult } from './cli.js';

/** One line of the service's log, as JSON. */
export interface ServiceEvent {
  readonly time: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly direction?: 'in' | 'out';
  readonly event: string;
  readonly message: string;
  readonly url?: string;
  readonly live?: boolean;
  readonly [fact: string]: unknown;
}

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Everything that it said so far. */
  readonly events: () => ServiceEvent[];
  /** Everything that it printed so far. */
  readonly output: () => string;
  /** Waits for an event with this name that the test is after. */
  readonly until: (event: string, matches?: (event: ServiceEvent) => boolean) => Promise<ServiceEvent>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<CliResult>;
  /** Asks it to stop and waits until it has. */
  readonly stop: () => Promise<CliResult>;
}

/** Events take far less; the machines that run the tests are slow at times. */
const LONGEST_MS = 30_000;

/** Starts the built service on a free port, unless one is given, and waits for its ready line. It is killed at the end of the test, should it still run. */
export async function startService(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Service> {
  const { child, ended, stdoutSoFar, stderrSoFar } = startCli(['serve', ...(args.includes('--port') ? [] : ['--port', '0']), '--log-format', 'json', ...args], { env });
  let over: CliResult | undefined;
  void ended.then((result) => (over = result));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const output = (): string => stdoutSoFar() + stderrSoFar();
  const events = (): ServiceEvent[] => [stdoutSoFar(), stderrSoFar()].flatMap(wholeLines).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ServiceEvent);
  const until = async (name: string, matches: (event: ServiceEvent) => boolean = () => true): Promise<ServiceEvent> => {
    for (const started = Date.now(); ; ) {
      const found = events().find((event) => event.event === name && matches(event));
      if (found) return found;
      if (Date.now() - started > LONGEST_MS) throw new Error(`no "${name}" within ${LONGEST_MS} ms:\n${output()}`);
      if (over) throw new Error(`the service ended with ${over.code} before "${name}":\n${output()}`);
      await sleep(20);
    }
  };
  const { url } = await until('ready');
  if (url === undefined) throw new Error('the ready line names no address');
  return {
    url,
    pid: child.pid ?? 0,
    events,
    output,
    until,
    signal: (name) => void child.kill(name),
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Without the last one, while it is still being written. */
const wholeLines = (text: string): string[] => text.split('\n').slice(0, -1);

/** Polls until something holds; after the time-out it says what was still there instead. */
export async function eventually<T>(look: () => T | Promise<T>, holds: (seen: T) => boolean, within = 10_000): Promise<T> {
  const until = Date.now() + within;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > until) throw new Error(`not within ${within} ms: ${JSON.stringify(seen)}`);
    await sleep(20);
  }
}

/** Polls until a value is there. */
export const becomes = async <T>(look: () => T | Promise<T>, wanted: T, within?: number): Promise<void> => {
  await eventually(look, (seen) => JSON.stringify(seen) === JSON.stringify(wanted), within);
};

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
