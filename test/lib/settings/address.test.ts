import { describe, expect, it } from 'vitest';
import { cartonaAddress, isUnencrypted, odooAddress, refuseUnencrypted } from '../../../src/lib/settings/address.js';

describe('addresses', () => {
  it.each([
    ['https://odoo.example.com', 'https://odoo.example.com'],
    ['odoo.example.com', 'https://odoo.example.com'],
    [' https://odoo.example.com/ ', 'https://odoo.example.com'],
    ['https://odoo.example.com/web#action=1', 'https://odoo.example.com'],
    ['https://odoo.example.com/web/login?db=x', 'https://odoo.example.com'],
    ['https://odoo.example.com/odoo/sales/12', 'https://odoo.example.com'],
    ['http://127.0.0.1:8069', 'http://127.0.0.1:8069'],
    ['https://example.com/erp/', 'https://example.com/erp'],
  ])('Odoo at %j is %j', (typed, address) => {
    expect(odooAddress(typed)).toBe(address);
  });

  it.each([
    ['https://supplier-integrations.cartona.com/', 'https://supplier-integrations.cartona.com'],
    ['https://c.example/api/v1/base-product', 'https://c.example'],
    ['https://c.example/gateway/api/v1', 'https://c.example/gateway'],
  ])('Cartona at %j is %j', (typed, address) => {
    expect(cartonaAddress(typed)).toBe(address);
  });

  it.each(['', 'ftp://x.example', 'https://', 'http://a b', 'file:///etc/passwd'])('%j is no address', (typed) => {
    expect(() => odooAddress(typed)).toThrow(/web address/);
  });

  it('a password in an address is refused without being repeated', () => {
    expect(() => odooAddress('https://me:planted-secret@odoo.example')).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.not.stringContaining('planted') as string }),
    );
  });

  it.each([
    ['https://odoo.example', false, false],
    ['http://127.0.0.1:8069', false, false],
    ['http://127.9.9.9', false, false],
    ['http://localhost', false, false],
    ['http://[::1]:1', false, false],
    ['http://[::ffff:127.0.0.1]', false, false],
    ['http://10.0.0.1', true, false],
    ['http://172.31.0.1', true, false],
    ['http://192.168.1.5:8069', true, false],
    ['http://[fd00::1]', true, false],
    ['http://odoo:8069', true, false],
    ['http://shop.local', true, false],
    ['http://0.0.0.0:8069', true, true],
    ['http://0', true, true],
    ['http://[::]', true, true],
    ['http://172.32.0.1', true, true],
    ['http://localhost.example.com', true, true],
    ['http://127.0.0.1.example.com', true, true],
    ['http://x.localhost', true, true],
    ['http://odoo.example.com', true, true],
  ])("%s: refused everywhere %s, refused outside of a network of one's own %s", (url, anywhere, outside) => {
    const refused = (trusted: readonly ('private' | 'public')[]): boolean => {
      try {
        refuseUnencrypted(url, 'Odoo', trusted);
        return false;
      } catch (error) {
        expect(error).toMatchObject({
          kind: 'usage',
          message: expect.stringMatching(/nothing was sent.*--insecure-http/) as string,
        });
        return true;
      }
    };
    expect([refused([]), refused(['private'])]).toEqual([anywhere, outside]);
  });

  it('says when secrets would cross a network unencrypted', () => {
    expect(
      [
        'http://odoo.example',
        'http://10.0.0.1:80',
        'http://127.0.0.1:8069',
        'http://localhost',
        'http://[::1]:1',
        'https://odoo.example',
      ].map(isUnencrypted),
    ).toEqual([true, true, false, false, false, false]);
  });
});
