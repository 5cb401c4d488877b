import { describe, expect, it } from 'vitest';
import { readOrder } from '../../../src/lib/cartona/client.js';
import { readMessages } from '../../../src/lib/live/webhooks/messages.js';
import { rawOrder } from '../../fixtures/orders.js';

describe('what is no id of an order', () => {
  it.each(['.', '..', ' .. ', 'a\u0000b', 'a\nb', '\u001b[2J', '\ud800'])(
    '%j is refused before it can stand in an address',
    (hashedId) => {
      const raw = { ...rawOrder([{}]), hashed_id: hashedId };
      expect(readOrder(raw)).toMatchObject({
        kind: 'unreadable',
        hashedId: undefined,
        reason: expect.stringContaining('hashed_id') as string,
      });
      expect(readMessages('order', Buffer.from(JSON.stringify(raw)), undefined)).toMatchObject({
        refusal: { status: 400 },
      });
    },
  );

  it.each(['8f3k2m9x0q1w7e5r4t6y', '...', 'a/../b', '%2e%2e', 42])('%j is one', (hashedId) => {
    const raw = { ...rawOrder([{}]), hashed_id: hashedId };
    expect(readOrder(raw)).toMatchObject({ hashedId: String(hashedId) });
  });
});
