import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WakeableSleep, pause } from '../../../src/lib/live/wakeable-sleep.js';

describe('a wakeable sleep', () => {
  const never = (): AbortSignal => new AbortController().signal;
  const LONG = 1e12;

  it('that was woken before ends the next wait, and only that', async () => {
    const sleep = new WakeableSleep();
    sleep.wake();
    sleep.wake();
    await sleep.wait(LONG, never());
    const second = sleep.wait(LONG, never());
    expect(await Promise.race([second.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
    sleep.wake();
    await second;
  });

  it('that is woken during a wait ends it, and not the next', async () => {
    const sleep = new WakeableSleep();
    const waits = sleep.wait(LONG, never());
    sleep.wake();
    sleep.wake();
    await waits;
    const next = sleep.wait(LONG, never());
    expect(await Promise.race([next.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
    sleep.wake();
    await next;
  });

  it('is ended by the signal, before and during', async () => {
    const stop = new AbortController();
    const waits = new WakeableSleep().wait(LONG, stop.signal);
    stop.abort();
    await waits;
    await new WakeableSleep().wait(LONG, stop.signal);
    await pause(LONG, stop.signal);
  });

  it('leaves no listener at a signal that lives long, however a wait ends', async () => {
    const { signal } = new AbortController();
    const sleep = new WakeableSleep();
    for (let round = 0; round < 50; round += 1) {
      const waits = sleep.wait(round % 3 === 0 ? 0 : LONG, signal);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      if (round % 3 !== 0) sleep.wake();
      await waits;
      sleep.wake();
      await sleep.wait(LONG, signal);
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('waits as long as a timer can for what lies further ahead', async () => {
    for (const ms of [Infinity, LONG]) {
      const sleep = new WakeableSleep();
      const waits = sleep.wait(ms, never());
      expect(await Promise.race([waits.then(() => 'ended'), pause(20, never()).then(() => 'waits')])).toBe('waits');
      sleep.wake();
      await waits;
    }
    await new WakeableSleep().wait(-5, never());
  });
});
