import { expect, it } from 'vitest';
import { z } from 'zod';
import { readGroups } from '../../../src/lib/odoo/read-groups.js';
import { product, unique } from '../../fixtures/odoo-contract/goods.js';
import { contract } from '../../fixtures/odoo-contract/subjects.js';

contract('columns of a whole catalogue', (odoo) => {
  it('array_agg gives several columns side by side in the order of the ids, archived products apart', async () => {
    const tag = unique(odoo);
    const made: number[] = [];
    for (const code of ['Z', 'A', 'M']) made.push(await product(odoo, { default_code: `${tag}${code}` }));
    const archived = await product(odoo, { default_code: `${tag}Q`, active: false });
    const client = {
      major: odoo.major,
      protocol: 'json-rpc' as const,
      url: '',
      call: async <S extends z.ZodType>(
        model: string,
        method: string,
        args: Record<string, unknown>,
        answer: S,
      ): Promise<z.output<S>> => answer.parse(await odoo.call(model, method, args)),
    };
    const groups = await readGroups(client, 'product.product', {
      domain: [['default_code', '=like', `${tag}%`]],
      groupBy: 'active',
      aggregates: {
        ids: { field: 'id', by: 'array_agg' },
        codes: { field: 'default_code', by: 'array_agg' },
        templates: { field: 'product_tmpl_id', by: 'array_agg' },
      },
      context: { active_test: false },
    });
    const active = groups.find((group) => group.group === true);
    expect(active?.ids).toEqual(made);
    expect(active?.codes).toEqual(['Z', 'A', 'M'].map((code) => `${tag}${code}`));
    expect(z.array(z.number()).parse(active?.templates)).toHaveLength(3);
    expect(groups.find((group) => group.group === false)).toMatchObject({ ids: [archived], codes: [`${tag}Q`] });

    const dated = await readGroups(client, 'product.product', {
      domain: [['id', 'in', made]],
      groupBy: 'active',
      aggregates: { dates: { field: 'write_date', by: 'array_agg' } },
    });
    const read = z
      .array(z.object({ id: z.number(), write_date: z.string() }))
      .parse(await odoo.call('product.product', 'read', { ids: made, fields: ['write_date'] }));
    expect(dated[0]?.dates).toEqual(made.map((id) => read.find((row) => row.id === id)?.write_date));
    expect(read[0]?.write_date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  });

  it("a price's decimals are told as digits up to 18, as the decimals shown from 19 on", async () => {
    const fields = z.record(z.string(), z.record(z.string(), z.unknown())).parse(
      await odoo.call('product.product', 'fields_get', {
        allfields: ['lst_price'],
        attributes: ['digits', 'min_display_digits'],
      }),
    );
    expect(fields['lst_price']).toMatchObject(
      odoo.major >= 19 ? { digits: false, min_display_digits: 2 } : { digits: [16, 2] },
    );
  });
});
