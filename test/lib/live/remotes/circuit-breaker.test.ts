import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createCartona } from '../../../../src/lib/cartona/client.js';
import { CartonaError } from '../../../../src/lib/common/errors.js';
import { guardedCartona, guardedOdoo } from '../../../../src/lib/live/remotes/guarded-clients.js';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type BreakerState,
} from '../../../../src/lib/live/remotes/circuit-breaker.js';
import { Remotes } from '../../../../src/lib/live/remotes/remotes.js';
import type { LiveEvent } from '../../../../src/lib/live/events.js';
import { createOdoo } from '../../../../src/lib/odoo/client.js';
import { openSession } from '../../../../src/lib/open-session.js';
import type { Session } from '../../../../src/lib/session.js';
import { openShop } from '../../../fixtures/shop.js';
import { becomes } from '../../../fixtures/service.js';

const away = (): CartonaError => new CartonaError('unreachable', 'Odoo does not answer.');
const denied = (): CartonaError => new CartonaError('credentials', 'Odoo refuses the key.');
const fails = (error: Error) => async (): Promise<never> => {
  throw error;
};

function staged(options: Partial<CircuitBreakerOptions> = {}) {
  const changes: BreakerState[] = [];
  const errors: string[] = [];
  const remote = new CircuitBreaker({
    name: 'Odoo',
    slots: 4,
    probe: async () => undefined,
    now: Date.now,
    longestPauseMs: 50,
    onChange: (standing) => changes.push(standing),
    onError: (error) => errors.push(error.kind),
    ...options,
  });
  return { remote, changes, errors };
}

describe('the breaker of a remote', () => {
  it('opens after one request that was waited for in vain: three of them would take minutes', async () => {
    const { remote, changes } = staged();
    const clock = vi.spyOn(performance, 'now');
    onTestFinished(() => clock.mockRestore());
    const hanging = async (): Promise<never> => {
      clock.mockReturnValue(performance.now() + 30_000);
      throw away();
    };
    await expect(remote.run(0, hanging)).rejects.toMatchObject({ kind: 'unreachable' });
    expect([remote.state.state, changes.length]).toEqual(['down', 1]);
  });

  it('does not take a late answer to an old request for the return of the other side', async () => {
    const { remote, changes } = staged();
    let answer: (value: number) => void = () => undefined;
    const old = remote.run(0, () => new Promise<number>((resolve) => (answer = resolve)));
    for (let failure = 0; failure < 3; failure += 1) await remote.run(0, fails(away())).catch(() => undefined);
    answer(1);
    expect(await old).toBe(1);
    expect([remote.state.state, changes.length]).toEqual(['down', 1]);
  });

  it('opens after three failures in a row, not after fewer, and costs nothing while it is open', async () => {
    // The clock stands still: the pause before the next try does not end.
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { remote, changes, errors } = staged();
    let asked = 0;
    const ask = (work: () => Promise<unknown>): Promise<unknown> =>
      remote.run(0, () => {
        asked += 1;
        return work();
      });
    for (const work of [fails(away()), fails(away()), async () => 1, fails(away()), fails(away())])
      await ask(work).catch(() => undefined);
    expect([remote.state.state, changes]).toEqual(['up', []]);
    await expect(ask(fails(away()))).rejects.toMatchObject({ kind: 'unreachable' });
    expect(changes).toMatchObject([{ state: 'down', reason: 'Odoo does not answer.' }]);
    for (let round = 0; round < 20; round += 1)
      await expect(ask(async () => 1)).rejects.toMatchObject({ kind: 'unreachable', message: 'Odoo does not answer.' });
    expect(asked).toBe(6);
    expect(errors).toEqual(Array.from({ length: 5 }, () => 'unreachable'));
  });

  it('lets the next request through after this machine’s clock was set back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { remote, changes } = staged();
    for (let round = 0; round < 3; round += 1) await remote.run(0, fails(away())).catch(() => undefined);
    vi.setSystemTime(Date.now() - 3_600_000);
    await expect(remote.run(0, async () => 1)).rejects.toMatchObject({ kind: 'unreachable' });
    remote.clockSetBack();
    expect(remote.state.state).toBe('down');
    expect(await remote.run(0, async () => 1)).toBe(1);
    expect(changes.map(({ state }) => state)).toEqual(['down', 'up']);
  });

  it('is left alone by answers that say no', async () => {
    const { remote, changes } = staged();
    for (const kind of ['refused', 'answer', 'interrupted', 'busy'] as const) {
      for (let round = 0; round < 5; round += 1)
        await expect(remote.run(0, fails(new CartonaError(kind, 'No.')))).rejects.toMatchObject({ kind });
    }
    for (let round = 0; round < 5; round += 1)
      await expect(remote.run(0, fails(new TypeError('a fault')))).rejects.toThrow('a fault');
    expect(changes).toEqual([]);
  });

  it('recovers by the probe alone, tells both changes once, and who waited goes on', async () => {
    let there = false;
    let probes = 0;
    const { remote, changes } = staged({
      probe: async () => {
        probes += 1;
        if (!there) throw away();
      },
    });
    const stop = new AbortController();
    const watching = remote.watch(stop.signal);
    for (let round = 0; round < 3; round += 1) await remote.run(0, fails(away())).catch(() => undefined);
    const life = new AbortController();
    const waiters = Array.from({ length: 8 }, () => remote.usable(life.signal));
    await becomes(() => probes > 1, true);
    expect(remote.state.state).toBe('down');
    there = true;
    await Promise.all(waiters);
    expect(await remote.run(0, async () => 'served')).toBe('served');
    expect(changes.map(({ state }) => state)).toEqual(['down', 'up']);
    expect(getEventListeners(life.signal, 'abort')).toHaveLength(0);
    stop.abort();
    await watching;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    await remote.usable(life.signal);
  });

  it('who waits for a side that stays away is let go by the signal, without a trace', async () => {
    const { remote } = staged();
    for (let round = 0; round < 3; round += 1) await remote.run(0, fails(away())).catch(() => undefined);
    const stop = new AbortController();
    const waits = remote.usable(stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    stop.abort();
    await waits;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    await remote.usable(stop.signal);
  });
});

describe('refused credentials', () => {
  it('stop every request at once; replaced ones are tried at once', async () => {
    let key = 'old';
    let probes = 0;
    let asked = 0;
    const { remote, changes } = staged({
      probe: async () => {
        probes += 1;
        if (key === 'old') throw denied();
      },
    });
    const ask = (): Promise<void> =>
      remote.run(0, async () => {
        asked += 1;
        if (key === 'old') throw denied();
      });
    await expect(ask()).rejects.toMatchObject({ kind: 'credentials' });
    expect(changes).toMatchObject([{ state: 'refused', reason: 'Odoo refuses the key.' }]);
    for (let round = 0; round < 20; round += 1)
      await expect(ask()).rejects.toMatchObject({ kind: 'credentials', message: 'Odoo refuses the key.' });
    expect([asked, probes]).toEqual([1, 1]);
    await remote.credentialsReplaced();
    expect(remote.state.state).toBe('refused');
    key = 'new';
    await remote.credentialsReplaced();
    expect(remote.state.state).toBe('up');
    await ask();
    await remote.credentialsReplaced();
    expect(probes).toBe(3);
  });

  it('are told from a missing right on one thing: everything else goes on', async () => {
    const { remote, changes } = staged();
    for (let round = 0; round < 10; round += 1)
      await expect(remote.run(0, fails(denied()))).rejects.toMatchObject({ kind: 'credentials' });
    expect(await remote.run(0, async () => 'served')).toBe('served');
    expect(changes).toEqual([]);
  });
});

describe('room for requests', () => {
  it('is never exceeded, and given to the lowest number first, of equals to who came first', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
        async (slots, priorities) => {
          const { remote } = staged({ slots });
          let inside = 0;
          const began: { priority: number; at: number }[] = [];
          const ends: (() => void)[] = [];
          const all = priorities.map((priority, at) =>
            remote.run(priority, async () => {
              inside += 1;
              expect(inside).toBeLessThanOrEqual(slots);
              began.push({ priority, at });
              await new Promise<void>((resolve) => ends.push(resolve));
              inside -= 1;
            }),
          );
          while (began.length < priorities.length) {
            await new Promise(setImmediate);
            ends.shift()?.();
          }
          for (const end of ends) end();
          await Promise.all(all);
          const waited = priorities
            .map((priority, at) => ({ priority, at }))
            .slice(slots)
            .sort((a, b) => a.priority - b.priority || a.at - b.at);
          expect(began.slice(slots)).toEqual(waited);
        },
      ),
      { numRuns: 40 },
    ));

  it('is given back by a request that fails', async () => {
    const { remote } = staged({ slots: 1 });
    const one = remote.run(1, fails(new TypeError('a fault')));
    const two = remote.run(1, async () => 'served');
    await expect(one).rejects.toThrow();
    expect(await two).toBe('served');
  });
});

/** A shop with a session that tries each request once. */
async function ground() {
  const shop = await openShop({ products: 150 });
  const session = await openSession({
    profileName: 'default',
    env: shop.env,
    timeouts: { attempts: 1, cartonaTimeoutMs: 5000 },
  });
  onTestFinished(() => session.store.close());
  return { shop, session };
}

function guarded(session: Session) {
  const events: LiveEvent[] = [];
  const remotes = new Remotes({
    session,
    log: (event) => events.push(event),
    onChange: () => undefined,
    onError: () => undefined,
  });
  return { remotes, events, own: remotes.sessions() };
}

describe('both sides behind their breakers', () => {
  it('a dead Cartona is asked three times and no more, in pages too; when it is back all of the listing comes', async () => {
    const { shop, session } = await ground();
    const { remotes, events, own } = guarded(session);
    const ids = async (): Promise<number> => {
      let count = 0;
      for await (const page of own.sweep.cartona.listProducts()) count += page.length;
      return count;
    };
    const whole = await ids();
    expect(whole).toBe(shop.supplier.marketplaceProducts.length);
    shop.marketplace.faults.add({ kind: '500', times: 100 });
    shop.marketplace.state.requests.clear();
    for (let round = 0; round < 10; round += 1) await expect(ids()).rejects.toMatchObject({ kind: 'unreachable' });
    // Each asks for the page after the first as well.
    expect(shop.marketplace.state.requests.list()).toHaveLength(6);
    expect(events).toMatchObject([{ level: 'warn', event: 'remote' }]);
    shop.marketplace.faults.clear();
    const stop = new AbortController();
    const watching = remotes.cartona.watch(stop.signal);
    await remotes.cartona.usable(stop.signal);
    stop.abort();
    await watching;
    expect(await ids()).toBe(whole);
    expect(events.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('a listing that fails in its middle counts as a failure, and who stops reading holds no room', async () => {
    const { shop, session } = await ground();
    const remote = staged({ slots: 1 }).remote;
    const cartona = guardedCartona(() => session.cartona, remote, 0);
    shop.marketplace.faults.add({ kind: 'latency', latencyMs: 0 }, { kind: '500' });
    let seen = 0;
    await expect(
      (async () => {
        for await (const page of cartona.listProducts()) seen += page.length;
      })(),
    ).rejects.toMatchObject({ kind: 'unreachable' });
    expect(seen).toBeGreaterThan(0);
    for await (const page of cartona.listProducts()) {
      // While a page is being looked at others may ask.
      expect(await remote.run(0, async () => page.length)).toBeGreaterThan(0);
      break;
    }
    expect(await remote.run(0, async () => 'room')).toBe('room');
  });

  it('a model that Odoo does not let us read is no refusal of the key; a wrong key is, until it is replaced', async () => {
    const { shop, session } = await ground();
    const { remotes, events, own } = guarded(session);
    const count = (model: string): Promise<number> =>
      own.price.odoo.call(model, 'search_count', { domain: [] }, z.number());
    await expect(count('base.automation')).rejects.toMatchObject({
      kind: expect.stringMatching(/credentials|refused/) as string,
    });
    expect(await count('product.product')).toBeGreaterThan(100);
    expect(events).toEqual([]);

    const { url, db, login, uid, protocol, version } = session.profile.odoo;
    const wrong = createOdoo({ url, db, login, uid, protocol, major: version.major, key: 'wrong', attempts: 1 });
    await remotes.replace({ cartona: session.cartona, odoo: wrong });
    await expect(count('product.product')).rejects.toMatchObject({ kind: 'credentials' });
    expect(events).toMatchObject([{ level: 'error', event: 'remote' }]);
    await expect(count('product.product')).rejects.toMatchObject({ kind: 'credentials' });
    expect(events).toHaveLength(1);
    await remotes.replace({ cartona: session.cartona, odoo: session.odoo });
    expect(remotes.odoo.state.state).toBe('up');
    expect(await count('product.product')).toBeGreaterThan(100);
    expect(shop.marketplace.state.requests.list()).toEqual([]);
  });

  it('a token that Cartona refuses stops requests to it, and not those to Odoo', async () => {
    const { shop, session } = await ground();
    const { cartona } = session.profile;
    const { remotes, own } = guarded({
      ...session,
      cartona: createCartona({
        url: cartona.url,
        token: 'wrong',
        dialect: cartona.dialect,
        identifyBy: cartona.identifyBy,
        attempts: 1,
      }),
    });
    const update = () => own.price.cartona.updateProducts([{ cartonaId: 'P1', sellingPrice: '11.5' }]);
    for (let round = 0; round < 5; round += 1) await expect(update()).rejects.toMatchObject({ kind: 'credentials' });
    expect(remotes.cartona.state.state).toBe('refused');
    // The first, and the probe that told it from a missing right.
    expect(shop.marketplace.state.requests.list()).toHaveLength(2);
    expect(await own.price.odoo.call('res.partner', 'search_count', { domain: [] }, z.number())).toBeGreaterThan(0);
    await remotes.replace({ cartona: session.cartona, odoo: session.odoo });
    expect(await update()).toEqual([{ kind: 'accepted' }]);
  });

  it('one client is asked for at each request, so that a replaced one is in use at once', async () => {
    const { session } = await ground();
    const { remote } = staged();
    let asked = 0;
    const odoo = guardedOdoo(
      () => {
        asked += 1;
        return session.odoo;
      },
      remote,
      0,
    );
    const before = asked;
    await odoo.call('res.partner', 'search_count', { domain: [] }, z.number());
    await odoo.call('res.partner', 'search_count', { domain: [] }, z.number());
    expect(asked - before).toBe(2);
  });
});
