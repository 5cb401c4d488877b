import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { typeError } from '../orm/errors.js';
import { NumberKeyed } from './number-keyed.js';
import { isObject } from '../orm/values.js';

/** The reader of the `xmlrpc` package without its server; the package's types do not describe it. */
type Reader = new (encoding: string) => {
  deserializeMethodCall(stream: Readable, done: (error: Error | null, method: string, params: unknown[]) => void): void;
};

const Deserializer = createRequire(import.meta.url)('xmlrpc/lib/deserializer') as Reader;

/** @throws Error when it is no method call */
export function readMethodCall(body: Buffer): Promise<{ method: string; params: unknown[] }> {
  return new Promise((resolve, reject) => {
    new Deserializer('utf8').deserializeMethodCall(Readable.from([body]), (error, method, params) => {
      if (error) reject(error);
      else resolve({ method, params });
    });
  });
}

const HEAD = '<?xml version="1.0"?>\n<methodResponse>\n';

/** @throws OdooError TypeError for nothing and for dictionaries with number keys: the standard has neither */
export function methodResponse(value: unknown): string {
  return `${HEAD}<params>\n<param>\n${valueXml(value)}</param>\n</params>\n\n</methodResponse>\n`;
}

export function faultResponse(code: number, text: string): string {
  return `${HEAD}<fault>\n${valueXml({ faultCode: code, faultString: text })}</fault>\n\n</methodResponse>\n`;
}

function valueXml(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `<value><string>${escapeXml(value)}</string></value>\n`;
    case 'boolean':
      return `<value><boolean>${value ? 1 : 0}</boolean></value>\n`;
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31
        ? `<value><int>${value}</int></value>\n`
        : `<value><double>${value}</double></value>\n`;
    default:
      return compoundXml(value);
  }
}

function compoundXml(value: unknown): string {
  if (Array.isArray(value)) return `<value><array><data>\n${value.map(valueXml).join('')}</data></array></value>\n`;
  if (value instanceof NumberKeyed) throw typeError('dictionary key must be string');
  if (!isObject(value)) throw typeError('cannot marshal None unless allow_none is enabled');
  const members = Object.entries(value).map(
    ([name, item]) => `<member>\n<name>${escapeXml(name)}</name>\n${valueXml(item)}</member>\n`,
  );
  return `<value><struct>\n${members.join('')}</struct></value>\n`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
