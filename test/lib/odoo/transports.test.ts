import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOdooHttp, xmlRpcCall } from '../../../src/lib/odoo/transports/transports.js';

let server: Server | undefined;
afterEach(() => server?.close());

/** What becomes of an XML-RPC answer with this body. */
async function answered(body: string): Promise<unknown> {
  const made = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(body));
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const http = createOdooHttp(`http://127.0.0.1:${(made.address() as AddressInfo).port}`, undefined, { attempts: 1 });
  try {
    return await xmlRpcCall(http, 'common', 'version', [], 'repeatable', undefined);
  } finally {
    made.closeAllConnections();
  }
}

const response = (value: string): string =>
  `<?xml version="1.0"?><methodResponse><params><param><value>${value}</value></param></params></methodResponse>`;
const fault = (value: string): string => `<methodResponse><fault><value>${value}</value></fault></methodResponse>`;
const LEVELS = 200_000;

describe('answers over XML-RPC', () => {
  it('are read', async () => {
    expect(await answered(response('<array><data><value><int>3</int></value></data></array>'))).toEqual({
      kind: 'result',
      result: [3],
    });
  });

  it.each([
    ['nothing', ''],
    ['no XML', 'hello'],
    ['an end that is missing', response('<array><data>').slice(0, 80)],
    ['an unknown tag', response('<surprise/>')],
    ['a number that is none', response('<int>three</int>')],
    ['a date that is none', response('<dateTime.iso8601>yesterday</dateTime.iso8601>')],
    ['a fault without a text', fault('<nil/>')],
    [
      'a fault whose text is a number',
      fault('<struct><member><name>faultString</name><value><int>1</int></value></member></struct>'),
    ],
    [
      'more levels than anybody sends',
      response('<array><data><value>'.repeat(LEVELS) + '</value></data></array>'.repeat(LEVELS)),
    ],
  ])('that cannot be read are an error of the answer: %s', async (_, body) => {
    await expect(answered(body)).rejects.toMatchObject({
      kind: 'answer',
      message: expect.stringContaining('XML that cannot be read') as string,
    });
  });
});
