/** What stands where a secret stood. */
const BLOT = '[secret]';
/**
 * Shorter ones are words as like as not ("sandbox", "odoo"): blotting them out would garble every sentence and tell
 * what the secret is.
 */
const SHORTEST = 8;
/** Base64 of a longer text begins and ends inside a secret's bytes: fewer characters than this prove nothing. */
const SHORTEST_INSIDE = 8;

const HTML_NAMES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/** What begins an escape of an ASCII character, as other servers' JSON in Arabic (`\u06…`) does not. */
const ESCAPE = /[%&+]|\\(?!u0[1-9a-fA-F])/;
const ASCII = /^[\x20-\x7e]+$/;

/**
 * Blots secrets out of texts, in every form in which another program may repeat them: as they are, percent-encoded,
 * escaped for JSON, HTML or XML (each also twice), in base64 (alone or as a part of a longer text, as in a Basic
 * login) and in hexadecimal digits.
 */
export class Redactor {
  #secrets = new Set<string>();
  #pattern: RegExp | undefined;
  /** Texts that hold none of these and no escape hold no secret, which is found out faster than by the pattern. */
  #needles: readonly string[] = [];
  #ascii = true;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST || this.#secrets.has(secret)) return;
    // The longest first: one secret may hold another.
    this.#secrets = new Set([...this.#secrets, secret].sort((a, b) => b.length - a.length));
    const secrets = [...this.#secrets];
    this.#pattern = new RegExp(secrets.flatMap(patternsOf).join('|'), 'g');
    this.#needles = secrets.flatMap(needlesOf);
    this.#ascii = secrets.every((one) => ASCII.test(one));
  }

  text(value: string): string {
    if (this.#pattern === undefined) return value;
    const suspect = !this.#ascii || ESCAPE.test(value) || this.#needles.some((needle) => value.includes(needle));
    return suspect ? value.replace(this.#pattern, BLOT) : value;
  }
}

function patternsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [
    [...secret].map(escapedForms).join(''),
    ...base64Insides(bytes).map(base64Pattern),
    anyCase(bytes.toString('hex')),
  ];
}

/** What every form without escapes holds. */
function needlesOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const digits = bytes.toString('hex');
  return [secret, digits, digits.toUpperCase(), ...base64Insides(bytes).map(longestWord)];
}

const longestWord = (text: string): string =>
  text.split(/[^A-Za-z0-9]/).reduce((longest, word) => (word.length > longest.length ? word : longest), '');

/** One character, as it is or in the escapes of URLs, JSON, HTML and XML. */
function escapedForms(character: string): string {
  const percent = [...Buffer.from(character, 'utf8')].map((byte) => `%(?:25)*${anyCase(hex(byte, 2))}`).join('');
  const json = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\\\+u${anyCase(hex(unit, 4))}`)
    .join('');
  const point = character.codePointAt(0) ?? 0;
  const name = HTML_NAMES[character];
  const html = [`0*${point}`, `[xX]0*${anyCase(point.toString(16))}`].map((digits) => `&(?:amp;)*#${digits};`);
  return `(?:${[
    `\\\\*${literal(character)}`,
    percent,
    json,
    ...html,
    ...(name === undefined ? [] : [`&(?:amp;)*${name};`]),
    ...(character === ' ' ? ['\\+'] : []),
  ].join('|')})`;
}

/**
 * Base64 depends on where in the encoded text the secret begins: there are three ways. The characters that also hold
 * bits of what stands beside it are left out.
 */
const base64Insides = (bytes: Buffer): string[] =>
  [0, 1, 2]
    .map((before) =>
      Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3)),
    )
    .filter((inside) => inside.length >= SHORTEST_INSIDE);

/** With the characters at both ends; the alphabet of URLs has two others, and JSON and URLs escape the usual ones. */
const base64Pattern = (inside: string): string =>
  `[A-Za-z0-9+/_-]?${inside.replaceAll(/[+/]/g, (character) =>
    character === '+' ? '(?:[+-]|%2[bB]|\\\\u002[bB])' : '(?:\\\\*\\/|_|%2[fF]|\\\\u002[fF])',
  )}[A-Za-z0-9+/_-]?(?:=|%3[dD]){0,2}`;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const anyCase = (digits: string): string => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
