import { describe, expect, it } from 'vitest';
import { runCli, type CliResult } from '../fixtures/cli.js';
import { logIn, startSandboxes } from '../fixtures/sandboxes.js';

async function ready() {
  const sandboxes = await startSandboxes({ orders: 0 });
  await logIn(sandboxes);
  const settings = (...args: string[]): Promise<CliResult> => runCli(['settings', ...args], { env: sandboxes.env });
  const value = async (key: string): Promise<unknown> =>
    (await settings(key, '--json')).json<{ settings: { value: unknown }[] }>().settings[0]?.value;
  return { ...sandboxes, settings, value };
}

describe('cartona settings', () => {
  it('takes the warehouses and locations that Odoo has, and names them where one is wrong', async () => {
    const { odoo, settings, value } = await ready();
    const [warehouse] = odoo.store.records('stock.warehouse');
    const id = String(warehouse?.['id']);
    expect(await settings('stock.warehouses', id)).toMatchObject({ code: 0, stderr: '' });
    const wrong = await settings('stock.warehouses', `${id},9999`);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(
      /^Error: stock\.warehouses cannot be "\d+,9999": Odoo has no warehouse 9999; there (is|are) [^\n]+\.\n$/,
    );
    expect(wrong.stderr).toContain(`${id} (${String(warehouse?.['name'])})`);
    expect(await value('stock.warehouses')).toEqual([Number(id)]);
    expect((await settings('stock.locations', '9999')).stderr).toMatch(
      /Odoo has no location 9999; there (is|are) \d+ \(/,
    );
    expect(await settings('stock.warehouses', 'none')).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes them unchecked, and says so, while Odoo cannot be asked', async () => {
    const { odoo, settings, value } = await ready();
    await odoo.close();
    expect(await settings('stock.warehouses', '9999')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^Warning: Taken without being checked in Odoo: Odoo at [^\n]+ cannot be reached [^\n]+\n$/,
      ) as string,
    });
    expect(await value('stock.warehouses')).toEqual([9999]);
  });

  it('refuses an alert address that is none, and clears one by an empty value', async () => {
    const { settings, value } = await ready();
    expect((await settings('alerts.webhook', 'https://chat.example.com/x')).code).toBe(0);
    expect(await settings('alerts.webhook', 'none')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('cartona settings alerts.webhook ""') as string,
    });
    expect(await value('alerts.webhook')).toBe('https://chat.example.com/x');
    expect((await settings('alerts.webhook', '')).code).toBe(0);
    expect(await value('alerts.webhook')).toBe('');
  });
});
