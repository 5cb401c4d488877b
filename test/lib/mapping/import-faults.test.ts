import { describe, expect, it } from 'vitest';
import { importMapping } from '../../../src/lib/mapping/import.js';
import type { OdooFault } from '../../../src/sandbox/odoo/odoo.js';
import { openGround, tag, type GroundOptions } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;
const fileOf = (count: number): string =>
  ['cartona_id,internal_reference', ...Array.from({ length: count }, (_, n) => `${id(n)},${ref(n)}`)].join('\r\n');
const wanted = (count: number): string[] => Array.from({ length: count }, (_, n) => id(n));

/** Faults are staged; a real server has none to offer. */
const simulatedOnly = process.env['CARTONA_TEST_ODOO_URL'] !== undefined;

async function groundWith(count: number, options: GroundOptions = {}) {
  const ground = await openGround(options);
  const made = await ground.products(Array.from({ length: count }, (_, n) => ({ reference: ref(n) })));
  const faults = ground.simulated?.faults;
  if (!faults) throw new Error('the simulated Odoo is needed');
  const writes = (): number =>
    ground.calls.filter((call) => call.method === 'load' || call.method === 'web_save_multi').length;
  return { ...ground, made, faults, writes, path: ground.file(fileOf(count)) };
}

describe
  .skipIf(simulatedOnly)
  .each<GroundOptions>([{ version: 16, protocol: 'xml-rpc' }, { version: 18 }, { version: 19, protocol: 'json-2' }])(
  'Odoo $version that fails',
  (options) => {
    const method = options.version === 19 ? 'web_save_multi' : 'load';
    const fault = (kind: OdooFault['kind'], times = 1): OdooFault => ({ kind, times, match: { method } });

    it('the answer to a write is lost, but the work was done: it is looked up, and not written again', async () => {
      const ground = await groundWith(600, options);
      ground.faults.add(fault('drop-after'));
      expect(await importMapping(ground.session, ground.path, {})).toMatchObject({ written: 600, rejected: 0 });
      expect(ground.writes()).toBe(2);
      expect(await ground.held(ground.made)).toEqual(wanted(600));
    });

    it('the answer to a write is lost, and nothing was done: it is written again', async () => {
      const ground = await groundWith(3, options);
      ground.faults.add(fault('drop-before', 2));
      expect(await importMapping(ground.session, ground.path, {})).toMatchObject({ written: 3 });
      expect(ground.writes()).toBe(3);
      expect(await ground.held(ground.made)).toEqual(wanted(3));
    });

    it('a proxy loses patience every time: the third time it is said, and the audit trail says what is not known', async () => {
      const ground = await groundWith(2, options);
      ground.faults.add(fault('drop-before', 3));
      await expect(importMapping(ground.session, ground.path, {})).rejects.toMatchObject({ kind: 'outcome-unknown' });
      expect((await ground.store.audit.list({ actor: 'map import' })).map((entry) => entry.outcome)).toEqual([
        'unknown',
        'unknown',
        'begun',
      ]);
      expect(await importMapping(ground.session, ground.path, {})).toMatchObject({ written: 2 });
    });

    it('another transaction was first: nobody is blamed for it', async () => {
      const ground = await groundWith(3, options);
      ground.faults.add(fault('serialization', 2));
      expect(await importMapping(ground.session, ground.path, {})).toMatchObject({ written: 3, rejected: 0 });
      expect(await ground.held(ground.made)).toEqual(wanted(3));
    });

    it('a refused key is an error of credentials, and nothing is written', async () => {
      const ground = await groundWith(2, options);
      ground.faults.add({ kind: 'expired-key', times: 1, match: { method: 'search_read' } });
      await expect(importMapping(ground.session, ground.path, {})).rejects.toMatchObject({ kind: 'credentials' });
      expect(ground.writes()).toBe(0);
    });
  },
);

describe.skipIf(simulatedOnly)('rights', () => {
  it.each<GroundOptions>([{ version: 16 }, { version: 18 }, { version: 19 }])(
    'a user who may not change products is told so once (Odoo $version)',
    async (options) => {
      const ground = await groundWith(30, { ...options, user: 'sales' });
      await expect(importMapping(ground.session, ground.path, {})).rejects.toMatchObject({
        kind: 'credentials',
        message: expect.stringMatching(/may not change products/) as string,
      });
      expect(ground.writes()).toBeLessThanOrEqual(2);
      expect(await ground.held(ground.made)).toEqual(ground.made.map(() => null));
    },
  );
});

describe('stopping', () => {
  it('between two parts; what is written is recorded, and the next run does the rest', async () => {
    const stop = new AbortController();
    const ground = await openGround();
    const made = await ground.products(Array.from({ length: 1200 }, (_, n) => ({ reference: ref(n) })));
    const path = ground.file(fileOf(1200));
    const session = {
      ...ground.session,
      signal: stop.signal,
      progress: (step: string) => (step.startsWith('Writing') ? stop.abort() : undefined),
    };
    await expect(importMapping(session, path, {})).rejects.toMatchObject({ kind: 'interrupted' });
    expect((await ground.held(made)).filter((value) => value !== null)).toHaveLength(1000);
    expect(await ground.store.audit.list({ actor: 'map import' })).toHaveLength(1001);
    expect(await importMapping(ground.session, path, {})).toMatchObject({ unchanged: 1000, written: 200, rejected: 0 });
    expect(await ground.held(made)).toEqual(wanted(1200));
  });

  it('a second import at the same time leaves at once', async () => {
    const ground = await openGround();
    await ground.products([{ reference: ref(0) }]);
    const path = ground.file(fileOf(1));
    let second: Promise<unknown> | undefined;
    ground.meanwhile('search_read', async () => {
      second = importMapping(ground.session, path, {});
      await expect(second).rejects.toMatchObject({ kind: 'busy' });
    });
    expect(await importMapping(ground.session, path, {})).toMatchObject({ written: 1 });
    expect(second).toBeDefined();
  });
});
