import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

let sandboxes: Sandboxes;

beforeAll(async () => {
  sandboxes = await startSandboxes({ products: 80, orders: 0, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
});

const cartona = (...args: string[]) => runCli(args, { env: { ...sandboxes.env } });

/** Somebody sets the price of the first mapped product in Odoo. */
function setPrice(price: number): string {
  return sandboxes.odoo.store.change((env) => {
    const [id = 0] = env.search('product.product', [['x_cartona_id', '!=', false]]);
    env.write('product.product', [id], { lst_price: price });
    return String(sandboxes.odoo.store.records('product.product').find((row) => row['id'] === id)?.['x_cartona_id']);
  });
}

describe('sync prices at the terminal', () => {
  it('shows product, id, old, new and change in a dry run, and sends only without it', async () => {
    const dry = await cartona('sync', 'prices', '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toMatch(/Product\s+Cartona id\s+Old\s+New\s+Change/);
    expect(dry.stdout).toMatch(/nothing was sent \(dry run\)/);
    const json = (await cartona('sync', 'prices', '--dry-run', '--json')).json<{
      differs: number;
      changes: { odooId: number; product: string; old: string; new: string }[];
    }>();
    expect(json.changes).toHaveLength(json.differs);
    expect(json.changes.every((change) => change.product !== '' && /^\d+\.\d\d$/.test(change.new))).toBe(true);
    const sent = await cartona('sync', 'prices');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    expect(await cartona('sync', 'prices', '--quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('without a terminal the brake holds with code 7 and names what it held; --yes lets it go', async () => {
    const cartonaId = setPrice(98_765);
    const held = await cartona('sync', 'prices');
    expect(held.code).toBe(7);
    expect(held.stdout).toMatch(new RegExp(`${cartonaId}.*98765\\.00`));
    expect(held.stderr).toMatch(/more than 50 %.*--yes/);
    expect((await cartona('sync', 'prices', '--quiet')).stderr).toMatch(/--yes/);
    expect(await cartona('sync', 'prices', '--yes')).toMatchObject({ code: 0 });
  });

  it('from cron, what is held back is told in one line, with code 3', async () => {
    const cartonaId = setPrice(0);
    const result = await cartona('sync', 'prices', '--quiet');
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toMatch(/^Warning: [^\n]+\n$/);
    expect(result.stderr).toContain(cartonaId);
  });

  it('a key that Odoo refuses is told by whoami and by a sync alike: code 4, no secret', async () => {
    const env = { ...sandboxes.env, CARTONA_ODOO_KEY: 'a-key-that-is-wrong' };
    for (const args of [['whoami'], ['sync', 'prices']]) {
      const result = await runCli(args, { env });
      expect(result.code).toBe(4);
      expect(result.stderr).toMatch(/refused the login or key/);
      expect(result.stdout + result.stderr).not.toContain('a-key-that-is-wrong');
    }
  });
});
