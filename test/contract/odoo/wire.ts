import { z } from 'zod';

/** Odoo's protocols without any client between, for what only the wire shows. */

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export async function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
    redirect: 'manual',
  });
  return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
}

const rpcAnswer = z.looseObject({
  result: z.unknown().optional(),
  error: z
    .looseObject({
      code: z.number(),
      message: z.string(),
      data: z.looseObject({ name: z.string(), message: z.string(), debug: z.string() }),
    })
    .optional(),
});
export type RpcAnswer = z.infer<typeof rpcAnswer>;

/** A JSON-RPC request as it goes over the wire. */
export async function jsonRpc(
  url: string,
  service: string,
  method: string,
  args: readonly unknown[],
): Promise<RpcAnswer & { readonly status: number }> {
  const answer = await post(`${url}/jsonrpc`, JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'call', params: { service, method, args } }));
  return { ...rpcAnswer.parse(JSON.parse(answer.body)), status: answer.status };
}

/** The user's id, or `false`. */
export async function authenticate(server: { url: string; db: string }, login: string, secret: string): Promise<unknown> {
  return (await jsonRpc(server.url, 'common', 'authenticate', [server.db, login, secret, {}])).result;
}

export async function serverMajor(url: string): Promise<number> {
  const { result } = await jsonRpc(url, 'common', 'version', []);
  return z
    .looseObject({ server_version_info: z.array(z.unknown()) })
    .transform((info) => z.number().parse(info.server_version_info[0]))
    .parse(result);
}

/** An XML-RPC request as it goes over the wire; parameters may be text, numbers, booleans, lists and dictionaries. */
export async function xmlRpc(url: string, service: string, method: string, params: readonly unknown[]): Promise<Answer> {
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params.map((param) => `<param>${xml(param)}</param>`).join('')}</params></methodCall>`;
  return post(`${url}/xmlrpc/2/${service}`, body, { 'Content-Type': 'text/xml' });
}

function xml(value: unknown): string {
  if (typeof value === 'number') return `<value><int>${value}</int></value>`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (Array.isArray(value)) return `<value><array><data>${value.map(xml).join('')}</data></array></value>`;
  if (typeof value === 'object' && value !== null) {
    return `<value><struct>${Object.entries(value)
      .map(([name, item]) => `<member><name>${name}</name>${xml(item)}</member>`)
      .join('')}</struct></value>`;
  }
  return `<value><string>${String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</string></value>`;
}

/** The fault in an XML-RPC answer, if it is one. */
export function faultOf(answer: Answer): { readonly code: number; readonly text: string } | undefined {
  const code = /<name>faultCode<\/name>\s*<value><int>(\d+)<\/int>/.exec(answer.body)?.[1];
  const text = /<name>faultString<\/name>\s*<value><string>([^]*?)<\/string>/.exec(answer.body)?.[1];
  return code === undefined || text === undefined
    ? undefined
    : { code: Number(code), text: text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&') };
}
