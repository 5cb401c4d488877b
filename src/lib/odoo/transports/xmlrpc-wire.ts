import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';

/**
 * The `xmlrpc` package's writer and reader of the wire format, without its HTTP client: that one hands whatever a
 * server answers to the XML parser. Its types do not describe these two parts.
 */
interface Wire {
  readonly serializeMethodCall: (method: string, params: readonly unknown[], encoding?: string) => string;
  readonly Deserializer: new (encoding: string) => {
    deserializeMethodResponse(stream: Readable, done: (error: Error | null, result?: unknown) => void): void;
  };
}

const require = createRequire(import.meta.url);
const serializer = require('xmlrpc/lib/serializer') as Pick<Wire, 'serializeMethodCall'>;

export const Deserializer = require('xmlrpc/lib/deserializer') as Wire['Deserializer'];
export const serializeMethodCall = serializer.serializeMethodCall;
