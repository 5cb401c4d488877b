import { expect, it } from 'vitest';
import { confirmed, customer, product } from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';
import { authenticate, faultOf, jsonRpc, post, xmlRpc } from '../../fixtures/odoo-contract/wire.js';

/** Parameters of `execute_kw` as the integration user. */
async function execution(
  odoo: Odoo,
  model: string,
  method: string,
  args: readonly unknown[],
  named: Record<string, unknown> = {},
): Promise<unknown[]> {
  const { db, integration } = odoo.server;
  return [
    db,
    await authenticate(odoo.server, integration.login, integration.secret),
    integration.secret,
    model,
    method,
    args,
    named,
  ];
}

const json2 = (
  odoo: Odoo,
  target: string,
  body: unknown,
  key = odoo.server.integration.secret,
): ReturnType<typeof post> =>
  post(`${odoo.server.url}/json/2/${target}`, JSON.stringify(body), {
    Authorization: `bearer ${key}`,
    'X-Odoo-Database': odoo.server.db,
  });

contract('protocols', (odoo) => {
  it('tells its version by common.version, and by GET /web/version from 19 on', async () => {
    const { result } = await jsonRpc(odoo.server.url, 'common', 'version', []);
    expect(result).toMatchObject({ server_serie: `${odoo.major}.0`, protocol_version: 1 });
    expect((await xmlRpc(odoo.server.url, 'common', 'version', [])).body).toContain(`<value><string>${odoo.major}.0`);
    const page = await fetch(`${odoo.server.url}/web/version`);
    expect(page.status).toBe(odoo.major >= 19 ? 200 : 404);
    if (odoo.major >= 19) expect(await page.json()).toMatchObject({ version_info: [odoo.major, 0, 0, 'final', 0, ''] });
  });

  it('takes an API key for a password; wrong credentials are `false`, not an error', async () => {
    const { login, secret } = odoo.server.integration;
    expect(await authenticate(odoo.server, login, secret)).toEqual(expect.any(Number));
    expect(await authenticate(odoo.server, login, 'wrong')).toBe(false);
    expect(await authenticate(odoo.server, 'nobody@nowhere', secret)).toBe(false);
  });

  it('gives the same records over every protocol', async () => {
    const id = await product(odoo, { default_code: `${odoo.tag}-same` });
    const answers = await Promise.all(
      odoo.protocols.map((protocol) =>
        odoo.call(
          'product.product',
          'read',
          { ids: [id], fields: ['default_code', 'lst_price', 'barcode', 'active', 'categ_id'] },
          'integration',
          protocol,
        ),
      ),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject([
      { id, default_code: `${odoo.tag}-same`, lst_price: 10, barcode: false, active: true },
    ]);
  });

  it('a method that returns nothing is a fault over XML-RPC although the work was done and committed', async () => {
    const order = await confirmed(odoo, await customer(odoo), []);
    const done = odoo.major >= 18 ? 'action_lock' : 'action_done';
    const fault = faultOf(
      await xmlRpc(odoo.server.url, 'object', 'execute_kw', await execution(odoo, 'sale.order', done, [[order]])),
    );
    expect(fault).toMatchObject({ code: 1 });
    expect(fault?.text).toContain('cannot marshal None');
    expect(await odoo.read('sale.order', order, odoo.major >= 18 ? ['locked'] : ['state'])).toMatchObject(
      odoo.major >= 18 ? { locked: true } : { state: 'done' },
    );
  });

  it('a method that returns nothing leaves the result out over JSON-RPC, and is null over JSON-2', async () => {
    const order = await confirmed(odoo, await customer(odoo), []);
    const done = odoo.major >= 18 ? 'action_lock' : 'action_done';
    const answer = await jsonRpc(
      odoo.server.url,
      'object',
      'execute_kw',
      await execution(odoo, 'sale.order', done, [[order]]),
    );
    expect(answer.error).toBeUndefined();
    expect(answer).not.toHaveProperty('result');
    if (odoo.major >= 19)
      expect(await json2(odoo, 'sale.order/action_unlock', { ids: [order] })).toMatchObject({
        status: 200,
        body: 'null',
      });
  });

  it('a dictionary with number keys is a fault over XML-RPC; over JSON the keys are text', async () => {
    const fault = faultOf(
      await xmlRpc(
        odoo.server.url,
        'object',
        'execute_kw',
        await execution(odoo, 'res.company', 'get_external_id', [[1]]),
      ),
    );
    expect(fault?.text).toContain('dictionary key must be string');
    const answer = await jsonRpc(
      odoo.server.url,
      'object',
      'execute_kw',
      await execution(odoo, 'res.company', 'get_external_id', [[1]]),
    );
    expect(answer.result).toEqual({ 1: 'base.main_company' });
  });

  it('XML-RPC tells a refusal in plain words (fault 2) and a bug with its traceback (fault 1)', async () => {
    const id = await customer(odoo);
    const refused = faultOf(
      await xmlRpc(
        odoo.server.url,
        'object',
        'execute_kw',
        await execution(odoo, 'res.partner', 'write', [[id], { name: false }]),
      ),
    );
    expect(refused).toMatchObject({ code: 2 });
    expect(refused?.text).not.toContain('Traceback');
    const bug = faultOf(
      await xmlRpc(
        odoo.server.url,
        'object',
        'execute_kw',
        await execution(odoo, 'res.partner', 'read', [[id], ['no_such_field']]),
      ),
    );
    expect(bug).toMatchObject({ code: 1 });
    expect(bug?.text).toMatch(/^Traceback[^]*Invalid field 'no_such_field' on/);
  });

  it('JSON-RPC tells errors with HTTP 200: name and message in the data, the traceback in its debug', async () => {
    const answer = await jsonRpc(
      odoo.server.url,
      'object',
      'execute_kw',
      await execution(odoo, 'res.partner', 'read', [[1], ['no_such_field']]),
    );
    expect(answer.status).toBe(200);
    expect(answer.error).toMatchObject({
      code: odoo.major >= 19 ? 0 : 200,
      message: 'Odoo Server Error',
      data: { name: 'builtins.ValueError' },
    });
    expect(answer.error?.data.message).toContain("Invalid field 'no_such_field' on");
    expect(answer.error?.data.debug).toContain('Traceback');
  });

  it.runIf(odoo.major >= 19)('JSON-2 tells errors by HTTP status with name, message and debug', async () => {
    const cases = [
      [await json2(odoo, 'res.partner/read', { ids: [1], fields: ['no_such_field'] }), 500, 'builtins.ValueError'],
      [await json2(odoo, 'ir.model.data/search', { domain: [] }), 403, 'odoo.exceptions.AccessError'],
      [
        await json2(odoo, 'res.partner/write', { ids: [999_999_999], vals: { ref: 'x' } }),
        404,
        'odoo.exceptions.MissingError',
      ],
      [
        await json2(odoo, 'res.partner/write', { ids: [await customer(odoo)], vals: { name: false } }),
        422,
        'odoo.exceptions.ValidationError',
      ],
      [await json2(odoo, 'no.such.model/search', { domain: [] }), 404, 'werkzeug.exceptions.NotFound'],
      [await json2(odoo, 'res.partner/no_such_method', {}), 404, 'werkzeug.exceptions.NotFound'],
    ] as const;
    for (const [answer, status, name] of cases) {
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject({
        name,
        message: expect.any(String),
        arguments: expect.any(Array),
        debug: expect.stringContaining('Traceback'),
      });
    }
  });

  it.runIf(odoo.major >= 19)('JSON-2 takes arguments by name only and refuses a call that does not fit', async () => {
    expect(await json2(odoo, 'res.partner/search', { domain: [['id', '=', -1]], limit: 1 })).toMatchObject({
      status: 200,
      body: '[]',
    });
    expect(await json2(odoo, 'res.partner/write', { ids: [1] })).toMatchObject({
      status: 422,
      body: expect.stringContaining("missing a required argument: 'vals'"),
    });
    expect(await json2(odoo, 'res.partner/create', { ids: [1], vals_list: [] })).toMatchObject({
      status: 422,
      body: expect.stringContaining('cannot call res.partner.create with ids'),
    });
  });

  it.runIf(odoo.major >= 19)('JSON-2 wants an API key: none or a wrong one is 401', async () => {
    expect(await json2(odoo, 'res.partner/search', { domain: [] }, 'wrong')).toMatchObject({
      status: 401,
      body: expect.stringContaining('Invalid apikey'),
    });
    expect(
      await post(`${odoo.server.url}/json/2/res.partner/search`, '{"domain":[]}', {
        'X-Odoo-Database': odoo.server.db,
      }),
    ).toMatchObject({ status: 401 });
  });

  it.runIf(odoo.major < 19)('there is no JSON-2 before 19', async () => {
    const answer = await json2(odoo, 'res.partner/search', { domain: [] });
    expect(answer).toMatchObject({
      contentType: expect.stringContaining('text/html'),
      body: expect.not.stringMatching(/^[[{]/),
    });
    // The web client of 18 sends whoever asks below /json to its login page, where it knows which database is meant.
    if (odoo.major === 18 && answer.status === 303)
      expect(answer.location).toBe('/web/login?redirect=%2Fjson%2F2%2Fres.partner%2Fsearch%3F');
    else expect(answer.status).toBe(404);
  });

  it('a wrong key is "Access Denied" in each of the older protocols', async () => {
    const [db, uid, , ...rest] = await execution(odoo, 'res.partner', 'search', [[]]);
    expect(faultOf(await xmlRpc(odoo.server.url, 'object', 'execute_kw', [db, uid, 'wrong', ...rest]))).toMatchObject({
      code: 3,
      text: expect.stringContaining('Access Denied'),
    });
    expect(
      (await jsonRpc(odoo.server.url, 'object', 'execute_kw', [db, uid, 'wrong', ...rest])).error?.data,
    ).toMatchObject({
      name: 'odoo.exceptions.AccessDenied',
      message: 'Access Denied',
    });
  });

  it('a wrong database is an error that names it', async () => {
    const answer = await jsonRpc(odoo.server.url, 'common', 'authenticate', ['no_such_database', 'x', 'y', {}]);
    expect(answer.error?.data.message).toContain('database "no_such_database" does not exist');
  });

  it('an unknown model, method, argument and field are errors; a private method is none to call', async () => {
    expect(await odoo.refusal(odoo.call('no.such.model', 'search', { domain: [] }))).toContain(
      "Object no.such.model doesn't exist",
    );
    expect(await odoo.refusal(odoo.call('res.partner', 'no_such_method', {}))).toContain('no_such_method');
    expect(await odoo.refusal(odoo.call('res.partner', 'search', { domain: [], no_such_argument: 1 }))).toContain(
      "unexpected keyword argument 'no_such_argument'",
    );
    expect(await odoo.refusal(odoo.search('res.partner', [['no_such_field', '=', 1]]))).toContain(
      'Invalid field res.partner.no_such_field',
    );
    expect(await odoo.refusal(odoo.write('res.partner', [await customer(odoo)], { no_such_field: 1 }))).toContain(
      'no_such_field',
    );
    expect(await odoo.refusal(odoo.create('res.partner', { name: 'x', no_such_field: 1 }))).toContain(
      "Invalid field 'no_such_field'",
    );
    expect(await odoo.refusal(odoo.call('res.partner', '_write', { ids: [1], vals: {} }))).toContain('Private methods');
  });

  it('execute_kw looks for ids, and for the values of a new record, by position only', async () => {
    for (const [method, named] of [
      ['read', { ids: [1], fields: ['name'] }],
      ['create', { vals_list: { name: 'x' } }],
    ] as const) {
      const answer = await jsonRpc(
        odoo.server.url,
        'object',
        'execute_kw',
        await execution(odoo, 'res.partner', method, [], named),
      );
      expect(answer.error?.data).toMatchObject({
        name: 'builtins.IndexError',
        message: expect.stringContaining('index out of range'),
      });
    }
  });

  it('the parameter of `write` has another name on some models up to 18: by position it is the same on all', async () => {
    const order = await confirmed(odoo, await customer(odoo), []);
    const byName = await jsonRpc(
      odoo.server.url,
      'object',
      'execute_kw',
      await execution(odoo, 'sale.order', 'write', [[order]], { vals: { client_order_ref: 'by name' } }),
    );
    if (odoo.major >= 19) expect(byName.result).toBe(true);
    else expect(byName.error?.data.message).toContain("unexpected keyword argument 'vals'");
    const byPosition = await jsonRpc(
      odoo.server.url,
      'object',
      'execute_kw',
      await execution(odoo, 'sale.order', 'write', [[order], { client_order_ref: 'by position' }]),
    );
    expect(byPosition.result).toBe(true);
  });

  it('reading a record that is not there leaves it out; writing it is an error', async () => {
    expect(await odoo.call('res.partner', 'read', { ids: [999_999_999], fields: ['name'] })).toEqual([]);
    expect(await odoo.refusal(odoo.write('res.partner', [999_999_999], { ref: 'x' }))).toContain(
      'Record does not exist or has been deleted.',
    );
  });

  it('a translated field in a language that is not installed is an error, and is taken by 16 as if it had none', async () => {
    const id = await product(odoo);
    const read = odoo.read('product.product', id, ['name'], { lang: 'xx_YY' });
    if (odoo.major <= 16) expect(await read).toEqual(await odoo.read('product.product', id, ['name']));
    else expect(await odoo.refusal(read)).toContain('Invalid language code: xx_YY');
  });

  it("a company that is not the user's is an error", async () => {
    const id = await product(odoo);
    expect(
      await odoo.refusal(odoo.read('product.product', id, ['qty_available'], { allowed_company_ids: [999_999] })),
    ).toContain('Access to unauthorized or invalid companies.');
  });
});
