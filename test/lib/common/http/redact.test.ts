import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../../src/lib/common/http/redact.js';

const secrets = ['pa"ss/wörd+<&>\'', 'eyJhbGciOi.J9-x_Zt~0', 'two words % of it', 'plainword1234'];

const percentAll = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const unicode = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
const json = (text: string): string => JSON.stringify(text).slice(1, -1);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const forms: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (s) => s,
  'in a URL': encodeURIComponent,
  'in a URL, lower case': (s) => encodeURIComponent(s).replace(/%../g, (code) => code.toLowerCase()),
  'in a URL, every byte': percentAll,
  'in a form': (s) => new URLSearchParams({ s }).toString().slice(2),
  'in a URL in a URL': (s) => encodeURIComponent(encodeURIComponent(s)),
  'in JSON': json,
  'in JSON, every character': unicode,
  'in JSON, upper case': (s) => unicode(s).replace(/u..../g, (code) => `u${code.slice(1).toUpperCase()}`),
  'in JSON in JSON': (s) => json(json(s)),
  "in Python's JSON": (s) => json(s).replace(/[^\x20-\x7e]/g, unicode),
  "in PHP's JSON": (s) => json(s).replaceAll('/', '\\/'),
  'in HTML': html,
  'in HTML in HTML': (s) => html(html(s)),
  'in HTML, by numbers': (s) => [...s].map((c) => `&#${c.codePointAt(0)};`).join(''),
  'in HTML, by hexadecimal numbers': (s) => [...s].map((c) => `&#x${c.codePointAt(0)?.toString(16)};`).join(''),
  'in HTML in JSON': (s) => json(html(s)),
  'in base64': base64,
  'in base64 without its end': (s) => base64(s).replace(/=+$/, ''),
  'in base64 of URLs': (s) => Buffer.from(s).toString('base64url'),
  'in base64 in a URL': (s) => encodeURIComponent(base64(s)),
  'in hexadecimal digits': (s) => Buffer.from(s).toString('hex'),
  'in capital hexadecimal digits': (s) => Buffer.from(s).toString('hex').toUpperCase(),
};

describe('blotting out secrets', () => {
  it.each(Object.entries(forms))('%s', (_, form) => {
    for (const secret of secrets) {
      const redactor = new Redactor([secret]);
      expect(redactor.text(`[${form(secret)}]`)).toBe('[[secret]]');
    }
  });

  it('in base64 of a text that it is a part of, wherever it stands there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...secrets),
        fc.string({ maxLength: 7 }),
        fc.string({ maxLength: 7 }),
        (secret, before, after) => {
          const blotted = new Redactor([secret]).text(base64(`${before}${secret}${after}`));
          expect(blotted).toContain('[secret]');
          const left = blotted.split('[secret]').map((part) => Buffer.from(part, 'base64').toString());
          for (const part of left) expect(part).not.toContain(secret.slice(3, -3));
        },
      ),
    );
  });

  it('leaves ordinary words and other texts alone', () => {
    const redactor = new Redactor(['a', '', ...secrets]);
    redactor.add(undefined);
    const text = 'a table, 100 % & more \\u0628 {"plain":"word"} two words';
    expect(redactor.text(text)).toBe(text);
  });

  it('a secret that holds another is taken out whole', () => {
    const redactor = new Redactor(['token-and']);
    redactor.add('token-and-more');
    expect(redactor.text('is token-and-more')).toBe('is [secret]');
  });
});
