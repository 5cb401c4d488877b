import { describe, expect, it } from 'vitest';
import { changeSetting, settingOf, settingsOf } from '../../../src/lib/settings/change.js';
import { sampleProfile } from '../../fixtures/profile.js';

describe('settings', () => {
  it('lists what a person may change, and nothing that login found', () => {
    const keys = settingsOf(sampleProfile()).map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining([
        'cartona.stockPath',
        'cartona.inFlight',
        'stock.measure',
        'stock.warehouses',
        'orders.taxes',
        'brake.priceChangePercent',
      ]),
    );
    expect(keys.filter((key) => key.startsWith('odoo.') || key === 'cartona.url' || key === 'cartona.dialect')).toEqual(
      [],
    );
  });

  it.each([
    ['stock.measure', 'on_hand', 'on_hand'],
    ['cartona.inFlight', ' 16 ', 16],
    ['brake.priceChangePercent', '12.5', 12.5],
    ['orders.states.toCartona.underWay', 'assigned_to_salesman', 'assigned_to_salesman'],
    ['orders.states.toOdoo.approved', 'nothing', 'nothing'],
    ['stock.warehouses', '1, 4', [1, 4]],
    ['stock.warehouses', 'none', []],
    ['alerts.webhook', 'https://chat.example.com/hooks/abc?x=1', 'https://chat.example.com/hooks/abc?x=1'],
    ['alerts.webhook', '', ''],
    ['serve.host', '::1', '::1'],
    ['serve.host', 'hooks.internal', 'hooks.internal'],
  ])('%s %s', (key, text, value) => {
    const before = sampleProfile();
    const after = changeSetting(before, key, text);
    expect(settingOf(after, key).value).toEqual(value);
    expect(before).toEqual(sampleProfile());
    expect(settingsOf(after).filter((one) => one.key !== key)).toEqual(
      settingsOf(before).filter((one) => one.key !== key),
    );
  });

  it.each([
    ['stock.measure', 'guess', /it must be one of on_hand, free, forecast\.$/],
    ['cartona.inFlight', '0', /it must be at least 1\.$/],
    ['cartona.inFlight', '1.5', /it must be a whole number\.$/],
    ['cartona.inFlight', '', /it must be a number\.$/],
    ['brake.zeroStockSharePercent', '101', /it must be at most 100\.$/],
    ['orders.states.toOdoo.returned', 'cancelled', /it must be one of person, nothing\.$/],
    ['stock.warehouses', '1,WH', /each entry must be a number\.$/],
    ['alerts.webhook', 'none', /web address.* to clear it, give an empty value: cartona settings alerts\.webhook ""/],
    ['alerts.webhook', 'chat.example.com/hook', /web address/],
    ['alerts.webhook', 'https:chat.example.com', /web address/],
    ['alerts.webhook', 'ftp://chat.example.com', /web address/],
    ['serve.host', 'none', /IP address or host name/],
    ['serve.host', 'http://127.0.0.1', /IP address or host name/],
    ['serve.host', '127.0.0.1:8474', /IP address or host name/],
  ])('%s cannot be %j', (key, text, reason) => {
    expect(() => changeSetting(sampleProfile(), key, text)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringMatching(reason) as string }),
    );
  });

  it('an unknown setting names the known ones; a found one names login', () => {
    expect(() => changeSetting(sampleProfile(), 'stock.mesure', 'free')).toThrow(
      /There is no setting "stock.mesure"; the settings are .*stock\.measure/,
    );
    expect(() => changeSetting(sampleProfile(), 'odoo.url', 'https://x.example')).toThrow(/cartona login/);
    expect(() => changeSetting(sampleProfile(), '__proto__.x', '1')).toThrow(/There is no setting/);
  });
});
