import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../../../src/lib/live/webhooks/receiver.js';
import { sampleProfile } from '../../../fixtures/profile.js';
import { ORDERS, OTHER_SECRET, SECRET, TOKEN, order, signed, startGround } from '../../../fixtures/webhook-receiver.js';

const BODY = order('A1', { note_message: 'اتصل قبل الوصول' });
const NO_TOKEN = { authorization: '' };

describe('the bearer token', () => {
  it.each([
    ['the right one', `Bearer ${TOKEN}`, 200],
    ['in another spelling of the scheme', `bearer  ${TOKEN}`, 200],
    ['a wrong one', 'Bearer wrong', 401],
    ['the beginning of it', `Bearer ${TOKEN.slice(0, -1)}`, 401],
    ['more than it', `Bearer ${TOKEN}x`, 401],
    ['another scheme', `Basic ${TOKEN}`, 401],
    ['none', '', 401],
  ])('%s', async (_case, authorization, status) => {
    const ground = await startGround();
    const answer = await ground.post(ORDERS, BODY, { authorization });
    expect(answer.status).toBe(status);
    expect(await ground.store.events.waiting(10)).toHaveLength(status === 200 ? 1 : 0);
    if (status === 401) expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(JSON.stringify([answer.body, ground.log])).not.toContain(TOKEN);
  });

  it('is asked for before the body is looked at', async () => {
    const ground = await startGround();
    expect((await ground.post(ORDERS, 'not JSON', NO_TOKEN)).status).toBe(401);
  });

  it('with neither token nor secret everything is refused, and the operator told what to do', async () => {
    const ground = await startGround({ bearerToken: undefined });
    const answers = [
      await ground.post(ORDERS, BODY),
      await ground.post(ORDERS, BODY, NO_TOKEN),
      await ground.post(ORDERS, BODY, { authorization: 'Bearer undefined' }),
      await ground.post(ORDERS, BODY, signed(BODY)),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 401, body: { error: expect.stringContaining('cartona webhook token') } });
    expect(ground.receiver.stats.refused).toEqual({ unconfigured: 4 });
  });
});

describe('signatures of Standard Webhooks', () => {
  it('the example of the specification verifies', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = {
      ...NO_TOKEN,
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const ground = await startGround({ signingSecrets: [secret], now: () => 1_614_265_330_000 });
    // No order: refused for that, and only after the signature was found right.
    expect(await ground.post(ORDERS, '{"test": 2432232314}', headers)).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('hashed_id') },
    });
    expect((await ground.post(ORDERS, '{"test": 2432232315}', headers)).status).toBe(401);
  });

  it('over the bytes as they came', async () => {
    const ground = await startGround({ signingSecrets: [SECRET] });
    const spaced = BODY.replaceAll(',', ' ,\n');
    expect((await ground.post(ORDERS, spaced, signed(spaced))).status).toBe(200);
    expect((await ground.store.events.waiting(1))[0]?.webhookId).toBe('msg_1');
  });

  it('several keys and several signatures: one that fits is enough, also among other versions', async () => {
    const ground = await startGround({ signingSecrets: [SECRET, OTHER_SECRET] });
    for (const [at, secrets] of [[SECRET], [OTHER_SECRET], [SECRET, OTHER_SECRET]].entries())
      expect((await ground.post(ORDERS, BODY, signed(BODY, { id: `m${at}`, secrets }))).status).toBe(200);
    const headers = signed(BODY, { id: 'm9' });
    expect(
      (
        await ground.post(ORDERS, BODY, {
          ...headers,
          'webhook-signature': `v1a,abcd nonsense v1, ${headers['webhook-signature']} v2,xyz`,
        })
      ).status,
    ).toBe(200);
  });

  it('a key that is exchanged holds from the next request on, without a restart', async () => {
    const ground = await startGround({ signingSecrets: [SECRET] });
    const next = (): Record<string, string> => signed(BODY, { secrets: [OTHER_SECRET] });
    expect((await ground.post(ORDERS, BODY, next())).status).toBe(401);
    ground.receiver.setSecrets({ bearerToken: TOKEN, signingSecrets: [SECRET, OTHER_SECRET] });
    expect((await ground.post(ORDERS, BODY, next())).status).toBe(200);
    ground.receiver.setSecrets({ bearerToken: 'another', signingSecrets: [OTHER_SECRET] });
    expect((await ground.post(ORDERS, BODY, signed(BODY))).status).toBe(401);
    expect((await ground.post(ORDERS, BODY)).status).toBe(401);
  });

  it.each([
    ['no id', { 'webhook-id': '' }],
    ['another id', { 'webhook-id': 'msg_2' }],
    ['no timestamp', { 'webhook-timestamp': '' }],
    ['a timestamp that is none', { 'webhook-timestamp': '2026-01-01T00:00:00Z' }],
    ['another timestamp', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 60) }],
    ['an empty signature', { 'webhook-signature': '' }],
    ['no version', { 'webhook-signature': 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }],
    ['a signature of another', { 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }],
    ['a short one', { 'webhook-signature': 'v1,g0hM' }],
    ['no base64', { 'webhook-signature': 'v1,????' }],
  ])('%s: 401', async (_case, change: Record<string, string>) => {
    const ground = await startGround({ signingSecrets: [SECRET] });
    expect((await ground.post(ORDERS, BODY, { ...signed(BODY), ...change })).status).toBe(401);
    expect(await ground.store.events.waiting(10)).toEqual([]);
  });

  it('the same signature in hexadecimal, or of another key, or of another body: 401', async () => {
    const ground = await startGround({ signingSecrets: [SECRET] });
    const headers = signed(BODY);
    const hex = Buffer.from((headers['webhook-signature'] ?? '').slice(3), 'base64').toString('hex');
    expect((await ground.post(ORDERS, BODY, { ...headers, 'webhook-signature': `v1,${hex}` })).status).toBe(401);
    expect((await ground.post(ORDERS, BODY, signed(BODY, { secrets: [OTHER_SECRET] }))).status).toBe(401);
    expect((await ground.post(ORDERS, BODY.replace('20.5', '20.6'), headers)).status).toBe(401);
    expect((await ground.post(ORDERS, ` ${BODY}`, headers)).status).toBe(401);
    expect(ground.receiver.stats.refused).toEqual({ signature: 4 });
  });

  it('a timestamp may be as far from now as the setting says, before and after', async () => {
    const now = 1_800_000_000_000;
    const ground = await startGround({ signingSecrets: [SECRET], settings: { toleranceSeconds: 60 }, now: () => now });
    const statuses = [];
    for (const seconds of [-61, -60, 60, 61])
      statuses.push(
        (await ground.post(ORDERS, BODY, signed(BODY, { id: `m${seconds}`, at: now + seconds * 1000 }))).status,
      );
    expect(statuses).toEqual([401, 200, 200, 401]);
    expect(ground.receiver.stats.refused).toEqual({ timestamp: 2 });
  });

  it('beside a token: what is signed must verify, what is not needs the token; without a token it is refused', async () => {
    const ground = await startGround({ signingSecrets: [SECRET] });
    expect((await ground.post(ORDERS, BODY)).status).toBe(200);
    expect((await ground.post(ORDERS, BODY, NO_TOKEN)).status).toBe(401);
    // A wrong signature is not mended by the right token.
    expect(
      (
        await ground.post(ORDERS, BODY, {
          ...signed(BODY, { secrets: [OTHER_SECRET] }),
          authorization: `Bearer ${TOKEN}`,
        })
      ).status,
    ).toBe(401);
    ground.receiver.setSecrets({ signingSecrets: [SECRET] });
    expect((await ground.post(ORDERS, BODY)).status).toBe(401);
    expect((await ground.post(ORDERS, BODY, signed(BODY))).status).toBe(200);
  });

  it('a secret of a wrong form is refused at the start, without being shown', async () => {
    const start = (secret: string): Promise<unknown> =>
      startGround({ signingSecrets: [secret] }).catch((error: unknown) => error);
    for (const secret of ['planted-secret', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64 at all!!!!!!!!!!!!!!!!!']) {
      const error = await start(secret);
      expect(error).toMatchObject({ kind: 'usage' });
      expect(String(error)).not.toContain(secret === 'whsec_' ? 'planted' : secret);
    }
  });
});

describe('starting', () => {
  it('at an address that is taken says so', async () => {
    const { receiver } = await startGround();
    const again = startReceiver({
      host: '127.0.0.1',
      port: Number(new URL(receiver.url).port),
      signingSecrets: [],
      settings: sampleProfile().webhooks,
      keep: async () => [],
      onKept: () => undefined,
    });
    await expect(again).rejects.toMatchObject({ kind: 'local', message: expect.stringContaining('already in use') });
  });
});
