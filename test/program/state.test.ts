import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../fixtures/cli.js';
import { openShop } from '../fixtures/shop.js';

describe('cartona state', () => {
  it('backs up and restores; after an old copy came back nothing is equal before the listing was read', async () => {
    const shop = await openShop();
    const copy = join(temporaryDirectory(), 'copy.sqlite');
    shop.setPrice('P1', 12);
    expect((await shop.run('sync', 'prices')).code).toBe(0);
    expect(await shop.run('state', 'backup', copy)).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(await shop.run('state', 'backup', copy)).toMatchObject({ code: 2 });

    shop.setPrice('P1', 13);
    expect((await shop.run('sync', 'prices')).code).toBe(0);
    expect(shop.priceAt('P1')).toBe(13);
    // What the copy calls delivered is what Odoo wants again; Cartona has the price that came after the copy.
    shop.setPrice('P1', 12);
    expect(await shop.run('state', 'restore', copy)).toMatchObject({ code: 2 });
    const restored = await shop.run('state', 'restore', copy, '--yes', '--json');
    expect(restored.code).toBe(0);
    const { keptAside } = JSON.parse(restored.stdout) as { keptAside: string };
    expect((await shop.run('state', 'check', keptAside)).stdout).toContain('is sound');
    expect(await shop.run('sync', 'prices')).toMatchObject({ code: 0, stderr: '' });
    expect(shop.sentPrices('P1')).toEqual([12, 13, 12]);
    expect(shop.priceAt('P1')).toBe(12);
    expect((await shop.run('sync', 'prices')).stdout).toContain('0 sent');
  });

  it('recognises an old copy that was put back by hand, and an empty file in the place of the data', async () => {
    const shop = await openShop();
    const { dataFile } = shop.paths;
    shop.setPrice('P1', 12);
    await shop.run('sync', 'prices');
    const copy = readFileSync(dataFile);
    shop.setPrice('P1', 13);
    await shop.run('sync', 'prices');
    shop.setPrice('P1', 12);
    const putBack = (content: Buffer | undefined): void => {
      for (const end of ['', '-wal', '-shm']) rmSync(`${dataFile}${end}`, { force: true });
      if (content) writeFileSync(dataFile, content, { mode: 0o600 });
    };
    putBack(copy);
    const older = await shop.run('sync', 'prices');
    expect(older).toMatchObject({ code: 0, stderr: expect.stringContaining('is older than the one') as string });
    expect(shop.priceAt('P1')).toBe(12);
    putBack(undefined);
    expect((await shop.run('sync', 'prices')).stderr).toContain('is new, although another was used here before');
    expect((await shop.run('sync', 'prices')).stderr).toBe('');
  });

  it('is refused while the service runs, and names it', async () => {
    const shop = await openShop();
    const copy = join(temporaryDirectory(), 'copy.sqlite');
    const service = await shop.serveLive();
    expect((await shop.run('state', 'backup', copy)).code).toBe(0);
    const refused = await shop.run('state', 'restore', copy, '--yes');
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining('`cartona serve`') as string });
    await service.stop();
    expect((await shop.run('state', 'restore', copy, '--yes')).code).toBe(0);
    expect((await shop.run('state', 'check', '--json')).code).toBe(0);
  });
});
