import { describe, expect, it } from 'vitest';
import { cartonaAddress, isUnencrypted, odooAddress } from '../../../src/lib/settings/address.js';

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
