import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as the one JSON document it must be. */
  json<T = unknown>(): T;
}

export interface CliOptions {
  /** Added to a bare environment: nothing of the machine's own settings reaches the program. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** What a program needs of the machine to start; no CARTONA_ variable comes through. */
export function bareEnv(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const machine = Object.fromEntries(['PATH', 'SystemRoot', 'TMPDIR', 'TEMP'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return { ...machine, ...env };
}

/** Starts the built program without a terminal and leaves it running. */
export function startCli(args: readonly string[], options: CliOptions = {}) {
  const child = spawn(process.execPath, [BINARY, ...args], { env: bareEnv(options.env), cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that reads nothing may be gone before its input is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({
        code: code ?? (signal === null ? -1 : 128),
        stdout,
        stderr,
        json<T>(): T {
          try {
            return JSON.parse(stdout) as T;
          } catch {
            throw new Error(`not one JSON document: ${stdout || '(nothing)'}\nstandard error: ${stderr}`);
          }
        },
      });
    });
  });
  return { child, ended, stdoutSoFar: () => stdout, stderrSoFar: () => stderr };
}

/** Runs the built program to its end. */
export const runCli = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> => startCli(args, options).ended;

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A directory that is removed after the file's tests. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  made.push(path);
  return path;
}
