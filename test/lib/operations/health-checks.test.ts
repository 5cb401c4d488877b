import { describe, expect, it } from 'vitest';
import type { RuntimeState } from '../../../src/lib/operations/runtime-state.js';
import type { SyncStatus } from '../../../src/lib/operations/status.js';
import { checkHealth } from '../../../src/lib/operations/health-checks.js';
import { sampleProfile } from '../../fixtures/profile.js';

const MIN = 60_000;
const NOW = 10_000 * MIN;
const ago = (minutes: number): number => NOW - minutes * MIN;
const profile = sampleProfile();

/** A live service that does everything in time. */
const runtimeState = (fields: Partial<RuntimeState> = {}): RuntimeState => ({
  service: { pid: 1, host: 'h', url: 'u', since: ago(5000), beatAt: NOW, version: '1' },
  live: { since: ago(4000), by: 'mona' },
  reviewed: { price: undefined, stock: undefined },
  success: { tail: NOW, sweep: ago(5), orders_pull: ago(2) },
  remote: { cartona: { state: 'up', since: ago(3000) }, odoo: { state: 'up', since: ago(3000) } },
  sweep: undefined,
  lag: { price: undefined, stock: undefined },
  webhookHealth: undefined,
  ...fields,
});
const status = (fields: Partial<SyncStatus> = {}): SyncStatus => ({
  now: NOW,
  runtime: runtimeState(),
  service: 'running',
  deliveries: { price: {}, stock: {}, order_state: {} },
  awaitingOtp: 0,
  events: { count: 0, oldest: undefined },
  orders: {},
  unreadable: [],
  ...fields,
});
const causes = (one: SyncStatus): string[] => checkHealth(one, profile).map(({ cause }) => cause);

describe('troubles', () => {
  it('there are none while all is well, and none of lateness before going live', () => {
    expect(checkHealth(status(), profile)).toEqual([]);
    expect(
      causes(
        status({ service: 'stopped', runtime: runtimeState({ live: undefined, service: undefined, success: {} }) }),
      ),
    ).toEqual([]);
  });

  it.each<[string, Partial<SyncStatus>, string[]]>([
    ['a service that is gone', { service: 'gone' }, ['service']],
    ['a service that is silent', { service: 'silent' }, ['service']],
    [
      'a side that is down, and not what follows from it',
      {
        runtime: runtimeState({
          remote: { cartona: undefined, odoo: { state: 'down', since: ago(100), reason: 'no network' } },
          success: {},
        }),
      },
      ['odoo.down'],
    ],
    [
      'a refused token',
      { runtime: runtimeState({ remote: { cartona: { state: 'refused', since: ago(1) }, odoo: undefined } }) },
      ['cartona.refused'],
    ],
    [
      'the brake',
      {
        deliveries: {
          price: { braked: { count: 3, oldest: 1 } },
          stock: { braked: { count: 1, oldest: 1 } },
          order_state: {},
        },
      },
      ['brake.stock', 'brake.price'],
    ],
    [
      'failures',
      {
        deliveries: {
          price: { rejected: { count: 1, oldest: 1 }, given_up: { count: 1, oldest: 1 } },
          stock: {},
          order_state: {},
        },
      },
      ['failures.price'],
    ],
    [
      'what is discarded or was just tried is none',
      {
        deliveries: {
          price: {
            discarded: { count: 9, oldest: 1 },
            failed: { count: 2, oldest: ago(10) },
            delivered: { count: 9, oldest: undefined },
          },
          stock: {},
          order_state: {},
        },
      },
      [],
    ],
    [
      'a value that fails for long',
      { deliveries: { price: { failed: { count: 2, oldest: ago(16) } }, stock: {}, order_state: {} } },
      ['retrying.price'],
    ],
    [
      'an order that awaits its OTP is no failure of its own',
      { awaitingOtp: 2, deliveries: { price: {}, stock: {}, order_state: { rejected: { count: 2, oldest: 1 } } } },
      ['orders.otp'],
    ],
    ['held orders', { orders: { held: { count: 1, oldest: 1 }, received: { count: 5, oldest: 1 } } }, ['orders.held']],
    [
      'a listener that stands still',
      { runtime: runtimeState({ success: { tail: ago(6), sweep: NOW, orders_pull: NOW } }) },
      ['tail.late'],
    ],
    [
      'a sweep that does not end',
      { runtime: runtimeState({ success: { tail: NOW, sweep: ago(31), orders_pull: NOW } }) },
      ['sweep.late'],
    ],
    ['a pull that does not happen', { runtime: runtimeState({ success: { tail: NOW, sweep: NOW } }) }, ['orders.late']],
    ['events that nobody works off', { events: { count: 4, oldest: ago(6) } }, ['events.backlog']],
    [
      'nothing is late that could not happen before a side returned',
      { runtime: runtimeState({ success: {}, remote: { cartona: undefined, odoo: { state: 'up', since: ago(1) } } }) },
      [],
    ],
    [
      'webhooks refused in a row',
      { runtime: runtimeState({ webhookHealth: { refused: 5, reason: 'wrong token' } }) },
      ['webhooks.refused'],
    ],
    ['one stray webhook is none', { runtime: runtimeState({ webhookHealth: { refused: 1 } }) }, []],
  ])('%s', (_name, fields, expected) => {
    expect(causes(status(fields))).toEqual(expected);
  });

  it('names of one cause stay the same while its numbers change', () => {
    const braked = (count: number): SyncStatus =>
      status({ deliveries: { price: { braked: { count, oldest: 1 } }, stock: {}, order_state: {} } });
    expect(causes(braked(1))).toEqual(causes(braked(200)));
    expect(checkHealth(braked(200), profile)[0]?.reason).toContain('200 prices');
  });
});
