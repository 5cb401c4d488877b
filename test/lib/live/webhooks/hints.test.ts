import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../../src/lib/live/webhooks/hints.js';
import { startGround } from '../../../fixtures/webhook-receiver.js';

const HINT = '/odoo/hint/the-hint-secret';

async function startHinted(
  settings = {},
): Promise<Awaited<ReturnType<typeof startGround>> & { hints: Hint[]; until: (count: number) => Promise<Hint[]> }> {
  const hints: Hint[] = [];
  let wake = (): void => undefined;
  const ground = await startGround({
    hintSecret: 'the-hint-secret',
    settings,
    // The clock stands still: no limit is filled up again.
    now: () => 1_800_000_000_000,
    onHint: (hint) => {
      hints.push(hint);
      wake();
    },
  });
  const until = async (count: number): Promise<Hint[]> => {
    while (hints.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return hints;
  };
  return { ...ground, hints, until };
}

describe('hints of Odoo', () => {
  it('are answered with 204 and told', async () => {
    const ground = await startHinted();
    const answer = await ground.post(
      HINT,
      '{"_action":"Push(#7)","_model":"product.template","_id":42,"list_price":1}',
      { authorization: '' },
    );
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect(await ground.until(1)).toEqual([{ model: 'product.template', id: 42 }]);
    expect(ground.receiver.stats.hints).toBe(1);
  });

  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a list', '[]'],
    ['other types', '{"_model":5,"_id":"x"}'],
  ])('%s is a hint all the same', async (_case, body) => {
    const ground = await startHinted();
    expect((await ground.post(HINT, body)).status).toBe(204);
    expect(await ground.until(1)).toEqual([{ model: undefined, id: undefined }]);
  });

  it('do not share the limit of the webhooks: a thousand changed prices are a thousand hints', async () => {
    const ground = await startHinted({ requestsPerSecond: 1 });
    for (let at = 0; at < 10; at += 1)
      await Promise.all(
        Array.from({ length: 100 }, () =>
          ground.post(HINT, '{"_model":"product.product","_id":1}').then(({ status }) => expect(status).toBe(204)),
        ),
      );
    expect(await ground.until(1000)).toHaveLength(1000);
  });

  it('with a wrong secret are unknown, and cannot be tried for ever', async () => {
    const ground = await startHinted({ requestsPerSecond: 2 });
    const statuses = [];
    for (const guess of ['the-hint-secreT', 'x', '', 'y'])
      statuses.push((await ground.post(`/odoo/hint/${guess}`, '{}')).status);
    expect(statuses).toEqual([404, 404, 429, 429]);
    expect(ground.hints).toEqual([]);
    expect(JSON.stringify(ground.log)).not.toContain('the-hint-secret');
  });

  it('that are too large: 413; by GET: 404', async () => {
    const ground = await startHinted();
    expect((await ground.post(HINT, `"${'x'.repeat(65_536)}"`)).status).toBe(413);
    expect((await fetch(`${ground.receiver.url}${HINT}`)).status).toBe(404);
    expect(ground.hints).toEqual([]);
  });
});
