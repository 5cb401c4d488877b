import type { SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';

/** Calls a simulated Odoo over JSON-RPC without any client between; the answer as it came, or its error's message. */
export async function call(
  odoo: SimulatedOdoo,
  model: string,
  method: string,
  args: readonly unknown[],
  named: Record<string, unknown> = {},
  key = odoo.key,
): Promise<unknown> {
  const uid = await rpc(odoo, 'common', 'authenticate', [odoo.db, key === odoo.adminKey ? odoo.adminLogin : odoo.login, key, {}]);
  return rpc(odoo, 'object', 'execute_kw', [odoo.db, uid, key, model, method, args, named]);
}

export async function rpc(odoo: SimulatedOdoo, service: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const response = await fetch(`${odoo.url}/jsonrpc`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { data: { name: string; message: string } } };
  if (answer.error) throw new Error(`${answer.error.data.name}: ${answer.error.data.message}`);
  return answer.result;
}
