import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { logIn, type LoginRequest } from '../../../src/lib/operations/login.js';
import { startSandboxes } from '../../fixtures/sandboxes.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that stands for both sides and counts what it is asked. */
async function startCounter(): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const request = (cartonaUrl: string, odooUrl: string): LoginRequest => ({
  cartonaUrl,
  cartonaToken: 'a-token-of-cartona',
  odooUrl,
  odooDb: 'shop',
  odooLogin: 'me',
  odooKey: 'a-key-of-odoo',
});

describe('a login at an address without encryption', () => {
  it.each([
    ['Cartona', 'http://0.0.0.0:PORT', 'http://127.0.0.1:PORT'],
    ['Odoo', 'http://127.0.0.1:PORT', 'http://0.0.0.0:PORT'],
  ])('of %s is refused before anything is sent to either side', async (whose, cartona, odoo) => {
    const { port, asked } = await startCounter();
    const at = (url: string): string => url.replace('PORT', String(port));
    await expect(logIn(request(at(cartona), at(odoo)))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(new RegExp(`^${whose} at .*nothing was sent.*--insecure-http`)) as string,
    });
    expect(asked()).toBe(0);
  });

  it('is done where that is allowed', async () => {
    const { port, asked } = await startCounter();
    const url = `http://0.0.0.0:${port}`;
    await expect(logIn({ ...request(url, url), insecureHttp: true })).rejects.toThrow();
    expect(asked()).toBeGreaterThan(0);
  });

  it("is asked for when Odoo is in one's own network; no means that nothing is sent", async () => {
    const { port, asked } = await startCounter();
    const questions: string[] = [];
    const agreeToUnencrypted = async (url: string): Promise<boolean> => {
      questions.push(url);
      return false;
    };
    await expect(
      logIn({ ...request(`http://127.0.0.1:${port}`, 'http://odoo:8069'), agreeToUnencrypted }),
    ).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('Nothing was sent') as string });
    expect([questions, asked()]).toEqual([['http://odoo:8069'], 0]);
  });

  it('is not asked about again at the addresses that the profile has', async () => {
    const { marketplace, odoo } = await startSandboxes({ products: 3, orders: 0 });
    const found = await logIn({
      cartonaUrl: marketplace.url,
      cartonaToken: marketplace.token,
      odooUrl: odoo.url,
      odooDb: odoo.db,
      odooLogin: odoo.login,
      odooKey: odoo.key,
    });
    const { port, asked } = await startCounter();
    const url = `http://0.0.0.0:${port}`;
    const { cartona, odoo: there } = found.profile;
    const stored = { ...found.profile, cartona: { ...cartona, url }, odoo: { ...there, url } };
    await expect(logIn({ ...request(url, url), stored })).rejects.not.toMatchObject({
      message: expect.stringContaining('--insecure-http') as string,
    });
    expect(asked()).toBeGreaterThan(0);
  });
});
