import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, temporaryDirectory } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';
import { hasTerminals, runAtTerminal } from '../fixtures/terminal.js';

let sandboxes: Sandboxes;
/** Cartona ids of the changed products, the smallest change first. */
let changed: string[];

const CHANGES = 30;

/** Thirty prices that the brake holds; the last of them changes by far the most. */
beforeAll(async () => {
  sandboxes = await startSandboxes({ products: 80, orders: 0, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
  await runCli(['sync', 'prices'], { env: sandboxes.env });
  const siblings = (ref: number) => sandboxes.supplier.products.filter(({ templateRef }) => templateRef === ref).length;
  const products = sandboxes.supplier.products.flatMap(({ active, cartonaId, listPrice, templateRef }) =>
    active && cartonaId !== null && siblings(templateRef) === 1 ? [{ cartonaId, price: Number(listPrice) }] : [],
  );
  changed = products.slice(0, CHANGES).map(({ cartonaId, price }, at) => {
    sandboxes.odoo.store.change((env) => {
      const ids = env.search('product.product', [['x_cartona_id', '=', cartonaId]]);
      env.write('product.product', ids, { lst_price: at === CHANGES - 1 ? price * 1000 : price * (2 + at / 10) });
    });
    return cartonaId;
  });
  expect(changed).toHaveLength(CHANGES);
});

/** Where each changed product stands in a text, in the order of the text. */
const listed = (text: string): string[] =>
  text.split('\n').flatMap((line) => changed.find((id) => line.split(/[\s,]+/).includes(id)) ?? []);

const largestFirst = () => [...changed].reverse();

describe('a list on which a yes rests', () => {
  it.runIf(hasTerminals)(
    'goes through the pager where it does not fit, and is printed where there is none',
    async () => {
      const seen = join(temporaryDirectory(), 'seen.txt');
      const paged = await runAtTerminal(['sync', 'prices'], {
        env: { ...sandboxes.env, PAGER: `tee '${seen}' > /dev/null` },
        answers: [{ when: /Send them\?/, type: 'n\r' }],
      });
      expect(paged.code).toBe(7);
      expect(listed(readFileSync(seen, 'utf8'))).toEqual(largestFirst());
      expect(listed(paged.screen)).toEqual([]);
      const printed = await runAtTerminal(['sync', 'prices', '--dry-run'], {
        env: { ...sandboxes.env, PAGER: 'no-such-pager' },
      });
      expect(listed(printed.screen)).toEqual(largestFirst());
    },
  );

  it.runIf(hasTerminals)('is not agreed to unseen: under --quiet nobody is asked', async () => {
    const result = await runAtTerminal(['sync', 'prices', '--quiet'], { env: sandboxes.env });
    expect(result).toMatchObject({ code: 7, screen: expect.stringMatching(/^Warning: [^\n]*--yes/) });
  });

  it('is whole without a terminal as well: in a dry run, when the brake holds it, in approve, in JSON', async () => {
    const run = (...args: string[]) => runCli(args, { env: sandboxes.env });
    expect(listed((await run('sync', 'prices', '--dry-run')).stdout)).toEqual(largestFirst());
    const { changes } = (await run('sync', 'prices', '--dry-run', '--json')).json<{
      changes: { cartonaId: string }[];
    }>();
    expect(changes.map(({ cartonaId }) => cartonaId)).toEqual(largestFirst());
    expect(listed((await run('sync', 'prices')).stdout)).toEqual(largestFirst());
    expect(listed((await run('approve')).stdout)).toEqual(largestFirst());
  });

  it.runIf(hasTerminals)(
    'Ctrl-C at the question: what it asks about was not done, says the audit trail too',
    async () => {
      const { code, screen } = await runAtTerminal(['sync', 'prices'], {
        env: { ...sandboxes.env, PAGER: 'cat > /dev/null' },
        answers: [{ when: /Send them\?/, type: '\u0003' }],
      });
      expect(code).toBe(130);
      expect(screen).toContain('Stopped at the question; what it asks about was not done.');
      const audit = ['audit', '--record', changed[0] ?? '', '--outcome', 'delivered', '--json'];
      expect((await runCli(audit, { env: sandboxes.env })).json<{ entries: unknown[] }>().entries).toHaveLength(1);
    },
  );

  it('goes into a file with --export, as CSV', async () => {
    const file = join(temporaryDirectory(), 'changes.csv');
    for (const command of [['sync', 'prices', '--dry-run'], ['sync', 'prices'], ['approve']]) {
      writeFileSync(file, '');
      const { stdout } = await runCli([...command, '--export', file], { env: sandboxes.env });
      expect(stdout).toContain(`30 rows written to ${file}.`);
      expect(listed(stdout)).toEqual([]);
      expect(listed(readFileSync(file, 'utf8'))).toEqual(largestFirst());
    }
  });

  it.runIf(hasTerminals)(
    'is shown whole at the question, the largest change first, and only a yes sends it',
    async () => {
      const result = await runAtTerminal(['sync', 'prices'], {
        env: sandboxes.env,
        rows: 60,
        answers: [{ when: /Send them\?/, type: 'n\r' }],
      });
      expect(result.code).toBe(7);
      expect(listed(result.screen)).toEqual(largestFirst());
      const approve = await runAtTerminal(['approve'], {
        env: sandboxes.env,
        rows: 60,
        answers: [{ when: /Send these 30\?/, type: 'y\r' }],
      });
      expect(approve.code).toBe(0);
      expect(listed(approve.screen)).toEqual(largestFirst());
      expect(approve.screen).toContain('30 values approved');
    },
  );
});
