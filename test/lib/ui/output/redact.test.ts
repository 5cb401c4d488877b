import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../../src/lib/ui/output/redact.js';

describe('blotting out secrets', () => {
  it('takes them out of any text, as they are, in a URL and in JSON', () => {
    const redactor = new Redactor();
    redactor.add('pa"ss/wörd');
    const text = `${'pa"ss/wörd'} ${encodeURIComponent('pa"ss/wörd')} ${JSON.stringify({ key: 'pa"ss/wörd' })}`;
    expect(redactor.text(text)).toBe('[secret] [secret] {"key":"[secret]"}');
  });

  it('leaves ordinary words alone', () => {
    const redactor = new Redactor();
    redactor.add('a');
    redactor.add('');
    redactor.add(undefined);
    expect(redactor.text('a table')).toBe('a table');
  });

  it('a secret that holds another is taken out whole', () => {
    const redactor = new Redactor();
    redactor.add('token');
    redactor.add('token-and-more');
    expect(redactor.text('is token-and-more')).toBe('is [secret]');
  });
});
