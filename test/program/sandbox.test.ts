import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli, startCli, temporaryDirectory } from '../fixtures/cli.js';

interface Announcement {
  marketplace: { url: string; controls: string };
  odoo: { url: string; version: number };
  env: Record<string, string>;
  adminEnv: Record<string, string>;
}

/** Starts `cartona sandbox --json` and waits for its line. */
async function startSandbox(...flags: string[]) {
  const running = startCli(['sandbox', '--json', ...flags]);
  onTestFinished(() => {
    running.child.kill('SIGKILL');
  });
  const announced = new Promise<void>((resolve) => {
    running.child.stdout.on('data', () => {
      if (running.stdoutSoFar().includes('\n')) resolve();
    });
  });
  await Promise.race([announced, running.ended]);
  return { ...running, announcement: JSON.parse(running.stdoutSoFar()) as Announcement };
}

/** The rows of a table of requests: method and path, an example of the body. */
const controls = (text: string): { method: string; path: string; body: string }[] =>
  [...text.matchAll(/^\| `(GET|POST) (\/_sandbox\S+)` \| (?:`(.*?)`)? ?\|/gm)].map(
    ([, method = '', path = '', body = '']) => ({ method, path, body }),
  );

describe('cartona sandbox', () => {
  it('announces both servers in one line, serves a login and a set-up, and ends at SIGTERM with both ports free', async () => {
    const { child, ended, announcement, stdoutSoFar } = await startSandbox(
      '--odoo-version',
      '19',
      '--products',
      '30',
      '--orders',
      '3',
    );
    const home = { CARTONA_HOME: temporaryDirectory() };
    expect(await runCli(['login'], { env: { ...home, ...announcement.env } })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('over JSON-2') as string,
    });
    expect(await runCli(['odoo', 'setup'], { env: { ...home, ...announcement.adminEnv } })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Made the field') as string,
    });
    const products = await fetch(`${announcement.marketplace.controls}/state?what=products`);
    expect(await products.json()).not.toHaveLength(0);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(stdoutSoFar().trim().split('\n')).toHaveLength(1);
    for (const url of [announcement.marketplace.url, announcement.odoo.url]) await expect(fetch(url)).rejects.toThrow();
  });

  it('ports and seed can be fixed: the same seed gives the same credentials', async () => {
    const flags = ['--seed', '7', '--products', '10', '--orders', '0'];
    const [one, two] = [await startSandbox(...flags), await startSandbox(...flags)];
    expect(one.announcement.env['CARTONA_TOKEN']).toBe(two.announcement.env['CARTONA_TOKEN']);
    expect(one.announcement.adminEnv).toEqual(two.announcement.adminEnv);
    const port = new URL(one.announcement.odoo.url).port;
    const refused = await runCli(['sandbox', '--odoo-port', port]);
    expect(refused).toMatchObject({ code: 8, stderr: expect.stringContaining(`127.0.0.1:${port}`) as string });
    one.child.kill('SIGINT');
    await one.ended;
    const again = await startSandbox(...flags, '--odoo-port', port);
    expect(new URL(again.announcement.odoo.url).port).toBe(port);
  });

  it('does what docs/sandbox.md tells of its controls, and tells of them in its help', async () => {
    const {
      announcement: { marketplace, odoo },
    } = await startSandbox('--products', '30', '--orders', '1');
    const ask = (url: string, method = 'GET', body = ''): Promise<Response> =>
      fetch(url, { method, ...(body === '' ? {} : { body, headers: { 'content-type': 'application/json' } }) });
    const [{ internal_product_id: product } = { internal_product_id: '' }] = (
      (await (await ask(`${marketplace.controls}/orders`, 'POST')).json()) as {
        order_details: { internal_product_id: string }[];
      }
    ).order_details;
    const help = (await runCli(['sandbox', '--help'])).stdout;
    const [ofMarketplace = [], ofOdoo = []] = readFileSync(join(import.meta.dirname, '../../docs/sandbox.md'), 'utf8')
      .split("At Odoo's address:")
      .map(controls);
    expect([ofMarketplace.length, ofOdoo.length]).toEqual([12, 3]);
    for (const { method, path, body } of ofMarketplace) {
      const {
        hashed_id: id,
        order_details: [line],
      } = (await (await ask(`${marketplace.controls}/orders`, 'POST')).json()) as {
        hashed_id: string;
        order_details: { id: number }[];
      };
      if (path.endsWith('/finish-editing')) await ask(`${marketplace.controls}/orders/${id}/start-editing`, 'POST');
      const answer = await ask(
        marketplace.url + path.replace('/ID/', `/${id}/`),
        method,
        body.replace('LINE', String(line?.id)).replace('PRODUCT', product),
      );
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.any(String)]);
      if (/\/(pause|faults|webhooks)$/.test(path))
        expect((await ask(marketplace.url + path, 'DELETE')).status).toBe(200);
      expect(help).toContain(path.replace(/\/ID\/.*/, '/ID/ACTION').replace(/\?.*/, ''));
    }
    for (const { method, path, body } of ofOdoo)
      expect([path, (await ask(odoo.url + path, method, body)).status]).toEqual([path, 200]);
  });

  it('writes the mapping file', async () => {
    const file = join(temporaryDirectory(), 'mapping.csv');
    await startSandbox('--mapping-csv', file, '--bad-rows', '--products', '60');
    expect(readFileSync(file, 'utf8')).toMatch(/^\ufeffinternal_reference,cartona_id,name\n[\s\S]*NO-SUCH-PRODUCT/);
  });

  it('a person sees what to type', async () => {
    const { child, ended, stdoutSoFar } = startCli(['sandbox', '--products', '10', '--orders', '0']);
    await new Promise<void>((resolve) => {
      child.stdout.on('data', () => {
        if (stdoutSoFar().includes('Ready.')) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/export CARTONA_TOKEN=\S+/);
  });

  it('posts signed webhooks of what retailers do by themselves', async () => {
    const receiver = createHttpServer();
    const posted = new Promise<IncomingMessage>((resolve) => {
      receiver.on('request', (request, response) => {
        request.resume();
        response.end();
        resolve(request);
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      receiver.close();
      receiver.closeAllConnections();
    });
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    await startSandbox(
      '--products',
      '30',
      '--orders',
      '0',
      '--activity',
      '6000',
      '--webhook-url',
      url,
      '--webhook-token',
      'shared',
      '--webhook-secret',
      'whsec_c2VjcmV0',
    );
    const { url: path, headers } = await posted;
    expect(path).toBe('/cartona_integration/webhook/orders');
    expect(headers).toMatchObject({
      authorization: 'Bearer shared',
      'webhook-signature': expect.stringMatching(/^v1,/) as string,
    });
  });

  it('a malformed webhook secret or address is a mistake of usage', async () => {
    const refused = await runCli(['sandbox', '--webhook-url', 'http://127.0.0.1:1', '--webhook-secret', 'plain']);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--webhook-secret must be whsec_') as string,
    });
    expect(await runCli(['sandbox', '--webhook-url', 'nowhere'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--webhook-url must be') as string,
    });
    expect(await runCli(['sandbox', '--webhook-token', 'x'])).toMatchObject({ code: 2 });
  });

  it('a port that is taken by another program is named', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    expect(await runCli(['sandbox', '--cartona-port', String(port)])).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('already in use') as string,
    });
  });
});
