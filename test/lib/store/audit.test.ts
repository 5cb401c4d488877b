import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/lib/store/store.js';
import { dataFile } from '../../fixtures/store.js';

describe('the audit trail', () => {
  const entry = (fields: Partial<AuditEntry>): AuditEntry => ({
    at: 1,
    actor: 'serve',
    system: 'cartona',
    action: 'price',
    record: 'A',
    outcome: 'delivered',
    ...fields,
  });

  it('is found by who, what, where, how it ended and when; newest first', async () => {
    const { audit } = dataFile().open();
    await audit.write([
      entry({ at: 1 }),
      entry({ at: 2, actor: 'sync prices' }),
      entry({ at: 3, system: 'odoo', action: 'state', record: 'h1' }),
      entry({ at: 4, outcome: 'rejected', detail: 'x'.repeat(5000) }),
    ]);
    const found = async (filter: Parameters<typeof audit.list>[0]): Promise<number[]> =>
      (await audit.list(filter)).map((one) => one.at);
    expect(await found({})).toEqual([4, 3, 2, 1]);
    expect(await found({ actor: 'serve' })).toEqual([4, 3, 1]);
    expect(await found({ system: 'odoo' })).toEqual([3]);
    expect(await found({ action: 'state', record: 'h1' })).toEqual([3]);
    expect(await found({ outcome: 'rejected' })).toEqual([4]);
    expect(await found({ since: 2, until: 4 })).toEqual([3, 2]);
    expect(await found({ limit: 1 })).toEqual([4]);
    expect((await audit.list({ limit: 1 }))[0]?.detail).toHaveLength(1000);
  });

  it('is followed in the order of writing', async () => {
    const { audit } = dataFile().open();
    await audit.write([entry({ at: 9 }), entry({ at: 8 })]);
    const last = (await audit.list({ limit: 1 }))[0]?.id ?? 0;
    await audit.write([entry({ at: 7 }), entry({ at: 6 })]);
    expect((await audit.list({ afterId: last })).map((one) => one.at)).toEqual([7, 6]);
  });

  it('is pruned by age, that of this profile only', async () => {
    const file = dataFile();
    const [one, other] = [file.open().audit, file.open('other').audit];
    for (const audit of [one, other]) await audit.write([entry({ at: 1 }), entry({ at: 5 })]);
    await one.prune(5);
    expect((await one.list({})).map((row) => row.at)).toEqual([5]);
    expect(await other.list({})).toHaveLength(2);
  });
});
