import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it, onTestFinished } from 'vitest';
import { exportAudit } from '../../../src/lib/operations/audit-export.js';
import type { Session } from '../../../src/lib/session.js';
import { openWorld } from '../../fixtures/orders-world.js';

async function trail(count: number): Promise<{ session: Session; directory: string }> {
  const { session } = await openWorld({ version: 18, protocol: 'json-rpc' });
  const directory = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  await session.store.audit.write(
    Array.from({ length: count }, (_, at) => ({
      at: at * 1000,
      actor: 'serve',
      system: 'cartona' as const,
      action: 'price',
      record: `K${at}`,
      from: '-1',
      to: '2.50',
      outcome: at % 2 === 0 ? 'delivered' : 'rejected',
      detail: at === 0 ? '=cmd("x"),\n"quoted"' : undefined,
    })),
  );
  return { session, directory };
}

it('CSV holds every entry of the filter, oldest first, and no cell that a spreadsheet would run', async () => {
  const { session, directory } = await trail(2500);
  const path = join(directory, 'audit.csv');
  expect(await exportAudit(session, {}, path, 'csv')).toBe(2500);
  const rows = parse<Record<string, string>>(readFileSync(path), { columns: true, bom: true });
  expect(rows.map((row) => row['record'])).toEqual(Array.from({ length: 2500 }, (_, at) => `K${at}`));
  expect(rows[0]).toMatchObject({ at: '1970-01-01T00:00:00.000Z', to: '2.50', durationMs: '' });
  expect(rows[0]?.['detail']).not.toMatch(/^=/);
  expect(await exportAudit(session, { outcome: 'rejected', limit: 1100 }, path, 'csv')).toBe(1100);
  expect(statSync(path).size).toBeGreaterThan(0);
});

it('JSON is one array, also of nothing', async () => {
  const { session, directory } = await trail(1001);
  const path = join(directory, 'audit.json');
  await exportAudit(session, {}, path, 'json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(1001);
  expect(await exportAudit(session, { actor: 'nobody' }, path, 'json')).toBe(0);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual([]);
});

it('a place that cannot be written is named', async () => {
  const { session, directory } = await trail(1);
  await expect(exportAudit(session, {}, join(directory, 'no', 'such.csv'), 'csv')).rejects.toMatchObject({
    kind: 'local',
  });
});
