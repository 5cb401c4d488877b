import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CartonaError } from '../../../src/lib/common/errors.js';
import type { LiveEvent } from '../../../src/lib/live/events.js';
import { retryForever } from '../../../src/lib/live/retry-forever.js';
import { pause } from '../../../src/lib/live/wakeable-sleep.js';

describe('work that is retried for ever', () => {
  const away = (): CartonaError => new CartonaError('unreachable', 'Odoo is away.');

  /** Runs the outcomes in order, then stops. */
  async function loggedFor(outcomes: readonly (Error | undefined)[]): Promise<LiveEvent[]> {
    const stop = new AbortController();
    const events: LiveEvent[] = [];
    let at = 0;
    await retryForever(
      'work',
      stop.signal,
      (event) => events.push(event),
      async () => {
        const outcome = outcomes[at];
        at += 1;
        if (at > outcomes.length) stop.abort();
        else if (outcome) throw outcome;
      },
    );
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    return events;
  }

  it('tells one failure once as long as it lasts, and again when it comes back or is another', async () => {
    expect(
      (await loggedFor([away(), away(), undefined, away()])).map(({ level, event, message, details }) => [
        level,
        event,
        message,
        details?.['kind'],
      ]),
    ).toEqual([
      ['warn', 'work', 'Odoo is away.', 'unreachable'],
      ['warn', 'work', 'Odoo is away.', 'unreachable'],
    ]);
    expect(
      await loggedFor([away(), new CartonaError('refused', 'No.'), new CartonaError('refused', 'No.')]),
    ).toHaveLength(2);
  });

  it('tells a fault of its own as an error with its stack, and goes on', async () => {
    const [fault] = await loggedFor([new TypeError('x is no function'), undefined]);
    expect(fault).toMatchObject({
      level: 'error',
      message: 'x is no function',
      details: { kind: 'fault', stack: expect.stringContaining('retry-forever.test') as string },
    });
  });

  it('ends on the signal while it pauses', async () => {
    const stop = new AbortController();
    let runs = 0;
    await retryForever(
      'work',
      stop.signal,
      () => setImmediate(() => stop.abort()),
      async () => {
        runs += 1;
        throw away();
      },
    );
    expect(runs).toBeLessThan(4);
  });

  it('goes on when a piece of work was interrupted and nobody asked it to stop', async () => {
    const events = await loggedFor([new CartonaError('interrupted', 'Stopped.'), undefined, away()]);
    expect(events.map(({ message }) => message)).toEqual(['Stopped.', 'Odoo is away.']);
  });

  it('waits longer with each failure: soon it is hardly tried any more', async () => {
    const stop = new AbortController();
    let tries = 0;
    const going = retryForever(
      'work',
      stop.signal,
      () => undefined,
      async () => {
        tries += 1;
        throw away();
      },
    );
    await pause(1200, stop.signal);
    stop.abort();
    await going;
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThan(25);
  });
});
