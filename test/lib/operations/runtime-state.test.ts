import { spawnSync } from 'node:child_process';
import { thisProcess } from '../../../src/lib/common/processes.js';
import { describe, expect, it } from 'vitest';
import {
  BEAT_MS,
  liveSince,
  recordWebhookHealth,
  recordLag,
  recordLive,
  recordNotLive,
  recordRemote,
  recordService,
  recordServiceEnded,
  recordSweep,
  readRuntimeState,
  serviceState,
  type ServiceEntry,
} from '../../../src/lib/operations/runtime-state.js';
import { recordSuccess } from '../../../src/lib/store/successes.js';
import { recordReviewed } from '../../../src/lib/catalog/reviewed.js';
import { dataFile } from '../../fixtures/store.js';

const service = (fields: Partial<ServiceEntry> = {}): ServiceEntry => ({
  ...thisProcess(),
  url: 'http://127.0.0.1:8474',
  since: 1,
  beatAt: 1000,
  version: '0.1.0',
  ...fields,
});

describe('runtime state', () => {
  it('are read as another process wrote them, and are absent until then', async () => {
    const file = dataFile();
    const [writer, reader] = [{ store: file.open() }, { store: file.open() }];
    expect(await readRuntimeState(reader)).toMatchObject({
      service: undefined,
      live: undefined,
      success: {},
      sweep: undefined,
      webhookHealth: undefined,
      remote: { cartona: undefined },
    });
    await recordService(writer, service());
    await recordLive(writer, { since: 5, by: 'mona' });
    await recordReviewed(writer, 'price', { at: 3, differs: 7 });
    await recordSuccess(writer, 'tail', 8);
    await recordRemote(writer, 'odoo', { state: 'down', since: 9, reason: 'no network' });
    await recordSweep(writer, { startedAt: 1, pages: 2, variants: 30, found: 4 });
    await recordLag(writer, 'stock', { at: 1, ms: 340 });
    await recordWebhookHealth(writer, { refused: 2, refusedSince: 3, reason: 'token' }, 4);
    expect(await readRuntimeState(reader)).toEqual({
      service: service(),
      live: { since: 5, by: 'mona' },
      reviewed: { price: { at: 3, differs: 7 }, stock: undefined },
      success: { tail: 8 },
      remote: { cartona: undefined, odoo: { state: 'down', since: 9, reason: 'no network' } },
      sweep: { startedAt: 1, pages: 2, variants: 30, found: 4 },
      lag: { price: undefined, stock: { at: 1, ms: 340 } },
      webhookHealth: { refused: 2, refusedSince: 3, reason: 'token' },
    });
    expect(await liveSince(reader)).toBe(5);
    await recordNotLive(writer);
    await recordServiceEnded(writer);
    expect(await liveSince(reader)).toBeUndefined();
    expect((await readRuntimeState(reader)).service).toBeUndefined();
  });

  it('that another version wrote otherwise count as absent', async () => {
    const session = { store: dataFile().open() };
    await session.store.runtimeState.put('live', '{"since":"yesterday"}', 1);
    await session.store.runtimeState.put('service', 'not json', 1);
    expect(await readRuntimeState(session)).toMatchObject({ live: undefined, service: undefined });
    expect(await liveSince(session)).toBeUndefined();
  });
});

describe('the service', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;

  it.each<[string, ServiceEntry | undefined, number]>([
    ['stopped', undefined, 0],
    ['running', service(), 1000 + BEAT_MS],
    ['silent', service(), 1000 + 7 * BEAT_MS],
    ['gone', service({ pid: gone }), 1001],
    // As process 1 of a container that was killed and started again.
    ['gone', service({ started: 'another start' }), 1001],
    ['running', service({ started: undefined }), 1001],
    ['running', service({ started: 'another start', host: 'elsewhere.example' }), 1001],
    ['running', service({ pid: gone, host: 'elsewhere.example' }), 1001],
    ['silent', service({ pid: gone, host: 'elsewhere.example' }), 1000 + 7 * BEAT_MS],
  ])('is %s: %j at %i', (state, fact, now) => {
    expect(serviceState(fact, now)).toBe(state);
  });
});
