import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { connectOdoo, discoverOdoo, odooVersion, type OdooAccess } from '../../../src/lib/odoo/discover.js';
import { startOdoo, type OdooVersion, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';

/** An Odoo to enter; the same tests run on simulated ones and, where the environment names one, on a real server. */
interface Subject {
  readonly name: string;
  readonly open: () => Promise<OdooAccess & { close(): Promise<void> }>;
}

const simulated = (version: OdooVersion): Subject => ({
  name: `simulated ${version}`,
  open: async () => {
    const odoo: SimulatedOdoo = await startOdoo({ version });
    return { url: odoo.url, db: odoo.db, login: odoo.login, key: odoo.key, close: () => odoo.close() };
  },
});

function real(env: NodeJS.ProcessEnv): Subject[] {
  const {
    CARTONA_TEST_ODOO_URL: url,
    CARTONA_TEST_ODOO_DB: db,
    CARTONA_TEST_ODOO_LOGIN: login,
    CARTONA_TEST_ODOO_KEY: key,
  } = env;
  if (!url || !db || !login || !key) return [];
  return [{ name: `real, at ${url}`, open: async () => ({ url, db, login, key, close: async () => undefined }) }];
}

describe.each([simulated(16), simulated(18), simulated(19), ...real(process.env)])(
  'entering Odoo ($name)',
  ({ open }) => {
    let odoo: Awaited<ReturnType<Subject['open']>>;
    beforeAll(async () => {
      odoo = await open();
    });
    afterAll(() => odoo.close());
    const failing = (change: Partial<OdooAccess>, options = {}): Promise<unknown> =>
      discoverOdoo({ ...odoo, ...change }, { attempts: 1, ...options }).catch((error: unknown) => error);

    it('finds version, protocol, user, company and rights', async () => {
      const found = await discoverOdoo(odoo);
      expect(found.version).toEqual(await odooVersion(odoo.url, {}));
      expect(found.protocol).toBe(found.version.major >= 19 ? 'json-2' : 'json-rpc');
      expect(found.uid).toBeGreaterThan(0);
      expect(found.company.name).not.toBe('');
      expect(found.rights).toHaveLength(found.version.major < 19 ? 8 : 7);
      expect(found.rights.filter((right) => !right.granted)).toEqual([]);
    });

    it('every protocol of that version enters as the same user', async () => {
      const { version, uid, company } = await connectOdoo(odoo);
      const protocols =
        version.major >= 19 ? (['json-2', 'json-rpc', 'xml-rpc'] as const) : (['json-rpc', 'xml-rpc'] as const);
      for (const protocol of protocols)
        expect(await connectOdoo(odoo, { protocol })).toMatchObject({ protocol, uid, company });
      if (version.major < 19)
        expect(await failing({}, { protocol: 'json-2' })).toMatchObject({
          kind: 'usage',
          message: expect.stringMatching(/JSON-2 came with 19.*json-rpc/) as string,
        });
    });

    it('a company by id or by name in any case; another one is refused with the ones there are', async () => {
      const { company } = await connectOdoo(odoo);
      for (const wish of [String(company.id), company.name.toUpperCase()])
        expect((await connectOdoo(odoo, { company: wish })).company.id).toBe(company.id);
      expect(await failing({}, { company: 'Nobody' })).toMatchObject({
        kind: 'usage',
        message: expect.stringContaining(`${company.id} (`) as string,
      });
    });

    it("a field of the person's choice", async () => {
      expect((await discoverOdoo(odoo, { idField: 'default_code' })).idField.field).toEqual({
        model: 'product.product',
        name: 'default_code',
      });
      expect((await discoverOdoo(odoo, { idField: 'name' })).idField.field).toEqual({
        model: 'product.template',
        name: 'name',
      });
      expect(await failing({}, { idField: 'x_no_such_field' })).toMatchObject({ kind: 'usage' });
      expect(await failing({}, { idField: 'lst_price' })).toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('float') as string,
      });
    });

    it('a wrong key, login or database is told as what it is, without the key', async () => {
      expect(await failing({ key: 'planted-key' })).toMatchObject({
        kind: 'credentials',
        message: expect.not.stringContaining('planted-key') as string,
      });
      expect(await failing({ login: 'nobody' })).toMatchObject({ kind: 'credentials' });
      expect(await failing({ db: 'no-such-database' })).toMatchObject({
        kind: 'usage',
        message: expect.stringContaining('no such database') as string,
      });
    });

    it("an address that is not Odoo's, or nobody's", async () => {
      expect(await failing({ url: `${odoo.url}/nowhere` })).toMatchObject({
        kind: 'answer',
        message: expect.stringContaining('is not an Odoo') as string,
      });
      expect(await failing({ url: 'http://127.0.0.1:1' })).toMatchObject({ kind: 'unreachable' });
    });
  },
);

describe('what an Odoo may lack', () => {
  it.each([16, 18, 19] as const)('a salesperson of %i lacks the rights to products and contacts', async (version) => {
    const odoo = await startOdoo({ version });
    try {
      const { rights } = await discoverOdoo({ url: odoo.url, db: odoo.db, login: odoo.salesLogin, key: odoo.salesKey });
      expect(rights.filter((right) => !right.granted).map((right) => right.what)).toEqual([
        'write the Cartona id on products',
        'create customers',
      ]);
    } finally {
      await odoo.close();
    }
  });

  it.each([
    ['product', 'product.product'],
    ['template', 'product.template'],
  ] as const)('the field on the %s is found there', async (cartonaField, model) => {
    const odoo = await startOdoo({ cartonaField });
    try {
      expect((await discoverOdoo(odoo)).idField).toEqual({ field: { model, name: 'x_cartona_id' }, others: [] });
    } finally {
      await odoo.close();
    }
  });

  it("a password on 19 enters over JSON-RPC; somebody else's key does not enter", async () => {
    const odoo = await startOdoo({ version: 19 });
    try {
      expect((await connectOdoo({ ...odoo, key: odoo.password })).protocol).toBe('json-rpc');
      await expect(connectOdoo({ ...odoo, key: odoo.salesKey })).rejects.toMatchObject({ kind: 'credentials' });
      await expect(connectOdoo({ ...odoo, key: odoo.salesKey }, { protocol: 'json-2' })).rejects.toMatchObject({
        kind: 'credentials',
        message: expect.stringContaining("not that user's") as string,
      });
    } finally {
      await odoo.close();
    }
  });
});
