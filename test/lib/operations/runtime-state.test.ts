import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  BEAT_MS,
  liveSince,
  noteIntake,
  noteLag,
  noteLive,
  noteNotLive,
  noteRemote,
  noteReviewed,
  noteService,
  noteServiceEnded,
  noteSuccess,
  noteSweep,
  readFacts,
  serviceState,
  type ServiceFact,
} from '../../../src/lib/operations/runtime-state.js';
import { dataFile } from '../../fixtures/store.js';

const service = (fields: Partial<ServiceFact> = {}): ServiceFact => ({
  pid: process.pid,
  host: hostname(),
  url: 'http://127.0.0.1:8474',
  since: 1,
  beatAt: 1000,
  version: '0.1.0',
  ...fields,
});

describe('facts', () => {
  it('are read as another process wrote them, and are absent until then', async () => {
    const file = dataFile();
    const [writer, reader] = [{ store: file.open() }, { store: file.open() }];
    expect(await readFacts(reader)).toMatchObject({
      service: undefined,
      live: undefined,
      success: {},
      sweep: undefined,
      intake: undefined,
      remote: { cartona: undefined },
    });
    await noteService(writer, service());
    await noteLive(writer, { since: 5, by: 'mona' });
    await noteReviewed(writer, 'price', { at: 3, differs: 7 });
    await noteSuccess(writer, 'tail', 8);
    await noteRemote(writer, 'odoo', { state: 'down', since: 9, reason: 'no network' });
    await noteSweep(writer, { startedAt: 1, pages: 2, variants: 30, found: 4 });
    await noteLag(writer, 'stock', { at: 1, ms: 340 });
    await noteIntake(writer, { refused: 2, refusedSince: 3, reason: 'token' }, 4);
    expect(await readFacts(reader)).toEqual({
      service: service(),
      live: { since: 5, by: 'mona' },
      reviewed: { price: { at: 3, differs: 7 }, stock: undefined },
      success: { tail: 8 },
      remote: { cartona: undefined, odoo: { state: 'down', since: 9, reason: 'no network' } },
      sweep: { startedAt: 1, pages: 2, variants: 30, found: 4 },
      lag: { price: undefined, stock: { at: 1, ms: 340 } },
      intake: { refused: 2, refusedSince: 3, reason: 'token' },
    });
    expect(await liveSince(reader)).toBe(5);
    await noteNotLive(writer);
    await noteServiceEnded(writer);
    expect(await liveSince(reader)).toBeUndefined();
    expect((await readFacts(reader)).service).toBeUndefined();
  });

  it('that another version wrote otherwise count as absent', async () => {
    const session = { store: dataFile().open() };
    await session.store.notes.put('live', '{"since":"yesterday"}', 1);
    await session.store.notes.put('service', 'not json', 1);
    expect(await readFacts(session)).toMatchObject({ live: undefined, service: undefined });
    expect(await liveSince(session)).toBeUndefined();
  });
});

describe('the service', () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;

  it.each<[string, ServiceFact | undefined, number]>([
    ['stopped', undefined, 0],
    ['running', service(), 1000 + BEAT_MS],
    ['silent', service(), 1000 + 7 * BEAT_MS],
    ['gone', service({ pid: gone }), 1001],
    ['running', service({ pid: gone, host: 'elsewhere.example' }), 1001],
    ['silent', service({ pid: gone, host: 'elsewhere.example' }), 1000 + 7 * BEAT_MS],
  ])('is %s: %j at %i', (state, fact, now) => {
    expect(serviceState(fact, now)).toBe(state);
  });
});
