import { describe, expect, it } from 'vitest';
import { createAbsent } from '../../../../src/lib/odoo/records/create-absent.js';
import { writeExisting } from '../../../../src/lib/odoo/records/load.js';
import { openWorld, TARGETS, targetName } from '../../../fixtures/orders-world.js';

const FIELDS = ['id', 'name', 'ref', 'parent_id/.id'];

describe.each(TARGETS.map((target) => [targetName(target), target] as const))('loading into %s', (_name, target) => {
  it('creates what is absent and leaves what is there untouched, as often as it is repeated', async () => {
    const world = await openWorld(target);
    const { session, id } = world;
    const record = (key: string, name: string) => ({
      key,
      rows: [[`__cartona__.retailer_${id(key)}`, name, id(key), '']],
    });
    const first = await createAbsent(
      session.odoo,
      'res.partner',
      FIELDS,
      [record('A', 'one'), record('B', 'two')],
      undefined,
    );
    await world.write('res.partner', first.loaded.get('A') ?? 0, { name: 'changed by a person' });
    const again = await createAbsent(
      session.odoo,
      'res.partner',
      FIELDS,
      [record('B', 'x'), record('C', 'three'), record('A', 'y')],
      undefined,
    );
    expect(again.loaded.get('A')).toBe(first.loaded.get('A'));
    expect(again.loaded.get('B')).toBe(first.loaded.get('B'));
    expect(await world.partner(first.loaded.get('A') ?? 0)).toMatchObject({ name: 'changed by a person' });
    expect(await world.partner(first.loaded.get('B') ?? 0)).toMatchObject({ name: 'two' });
    expect(await world.partner(again.loaded.get('C') ?? 0)).toMatchObject({ name: 'three', ref: id('C') });
  });

  it("bad records are named with Odoo's words, wherever they stand, and the others are made", async () => {
    const { session, id } = await openWorld(target);
    const bad = new Set(['0', '7', '8', '19']);
    const records = Array.from({ length: 20 }, (_, at) => ({
      key: String(at),
      rows: [[`__cartona__.retailer_${id(String(at))}`, `n${at}`, '', bad.has(String(at)) ? '999999999' : '']],
    }));
    const { loaded, rejected } = await createAbsent(session.odoo, 'res.partner', FIELDS, records, undefined);
    expect([...rejected.keys()].sort()).toEqual([...bad].sort());
    expect(rejected.get('7')).toContain('999999999');
    expect(loaded.size).toBe(16);
  });

  it('control characters in what Cartona sent do no harm', async () => {
    const world = await openWorld(target);
    const { session, id } = world;
    const { loaded, rejected } = await createAbsent(
      session.odoo,
      'res.partner',
      FIELDS,
      [{ key: 'A', rows: [[`__cartona__.retailer_${id('A')}`, 'a\u0000b\u0007c\ud800d', '', '']] }],
      undefined,
    );
    expect(rejected.size).toBe(0);
    expect(await world.partner(loaded.get('A') ?? 0)).toMatchObject({ name: 'abcd' });
  });

  it('a write is whole or not at all, and says why not', async () => {
    const world = await openWorld(target);
    const { session, id } = world;
    const { loaded } = await createAbsent(
      session.odoo,
      'res.partner',
      FIELDS,
      [{ key: 'A', rows: [[`__cartona__.retailer_${id('A')}`, 'a', '', '']] }],
      undefined,
    );
    const row = loaded.get('A') ?? 0;
    await expect(
      writeExisting(
        session.odoo,
        'res.partner',
        ['.id', 'name', 'parent_id/.id'],
        [
          [String(row), 'b', ''],
          ['999999999', 'c', ''],
        ],
      ),
    ).rejects.toMatchObject({ kind: 'refused' });
    expect(await world.partner(row)).toMatchObject({ name: 'a' });
  });
});
