import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessJson, oneLine } from '../../../src/lib/common/plain-text.js';

describe('text from outside', () => {
  it('is one line, and nothing in it moves a cursor or turns the text around', () => {
    expect(oneLine('a\r\nb\tc\u2028d\u0085e')).toBe('a b c d e');
    expect(oneLine('\u001b]0;title\u0007\u009b2J\u007f\u0000')).toBe('�]0;title��2J��');
    expect(oneLine('x\u202ey\u2066z\u200e\u200f\u061c\ufeff\u{e0041}')).toBe('x�y�z�����');
  });

  it('is left alone where it is plain: Arabic with its joiners, spaces, emoji', () => {
    for (const text of ['شاي العروسة — ٢٥٠ جرام', 'می\u200cخواهم', '  two  spaces ', '👩\u200d🌾'])
      expect(oneLine(text)).toBe(text);
  });

  it('in JSON is the same value, and harmless', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const json = harmlessJson(JSON.stringify({ text: `${text}\u0085\u202e\u2028\u{e0041}` }, undefined, 2));
        expect(JSON.parse(json)).toEqual({ text: `${text}\u0085\u202e\u2028\u{e0041}` });
        expect(json.replaceAll('\n', '')).toBe(oneLine(json.replaceAll('\n', '')));
      }),
    );
  });
});
