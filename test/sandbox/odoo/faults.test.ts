import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOdoo, type OdooFault, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import { call, rpc } from '../../fixtures/sandbox-odoo-client.js';

const supplier = makeSupplier({ seed: 1, products: 5, orders: 0 });

let odoo: SimulatedOdoo;
beforeEach(async () => {
  odoo = await startOdoo({ version: 19, supplier });
});
afterEach(() => odoo.close());

const onWrite = (kind: OdooFault['kind']): OdooFault => ({ kind, match: { model: 'res.partner', method: 'write' } });
const setReference = (reference: string): Promise<unknown> =>
  call(odoo, 'res.partner', 'write', [[1], { ref: reference }]);
const reference = (): unknown => odoo.store.records('res.partner').find((partner) => partner.id === 1)?.ref;

describe("the simulated Odoo's faults", () => {
  it.each(['drop-before', '500', '502-html', 'serialization'] as const)(
    '%s: the call fails and nothing is done',
    async (kind) => {
      odoo.faults.add(onWrite(kind));
      await expect(setReference('x')).rejects.toThrow();
      expect(reference()).toBe(false);
      await setReference('y');
      expect(reference()).toBe('y');
    },
  );

  it.each(['drop-after', '504-after', 'malformed'] as const)(
    '%s: the call fails although the work was done',
    async (kind) => {
      odoo.faults.add(onWrite(kind));
      await expect(setReference('x')).rejects.toThrow();
      expect(reference()).toBe('x');
    },
  );

  it('serialization reaches load as a message, not as an error', async () => {
    odoo.faults.add({ kind: 'serialization', match: { method: 'load' } });
    const answer = await call(odoo, 'res.partner', 'load', [['id', 'name'], [['__cartona__.x', 'X']]]);
    expect(answer).toMatchObject({
      ids: false,
      messages: [{ type: 'error', message: 'could not serialize access due to concurrent update\n' }],
    });
  });

  it('expired-key refuses the credentials in each protocol', async () => {
    odoo.faults.add(
      { kind: 'expired-key', match: { path: '/json/2/' } },
      { kind: 'expired-key', match: { model: 'res.partner' } },
    );
    const headers = { 'Content-Type': 'application/json', Authorization: `bearer ${odoo.key}` };
    const search = (): Promise<Response> =>
      fetch(`${odoo.url}/json/2/res.partner/search`, { method: 'POST', headers, body: '{"domain":[]}' });
    expect((await search()).status).toBe(401);
    await expect(setReference('x')).rejects.toThrow('Access Denied');
    expect((await search()).status).toBe(200);
  });

  it('a timeout never answers, and closing the server ends it', async () => {
    odoo.faults.add(onWrite('timeout'));
    const waiting = setReference('x').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await odoo.close();
    expect(await waiting).toBeInstanceOf(Error);
    odoo = await startOdoo({ version: 19, supplier });
  });

  it('under latency a transaction keeps the date of its beginning, so that it commits behind a cursor', async () => {
    let now = new Date('2026-05-01T10:00:00Z');
    const slow = await startOdoo({ version: 18, supplier, clock: () => now });
    try {
      slow.faults.add({ kind: 'latency', latencyMs: 60, match: { method: 'write' } });
      const writing = call(slow, 'res.partner', 'write', [[1], { ref: 'late' }]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      now = new Date('2026-05-01T10:00:30Z');
      await call(slow, 'res.partner', 'write', [[2], { ref: 'soon' }]);
      const cursor = '2026-05-01 10:00:30';
      expect(await call(slow, 'res.partner', 'search', [[['write_date', '>=', cursor]]])).toEqual([2]);
      await writing;
      expect(await call(slow, 'res.partner', 'search', [[['write_date', '>=', cursor]]])).toEqual([2]);
      expect(await call(slow, 'res.partner', 'read', [[1], ['ref', 'write_date']])).toEqual([
        { id: 1, ref: 'late', write_date: '2026-05-01 10:00:00' },
      ]);
    } finally {
      await slow.close();
    }
  });

  it('befalls as many calls as told, and only those that match', async () => {
    odoo.faults.add({ kind: 'serialization', match: { method: 'write' }, times: 2 });
    await call(odoo, 'res.partner', 'search', [[]]);
    await expect(setReference('x')).rejects.toThrow('could not serialize access');
    await expect(setReference('x')).rejects.toThrow('could not serialize access');
    await setReference('x');
    expect(odoo.faults.pending()).toEqual([]);
  });

  it('is told and cleared over HTTP, and says what is wrong with a fault that is none', async () => {
    const control = (method: string, body?: unknown): Promise<Response> =>
      fetch(`${odoo.url}/_sandbox/faults`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
    expect(await (await control('POST', [{ kind: '500' }, { kind: 'timeout', times: 3 }])).json()).toEqual({
      pending: 2,
    });
    expect(await (await control('DELETE')).json()).toEqual({ pending: 0 });
    const refused = await control('POST', { kind: 'no-such' });
    expect(refused.status).toBe(400);
    expect(odoo.faults.pending()).toEqual([]);
    await rpc(odoo, 'common', 'version', []);
  });

  it('shows its records over HTTP', async () => {
    const shown = await (await fetch(`${odoo.url}/_sandbox/state?model=product.product`)).json();
    expect(shown).toHaveLength(5);
    expect(shown).toEqual(odoo.store.records('product.product'));
    expect((await fetch(`${odoo.url}/_sandbox/state?model=no.such`)).status).toBe(400);
  });
});
