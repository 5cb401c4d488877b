import { describe, expect, it } from 'vitest';
import { WebhookHealth } from '../../../../src/lib/live/webhooks/webhook-health.js';

describe('webhook health', () => {
  const received = { kind: 'received', route: 'order', hashedIds: ['h'], repeats: 0 } as const;
  const refused = (reason: 'token' | 'signature' | 'malformed') =>
    ({ kind: 'refused', status: 401, reason, message: `bad ${reason}`, address: '::1' }) as const;

  it('counts refusals for want of credentials since the last that was taken; others say nothing', () => {
    const health = new WebhookHealth();
    health.take();
    health.note(refused('token'), 5);
    health.note(refused('signature'), 6);
    expect(health.take()).toEqual({ refused: 2, refusedSince: 5, reason: 'bad signature' });
    health.note({ kind: 'fault', error: new Error('x') }, 7);
    health.note(refused('malformed'), 7);
    expect(health.take()).toBeUndefined();
    health.note(received, 8);
    expect(health.take()).toEqual({ acceptedAt: 8, refused: 0 });
    expect(health.take()).toBeUndefined();
  });
});
