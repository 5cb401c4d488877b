import { createRequire } from 'node:module';
import { refuseDeepXml } from '../../common/http/json.js';

/** What the reader does with its source: it hands it the parser's end. */
interface Source {
  setEncoding(encoding: string): void;
  on(event: 'error', listener: (error: Error) => void): void;
  pipe(parser: { end(text: string): void }): void;
}

/**
 * The `xmlrpc` package's writer and reader of the wire format, without its HTTP client: that one hands whatever a
 * server answers to the XML parser. Its types do not describe these two parts.
 */
interface Wire {
  readonly serializeMethodCall: (method: string, params: readonly unknown[], encoding?: string) => string;
  readonly Deserializer: new (encoding: string) => {
    deserializeMethodResponse(source: Source, done: (error: Error | null, result?: unknown) => void): void;
  };
}

/** What an XML-RPC answer holds: the method's result, or a refusal. */
export type XmlRpcAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'fault'; readonly code: number | undefined; readonly text: string };

const require = createRequire(import.meta.url);
const serializer = require('xmlrpc/lib/serializer') as Pick<Wire, 'serializeMethodCall'>;
const Deserializer = require('xmlrpc/lib/deserializer') as Wire['Deserializer'];

export const serializeMethodCall = serializer.serializeMethodCall;

/**
 * Reads an XML-RPC answer at once: the reader's own way, a stream, would raise some of what is wrong with an answer
 * where nobody can catch it.
 * @throws Error whatever is wrong with the XML
 */
export function readMethodResponse(xml: string): XmlRpcAnswer {
  refuseDeepXml(xml);
  let read: XmlRpcAnswer | Error | undefined;
  const source: Source = {
    setEncoding: () => undefined,
    on: () => undefined,
    pipe: (parser) => parser.end(xml),
  };
  new Deserializer('utf8').deserializeMethodResponse(source, (error, result) => {
    read ??= error ? faultOf(error) : { kind: 'result', result: result ?? null };
  });
  if (read === undefined) throw new Error('the XML ends too soon');
  if (read instanceof Error) throw read;
  return read;
}

/** The reader reports a fault as an error with two more fields. */
function faultOf(error: Error): XmlRpcAnswer | Error {
  const { faultCode, faultString } = error as Error & { faultCode?: unknown; faultString?: unknown };
  if (typeof faultString !== 'string') return error;
  return { kind: 'fault', code: typeof faultCode === 'number' ? faultCode : undefined, text: faultString };
}
