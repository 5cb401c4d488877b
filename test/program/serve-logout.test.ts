import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openShop } from '../fixtures/shop.js';

describe('cartona serve, and what becomes of its profile', () => {
  it('logout ends it with code 2 and says what to do', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    expect((await shop.run('logout')).code).toBe(0);
    const { code, stderr } = await service.ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('was logged out while the service ran; run `cartona login`'),
    ]);
  });

  it('a damaged secrets file stops sending and receiving, and says which file', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    writeFileSync(join(shop.env['CARTONA_HOME'] ?? '', 'secrets.json'), '{"default"');
    const { message } = await service.until('secrets');
    expect(message).toMatch(/secrets\.json is damaged.* Nothing is sent or received/);
    expect((await service.stop()).code).toBe(0);
  });
});
