import { describe, expect, it } from 'vitest';
import { recordReviewed } from '../../../src/lib/catalog/reviewed.js';
import { goLive, requireReviews, stopSending } from '../../../src/lib/operations/go-live.js';
import { liveSince } from '../../../src/lib/operations/runtime-state.js';
import { openWorld } from '../../fixtures/orders-world.js';

const open = () => openWorld({ version: 18, protocol: 'json-rpc' });

describe('going live', () => {
  it('needs both complete reviews, and names the one that is missing', async () => {
    const { session } = await open();
    await expect(requireReviews(session)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/sync prices --dry-run.*sync stock --dry-run/),
    });
    await recordReviewed(session, 'price', { at: 5, differs: 3 });
    await expect(requireReviews(session)).rejects.toThrow(/run `cartona sync stock --dry-run` first/);
    await recordReviewed(session, 'stock', { at: 6, differs: 0 });
    expect(await requireReviews(session)).toEqual({ price: { at: 5, differs: 3 }, stock: { at: 6, differs: 0 } });
  });

  it('and stopping again stand on record, with who said so', async () => {
    const { session } = await open();
    await goLive({ ...session, now: () => 77 }, 'mona');
    expect(await liveSince(session)).toBe(77);
    await stopSending(session, 'ali');
    expect(await liveSince(session)).toBeUndefined();
    expect(
      (await session.store.audit.list({ action: 'go live' })).map(({ outcome, detail }) => [outcome, detail]),
    ).toEqual([
      ['not live', 'by ali'],
      ['live', 'by mona'],
    ]);
  });
});
