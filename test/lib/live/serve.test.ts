import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LiveEvent } from '../../../src/lib/live/events.js';
import { recordService, readRuntimeState, serviceState } from '../../../src/lib/operations/runtime-state.js';
import { WebhookHealth } from '../../../src/lib/live/webhooks/webhook-health.js';
import { startReceiver } from '../../../src/lib/live/webhooks/receiver.js';
import { serve } from '../../../src/lib/live/serve.js';
import { Heartbeat } from '../../../src/lib/live/heartbeat.js';
import type { ReloadedSecrets } from '../../../src/lib/live/secrets-watch.js';
import { CartonaError } from '../../../src/lib/common/errors.js';
import { openSession } from '../../../src/lib/open-session.js';
import type { Session } from '../../../src/lib/session.js';
import type { Profile } from '../../../src/lib/settings/profile.js';
import { openShop, type Shop, type ShopOptions } from '../../fixtures/shop.js';
import { becomes } from '../../fixtures/service.js';

const secretsWith = (bearerToken: string): ReloadedSecrets => ({
  kind: 'read',
  clients: undefined,
  webhooks: { bearerToken, signingSecrets: [] },
});

/** A live shop whose service runs in this process. */
async function serving(options: ShopOptions = {}, shopOpened?: Shop) {
  const shop = shopOpened ?? (await openShop(options));
  await shop.goLive();
  const hardStop = new AbortController();
  const stopping = new AbortController();
  let ahead = 0;
  let url = '';
  const session = await openSession({
    profileName: 'default',
    env: shop.env,
    signal: hardStop.signal,
    now: () => Date.now() + ahead,
  });
  const events: LiveEvent[] = [];
  let readSecrets = async (): Promise<ReloadedSecrets> => secretsWith('the-token-of-the-start');
  const ended = serve(
    {
      session,
      host: '127.0.0.1',
      port: 0,
      version: '0.0.0',
      env: {},
      shared: false,
      hardStop,
      log: (event) => events.push(event),
      onReady: (at) => {
        url = at;
      },
      reloadSecrets: () => readSecrets(),
      secretsLookMs: 50,
    },
    stopping.signal,
  );
  ended.catch(() => undefined);
  let over = false;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
    over = true;
  };
  onTestFinished(async () => {
    if (!over) await stop().catch(() => undefined);
    await session.store.close();
  });
  await becomes(() => events.some(({ event }) => event === 'compared'), true);
  return {
    shop,
    session,
    events,
    stop,
    stopping,
    hardStop,
    url,
    ended,
    readSecretsAs: (read: typeof readSecrets): void => {
      readSecrets = read;
    },
    webhook: async (token: string): Promise<number> =>
      (
        await fetch(`${url}/cartona_integration/webhook/orders`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: '{}',
        })
      ).status,
    setClock: (ms: number): void => {
      ahead += ms;
    },
  };
}

describe('the service asked to stop', () => {
  it('ends by itself where nothing is under way, and is known to have ended', async () => {
    const { session, stop, hardStop, events } = await serving();
    expect((await readRuntimeState(session)).service).toMatchObject({ pid: process.pid });
    await stop();
    expect(hardStop.signal.aborted).toBe(false);
    expect(serviceState((await readRuntimeState(session)).service, session.now())).toBe('stopped');
    expect(events.at(-1)).toMatchObject({ event: 'stop', message: 'Stopped.' });
    expect(events.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('finishes what is under way where that ends in time', async () => {
    const { shop, stop, hardStop } = await serving();
    shop.marketplace.faults.add({ kind: 'latency', latencyMs: 600, match: { path: 'bulk-update' } });
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.marketplace.state.requests.list('bulk-update').length, 1);
    await stop();
    expect(hardStop.signal.aborted).toBe(false);
    expect(
      await shop.withRows(async (rows) => (await rows.store.deliveries.get('price', ['P1'])).get('P1')),
    ).toMatchObject({ outcome: 'delivered', delivered: '11.5' });
  });

  it('cuts off at the deadline what would never end, and leaves it to be found by the next', async () => {
    const { shop, stop, hardStop, session } = await serving({ settings: { serve: { drainSeconds: 0.5 } } });
    shop.marketplace.faults.add({ kind: 'timeout', match: { path: 'bulk-update' } });
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.marketplace.state.requests.list('bulk-update').length, 1);
    await stop();
    expect(hardStop.signal.aborted).toBe(true);
    expect((await session.store.deliveries.get('price', ['P1'])).get('P1')?.deliveredAt).toBeUndefined();
    expect((await readRuntimeState(session)).service).toBeUndefined();
  });

  it('leaves no more and more listeners at its signals while it runs', async () => {
    const { shop, stopping, hardStop } = await serving();
    const listeners = (): number[] =>
      [stopping.signal, hardStop.signal].map((signal) => getEventListeners(signal, 'abort').length);
    const most: number[][] = [];
    for (let round = 0; round < 4; round += 1) {
      for (let at = 0; at < 5; at += 1) {
        shop.setPrice('P1', 12 + round + at / 10);
        await sleep(60);
      }
      await becomes(() => shop.priceAt('P1'), 12 + round + 0.4);
      await sleep(300);
      most.push(listeners());
    }
    for (const [stoppers, hard] of most) {
      expect(stoppers).toBeLessThan(15);
      expect(hard).toBeLessThan(15);
    }
  });
});

describe('the service on a machine whose clock is set', () => {
  const HOUR = 3_600_000;
  const ready = async (url: string): Promise<number> => (await fetch(`${url}/readyz`)).status;

  it('goes on as before after it was set back, tells it once and stays ready', async () => {
    const { shop, session, events, url, setClock } = await serving();
    const compared = (): number => events.filter(({ event }) => event === 'compared').length;
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    await becomes(() => ready(url), 200);
    setClock(-HOUR);
    await becomes(compared, 2);
    shop.setPrice('P1', 11.75);
    shop.count('P2', 40);
    const ordered = shop.place([['P3', 5]]);
    await becomes(() => [shop.priceAt('P1'), shop.stockAt('P2')], [11.75, 40]);
    await becomes(() => shop.saleOf(ordered) !== undefined, true);
    expect(await ready(url)).toBe(200);
    expect((await session.store.deliveries.get('price', ['P1'])).get('P1')?.attemptedAt).toBeLessThanOrEqual(
      session.now(),
    );
    expect(events.filter(({ level }) => level !== 'info').map(({ message }) => message)).toEqual([
      "This machine's clock was set back by 1 h; everything is compared anew.",
    ]);
    expect(compared()).toBe(2);
    expect(events.filter(({ event }) => event === 'live')).toEqual([]);
  });

  it('is not held up by what was recorded before the clock was mended while no service ran', async () => {
    const shop = await openShop();
    await shop.withRows(async ({ store, now }) => {
      await store.deliveries.record(
        'stock',
        [{ key: 'P1', odooId: shop.idOf('P1'), wanted: '100', outcome: 'delivered' }],
        now() + HOUR,
      );
      await store.deliveries.invalidate('stock', ['P1'], now() + HOUR);
      await store.deliveries.record(
        'price',
        [{ key: 'P1', odooId: shop.idOf('P1'), wanted: '9', outcome: 'failed', reason: 'x', dueAt: now() + HOUR }],
        now() + HOUR,
      );
    });
    await serving({}, shop);
    shop.setPrice('P1', 11.75);
    shop.count('P1', 40);
    await becomes(() => [shop.priceAt('P1'), shop.stockAt('P1')], [11.75, 40]);
  });

  it('sees what changes in Odoo after it was set ahead, and compares nothing anew for that', async () => {
    const { shop, events, setClock } = await serving();
    // Longer than what polls look back, shorter than what Odoo's clock is trusted to stay the same for.
    setClock(7 * 60_000);
    // Until the products, which the shop has just made, are seen no more.
    await sleep(3500);
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    expect(events.filter(({ event }) => event === 'compared')).toHaveLength(1);
    expect(events.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});

async function startHeartbeat(change: { alerts?: Profile['alerts'] } = {}) {
  const shop = await openShop();
  const stored = await openSession({
    profileName: 'default',
    env: shop.env,
    timeouts: { attempts: 1, cartonaTimeoutMs: 5000 },
  });
  onTestFinished(() => stored.store.close());
  let ahead = 0;
  const session: Session = {
    ...stored,
    now: () => Date.now() + ahead,
    profile: { ...stored.profile, alerts: change.alerts ?? stored.profile.alerts },
  };
  const webhookHealth = new WebhookHealth();
  const events: LiveEvent[] = [];
  const tell = (event: LiveEvent): void => {
    events.push(event);
  };
  const receiver = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    bearerToken: 'the-old-one',
    signingSecrets: [],
    settings: session.profile.webhooks,
    keep: (kept) => session.store.events.keep(kept, session.now()),
    onKept: () => undefined,
    log: (event) => webhookHealth.note(event, session.now()),
  });
  onTestFinished(() => receiver.close(0));
  const since = session.now();
  const heartbeat = new Heartbeat({
    session,
    receiver,
    webhookHealth,
    since: () => since,
    version: '1.2.3',
    log: tell,
    env: {},
  });
  const webhook = async (token: string): Promise<number> =>
    (
      await fetch(`${receiver.url}/cartona_integration/webhook/orders`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: '{}',
      })
    ).status;
  return {
    shop,
    session,
    heartbeat,
    events,
    webhook,
    receiver,
    later: (ms: number): void => {
      ahead += ms;
    },
  };
}

describe('heartbeat', () => {
  it('says that the service lives, where it listens, and how webhooks fare', async () => {
    const { session, heartbeat, webhook, receiver, later } = await startHeartbeat();
    await heartbeat.beat();
    const first = await readRuntimeState(session);
    expect(first.service).toMatchObject({ pid: process.pid, url: receiver.url, version: '1.2.3' });
    expect(await webhook('wrong')).toBe(401);
    expect(await webhook('wrong')).toBe(401);
    later(10_000);
    await heartbeat.beat();
    const second = await readRuntimeState(session);
    expect(second.service?.beatAt).toBeGreaterThanOrEqual((first.service?.beatAt ?? Infinity) + 10_000);
    expect(second.service?.since).toBe(first.service?.since);
    expect(second.webhookHealth).toMatchObject({ refused: 2 });
  });

  it('forgets once a day what is old', async () => {
    const { session, heartbeat, later } = await startHeartbeat();
    const entry = {
      at: session.now() - 1000,
      actor: 'a',
      system: 'cartona',
      action: 'price',
      record: 'P1',
      outcome: 'delivered',
    } as const;
    const old = { ...entry, at: session.now() - 91 * 86_400_000 };
    const kept = async (): Promise<number> => (await session.store.audit.list({ actor: 'a' })).length;
    await session.store.audit.write([entry, old]);
    await heartbeat.beat();
    expect(await kept()).toBe(1);
    await session.store.audit.write([old]);
    later(23 * 3_600_000);
    await heartbeat.beat();
    expect(await kept()).toBe(2);
    later(3_600_000);
    await heartbeat.beat();
    expect(await kept()).toBe(1);
  });

  it('forgets nothing for a day after the clock was set far ahead, and goes on to forget after it was set back', async () => {
    const { session, heartbeat, later } = await startHeartbeat();
    const kept = async (): Promise<number> => (await session.store.audit.list({ actor: 'a' })).length;
    const write = (): Promise<void> =>
      session.store.audit.write([
        { at: session.now(), actor: 'a', system: 'cartona', action: 'price', record: 'P1', outcome: 'delivered' },
      ]);
    await write();
    const day = 86_400_000;
    const set = (ms: number): void => {
      later(ms);
      heartbeat.clockSet(ms);
    };
    await heartbeat.beat();
    set(400 * day);
    await heartbeat.beat();
    expect(await kept()).toBe(1);
    set(-800 * day);
    await write();
    await heartbeat.beat();
    later(91 * day);
    await heartbeat.beat();
    // What was written before lies in the future now.
    expect(await kept()).toBe(1);
    set(400 * day);
    await heartbeat.beat();
    expect(await kept()).toBe(1);
    later(day);
    await heartbeat.beat();
    expect(await kept()).toBe(0);
  });

  it('goes on while a channel of the alerts hangs', async () => {
    const { session, heartbeat } = await startHeartbeat({
      alerts: { command: 'sleep 2', webhook: '', afterMinutes: 0 },
    });
    await session.store.runtimeState.put('live', JSON.stringify({ since: session.now() - 1, by: 'x' }), session.now());
    await recordService(session, {
      pid: process.pid,
      host: 'h',
      url: '',
      since: session.now() - 7_200_000,
      beatAt: session.now(),
      version: '1',
    });
    await session.store.deliveries.record(
      'price',
      [{ key: 'P1', odooId: 1, wanted: '99', outcome: 'braked', reason: 'x' }],
      session.now(),
    );
    const began = Date.now();
    for (let round = 0; round < 5; round += 1) await heartbeat.beat();
    const alerts = await session.store.alerts.list();
    expect(alerts.length).toBeGreaterThan(0);
    // Nobody has been told yet: the command still runs.
    expect(Date.now() - began > 2000 || alerts.some(({ toldAt }) => toldAt === undefined)).toBe(true);
    await becomes(async () => (await session.store.alerts.list()).every(({ toldAt }) => toldAt !== undefined), true);
  });
});

describe('the secrets of a running service', () => {
  it('are taken up when they were replaced', async () => {
    const { webhook, readSecretsAs } = await serving();
    expect([await webhook('the-token-of-the-start'), await webhook('the-new-one')]).toEqual([400, 401]);
    readSecretsAs(async () => secretsWith('the-new-one'));
    await becomes(() => webhook('the-new-one'), 400);
    expect(await webhook('the-token-of-the-start')).toBe(401);
  });

  it('that are gone end it, with the reason, and nothing more is sent', async () => {
    const { shop, session, readSecretsAs, ended, url } = await serving();
    readSecretsAs(async () => ({ kind: 'ended', reason: 'Logged out.' }));
    await expect(ended).rejects.toMatchObject({ kind: 'usage', message: 'Logged out.' });
    shop.setPrice('P1', 11.5);
    await sleep(500);
    expect(shop.sentPrices('P1')).toEqual([]);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect((await readRuntimeState(session)).service).toBeUndefined();
  });

  it('that cannot be read stop sending and receiving until they can', async () => {
    const { shop, events, readSecretsAs, webhook } = await serving();
    readSecretsAs(async () => {
      throw new CartonaError('local', 'The secrets file is damaged.');
    });
    await becomes(
      () => events.filter(({ event }) => event === 'secrets').map(({ message }) => message),
      ['The secrets file is damaged. Nothing is sent or received until the secrets can be read again.'],
    );
    // Not refused for good: its sender tries again.
    expect(await webhook('the-token-of-the-start')).toBe(503);
    await sleep(1500);
    shop.setPrice('P1', 11.5);
    await sleep(1000);
    expect(shop.sentPrices('P1')).toEqual([]);
    readSecretsAs(async () => secretsWith('the-new-one'));
    await becomes(() => shop.priceAt('P1'), 11.5);
    expect(await webhook('the-new-one')).toBe(400);
  });
});

describe('what fails for a passing reason', () => {
  it('does not end the service: the flag of going live cannot be read for a while', async () => {
    const { shop, session, events, stop } = await serving();
    const rows = session.store.runtimeState;
    const get = rows.get.bind(rows);
    let failures = 0;
    Object.assign(session.store.runtimeState, {
      get: async (name: string) => {
        if (name === 'live' && failures < 3) {
          failures += 1;
          throw new CartonaError('local', 'The data file is locked by another program.');
        }
        return get(name);
      },
    });
    await shop.stopSending();
    await becomes(() => failures, 3, 30_000);
    await becomes(() => events.filter(({ event, level }) => event === 'live' && level === 'info').length, 1, 30_000);
    failures = 0;
    await becomes(() => failures, 3, 30_000);
    await shop.goLive();
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5, 30_000);
    await stop();
  });
});
