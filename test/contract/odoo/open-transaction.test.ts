import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { product } from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

/**
 * The command that enters the real server's database, as `psql -h 127.0.0.1 -U odoo odoo18`; without it real servers
 * are left out.
 */
const PSQL = process.env['CARTONA_TEST_ODOO_PSQL'];

/** Changes a variant in a transaction that stays open until the function given back is called. */
async function changeInOpenTransaction(odoo: Odoo, id: number): Promise<() => Promise<void>> {
  const { simulated } = odoo;
  if (simulated) {
    const open = simulated.store.open();
    open.change((env) => env.set('product.product', env.row('product.product', id), {}));
    return () => Promise.resolve(open.commit());
  }
  const psql = spawn('/bin/sh', ['-c', `exec ${PSQL ?? ''} -v ON_ERROR_STOP=1 -At`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(psql, 'exit');
  psql.stdin.write(
    `begin; update product_product set write_date = now() at time zone 'UTC' where id = ${id} returning id;\n`,
  );
  await once(psql.stdout, 'data');
  return async () => {
    psql.stdin.end('commit;\n');
    expect(await ended).toEqual([0, null]);
  };
}

contract('a transaction that stays open', (odoo) => {
  it.skipIf(!odoo.isSimulated && PSQL === undefined)(
    'is not seen until it commits, and then lies in the past: behind a cursor that went on meanwhile',
    async () => {
      const id = await product(odoo);
      const writeDate = async (): Promise<unknown> =>
        (await odoo.read('product.product', id, ['write_date'])).write_date;
      const second = (): string => odoo.now().toISOString().slice(0, 19).replace('T', ' ');
      const created = await writeDate();
      await odoo.nextSecond();
      const began = second();
      const commit = await changeInOpenTransaction(odoo, id);
      await odoo.nextSecond();
      await odoo.nextSecond();
      const cursor = second();
      expect(await writeDate()).toBe(created);
      await commit();
      expect(await writeDate()).toBe(began);
      const since = (text: string): Promise<number[]> =>
        odoo.search('product.product', [
          ['id', '=', id],
          ['write_date', '>=', text],
        ]);
      expect(await since(cursor)).toEqual([]);
      expect(await since(began)).toEqual([id]);
    },
  );
});
