import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isGone, thisProcess } from '../../../src/lib/common/processes.js';

describe('a process', () => {
  it('that lives is not gone, with its start known or not', () => {
    expect(isGone(thisProcess())).toBe(false);
    expect(isGone({ ...thisProcess(), started: undefined })).toBe(false);
  });

  it('that ended is gone', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isGone({ ...thisProcess(), pid })).toBe(true);
  });

  it('of another machine may live, whatever its number is here', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(isGone({ ...thisProcess(), host: 'elsewhere.example', pid })).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('is gone when its number belongs to one that started later', () => {
    const { started } = thisProcess();
    expect(started).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    expect(isGone({ ...thisProcess(), started: `${started ?? ''}0` })).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is gone when it ended and nobody took note of that', async () => {
    // The shell's child ends at once; the program that the shell becomes never asks for its end.
    const parent = spawn('sh', ['-c', 'sh -c "exit 0" & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
    try {
      await expect.poll(() => isGone({ ...thisProcess(), pid, started: undefined })).toBe(true);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
