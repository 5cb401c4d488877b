import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { startReceiver, type Receiver, type ReceiverEvent, type ReceiverOptions } from '../../../../src/lib/live/receiver/receiver.js';
import { openSqliteStore } from '../../../../src/lib/store/sqlite/sqlite-store.js';
import type { Store } from '../../../../src/lib/store/store.js';
import { samplePaths, sampleProfile } from '../../settings/sample.js';

export const ORDERS = '/cartona_integration/webhook/orders';
export const STATUS = '/cartona_integration/webhook/order_status';
export const TOKEN = 'a-bearer-token-of-the-test';
export const SECRET = `whsec_${Buffer.from('a signing key of thirty-two byte').toString('base64')}`;
export const OTHER_SECRET = `whsec_${Buffer.from('the next key, also of some bytes').toString('base64')}`;

export interface Ground {
  readonly receiver: Receiver;
  readonly store: Store;
  readonly dataFile: string;
  readonly log: ReceiverEvent[];
  /** How often something new was told. */
  readonly told: () => number;
  post(path: string, body: string | Buffer | undefined, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

type Wanted = Partial<Omit<ReceiverOptions, 'settings'>> & { settings?: Partial<ReceiverOptions['settings']> };

/** A receiver with a SQLite file behind it; both end with the test. Without a limit of requests unless it is set. */
export async function startGround({ settings, ...wanted }: Wanted = {}): Promise<Ground> {
  const { dataFile } = samplePaths();
  const store = openSqliteStore(dataFile, 'test');
  const log: ReceiverEvent[] = [];
  let told = 0;
  const receiver = await startReceiver({
    host: '127.0.0.1', port: 0, bearerToken: TOKEN, signingSecrets: [],
    settings: { ...sampleProfile().webhooks, requestsPerSecond: 0, ...settings },
    keep: (events) => store.events.keep(events, Date.now()),
    onKept: () => (told += 1),
    log: (event) => log.push(event),
    ...wanted,
  });
  onTestFinished(async () => {
    await receiver.close(0);
    await store.close();
  });
  return { receiver, store, dataFile, log, told: () => told, post: (path, body, headers) => post(receiver, path, body, headers) };
}

async function post({ url }: Receiver, path: string, body: string | Buffer | undefined, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown), headers: answer.headers };
}

/** The headers of a signed message, as the specification of Standard Webhooks reckons them. */
export function signed(body: string, { id = 'msg_1', at = Date.now(), secrets = [SECRET] }: { id?: string; at?: number; secrets?: readonly string[] } = {}): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64'));
  return { authorization: '', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' ') };
}

export const order = (hashedId: string, changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    hashed_id: hashedId, status: 'pending', total_price: 20.5, pickup_otp: '4711-secret', retailer: { retailer_name: 'بقالة النور' },
    order_details: [{ id: 1, internal_product_id: 'P-1', amount: 2, selling_price: 10.25 }], ...changes,
  });

/** What the server says to these bytes until it closes the connection, or until `enough` was said. */
export function raw({ url }: Receiver, send: (write: (bytes: string | Buffer) => void) => void, enough: (text: string) => boolean = () => false): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => send((bytes) => socket.write(bytes)));
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      if (enough(text)) socket.destroy();
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
