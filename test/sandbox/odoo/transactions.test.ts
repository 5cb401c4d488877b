import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importedDatetime } from '../../../src/sandbox/odoo/orm/datetimes.js';
import { Table, type Undo } from '../../../src/sandbox/odoo/database/table.js';
import { startOdoo, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import { call } from '../../fixtures/sandbox-odoo-client.js';

const step = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), value: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ do: fc.constant('update' as const), at: fc.nat(), value: fc.constantFrom('a', 'b', false as const) }),
  fc.record({ do: fc.constant('remove' as const), at: fc.nat() }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does the steps to a table, and gives how to undo each. */
const apply = (table: Table, steps: readonly Step[]): Undo[] =>
  steps.map((item) => {
    const id = item.do === 'insert' ? 0 : 1 + (item.at % table.end);
    if (item.do === 'insert') return table.insert({ value: item.value }).undo;
    return item.do === 'update' ? table.update(id, { value: item.value }) : table.remove(id);
  });

function contents(table: Table): unknown {
  return {
    rows: [...table.scan()].map((row) => ({ ...row })),
    byValue: ['a', 'b', 'c', false].map((value) => [...table.lookup('value', value)].sort((x, y) => x - y)),
  };
}

describe("the simulated Odoo's tables", () => {
  it('are as before when every change is undone in reverse, indexes included', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), (before, after) => {
        const table = new Table();
        apply(table, before);
        const then = contents(table);
        for (const undo of apply(table, after).reverse()) undo();
        expect(contents(table)).toEqual(then);
      }),
    );
  });

  it('are as after when everything undone is done again, ids included', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 40 }), (before, after) => {
        const table = new Table();
        apply(table, before);
        const undos = apply(table, after);
        const then = contents(table);
        const redos = undos.reverse().map((undo) => undo());
        for (const redo of redos.reverse()) redo();
        expect(contents(table)).toEqual(then);
      }),
    );
  });

  it('give no id twice, be it undone', () => {
    const table = new Table();
    const first = table.insert({});
    first.undo();
    expect(table.insert({}).row.id).toBe(first.row.id + 1);
  });
});

describe("the simulated Odoo's transactions", () => {
  it('a failing call leaves nothing behind', async () => {
    const odoo = await startOdoo({ version: 18, supplier: makeSupplier({ seed: 1, products: 6, orders: 0 }) });
    const models = [
      'sale.order',
      'sale.order.line',
      'stock.picking',
      'stock.move',
      'stock.quant',
      'res.partner',
      'ir.model.data',
    ];
    const state = (): unknown => models.map((model) => odoo.store.records(model));
    const before = state();
    const rows = [
      ['__cartona__.o1', '1', '__cartona__.l1', '1', '2'],
      ['__cartona__.o2', '1', '__cartona__.l2', '99999', '2'],
    ];
    await call(odoo, 'sale.order', 'load', [
      ['id', 'partner_id/.id', 'order_line/id', 'order_line/product_id/.id', 'order_line/product_uom_qty'],
      rows,
    ]);
    await expect(
      call(odoo, 'sale.order', 'create', [
        {
          partner_id: 1,
          order_line: [
            [0, 0, { product_id: 1 }],
            [0, 0, { no_such: 1 }],
          ],
        },
      ]),
    ).rejects.toThrow('no_such');
    await expect(call(odoo, 'res.partner', 'create', [[{ name: 'one' }, { ref: 'nameless' }]])).rejects.toThrow(
      'require a name',
    );
    expect(state()).toEqual(before);
    await odoo.close();
  });

  it('of loads that overlap, one makes the order and the others are told in their messages that they lost', async () => {
    const odoo = await startOdoo({ version: 19, supplier: makeSupplier({ seed: 1, products: 2, orders: 0 }) });
    odoo.faults.add({ kind: 'latency', latencyMs: 300, times: 6, match: { method: 'load' } });
    const load = (): Promise<unknown> =>
      call(odoo, 'sale.order', 'load', [['id', 'partner_id/.id'], [['__cartona__.o', '1']]], {
        context: { mode: 'update', noupdate: true },
      });
    const answers = await Promise.all(Array.from({ length: 6 }, load));
    const lost = {
      ids: false,
      messages: [
        {
          type: 'error',
          record: 0,
          rows: { from: 0, to: 0 },
          message: 'could not serialize access due to concurrent update\n',
        },
      ],
      nextrow: 0,
    };
    expect(answers.filter((answer) => JSON.stringify(answer).includes('"ids":['))).toHaveLength(1);
    expect(answers.filter((answer) => JSON.stringify(answer).includes('"ids":false'))).toEqual(
      Array.from({ length: 5 }, () => lost),
    );
    expect(odoo.store.records('sale.order').filter((order) => order.partner_id === 1)).toHaveLength(1);
    expect(await load()).toMatchObject({ ids: [expect.any(Number)], messages: [] });
    await odoo.close();
  });

  it('a field made in a failing call is gone with it', async () => {
    const odoo = await startOdoo({ version: 18, supplier: makeSupplier({ seed: 1, products: 1, orders: 0 }) });
    const [model] = (await call(
      odoo,
      'ir.model',
      'search',
      [[['model', '=', 'product.template']]],
      {},
      odoo.adminKey,
    )) as number[];
    const field = { model_id: model, ttype: 'char', field_description: 'X' };
    await expect(
      call(
        odoo,
        'ir.model.fields',
        'create',
        [
          [
            { ...field, name: 'x_good' },
            { ...field, name: 'bad' },
          ],
        ],
        {},
        odoo.adminKey,
      ),
    ).rejects.toThrow("starts with 'x_'");
    expect(await call(odoo, 'product.product', 'fields_get', [['x_good']])).toEqual({});
    await odoo.close();
  });
});

describe('dates in imports', () => {
  it.each([
    ['2026-01-15 10:00:00', 'Africa/Cairo', '2026-01-15 08:00:00'],
    ['2026-07-15 10:00:00', 'Africa/Cairo', '2026-07-15 07:00:00'],
    ['2026-07-15 00:30:00', 'UTC', '2026-07-15 00:30:00'],
    ['2026-03-01 23:30:00', 'America/New_York', '2026-03-02 04:30:00'],
  ])('%s in %s is %s UTC', (text, zone, utc) => {
    expect(importedDatetime(text, zone)).toBe(utc);
  });

  it.each(['2026-01-15T10:00:00', '2026-01-15', 'soon', '2026-13-45 10:00:00'])('%s is none', (text) => {
    expect(importedDatetime(text, 'UTC')).toBeUndefined();
  });
});

describe('the simulated Odoo as a server', () => {
  const start = (version: 18 | 19): Promise<SimulatedOdoo> =>
    startOdoo({ version, supplier: makeSupplier({ seed: 1, products: 6, orders: 0 }) });

  it('goes down and comes back with its data on the same port', async () => {
    const odoo = await start(18);
    const id = await call(odoo, 'res.partner', 'create', [{ name: 'Kept' }]);
    const back = odoo.restart({ downMs: 50 });
    await expect(call(odoo, 'res.partner', 'read', [[id], ['name']])).rejects.toThrow();
    await back;
    expect(await call(odoo, 'res.partner', 'read', [[id], ['name']])).toEqual([{ id, name: 'Kept' }]);
    await odoo.close();
  });

  it('answers nothing while it is paused, and all of it afterwards', async () => {
    const odoo = await start(18);
    const resume = odoo.pause();
    let answered = false;
    const answer = call(odoo, 'res.partner', 'search_count', [[]]).then((count) => {
      answered = true;
      return count;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    resume();
    expect(await answer).toBeGreaterThan(0);
    await odoo.close();
  });

  it('what an open transaction did together, its own work it sees, is committed as a whole', async () => {
    const odoo = await start(19);
    const before = odoo.store.records('res.partner').length;
    const open = odoo.store.open();
    const id = open.change((env) => env.create('res.partner', { name: 'Open' }).id);
    expect(open.change((env) => env.row('res.partner', id).name)).toBe('Open');
    expect(odoo.store.records('res.partner')).toHaveLength(before);
    open.commit();
    expect(await call(odoo, 'res.partner', 'read', [[id], ['name']])).toEqual([{ id, name: 'Open' }]);
    await odoo.close();
  });
});
