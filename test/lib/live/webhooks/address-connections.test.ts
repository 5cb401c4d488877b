import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AddressConnections } from '../../../../src/lib/live/webhooks/address-connections.js';
import { startGround } from '../../../fixtures/webhook-receiver.js';

const openAll = (limit: AddressConnections, address: string, count: number): number =>
  Array.from({ length: count }, () => limit.open(address)).filter(Boolean).length;

describe('the connections of one address', () => {
  it('are a part of all; of IPv6 a network is one address; who leaves makes room', () => {
    const limit = new AddressConnections(500, []);
    expect([openAll(limit, '192.0.2.1', 60), openAll(limit, '192.0.2.2', 60)]).toEqual([50, 50]);
    expect([openAll(limit, '2001:db8::1', 30), openAll(limit, '2001:db8::2', 30)]).toEqual([30, 20]);
    limit.close('192.0.2.1');
    expect(openAll(limit, '192.0.2.1', 5)).toBe(1);
    expect(openAll(new AddressConnections(5, []), '192.0.2.1', 60)).toBe(10);
  });

  it('are not limited for this machine and for listed proxies', () => {
    const limit = new AddressConnections(100, ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    for (const address of [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '10.1.2.3',
      '::ffff:10.9.9.9',
      '192.0.2.7',
      '2001:db8:5::1',
    ])
      expect([address, openAll(limit, address, 40)]).toEqual([address, 40]);
    expect([openAll(limit, '192.0.2.8', 40), openAll(limit, '::ffff:192.0.2.9', 40)]).toEqual([10, 10]);
  });

  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

  it.skipIf(own === undefined)('beyond the limit are closed, and others still get in', async () => {
    const ground = await startGround({ host: '0.0.0.0', settings: { connections: 100 } });
    const port = Number(new URL(ground.receiver.url).port);
    const sockets: Socket[] = [];
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    const held = await Promise.all(
      Array.from(
        { length: 12 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(port, own ?? '', () => resolve(socket));
            sockets.push(socket.on('error', () => undefined));
          }),
      ),
    );
    await Promise.any(held.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect(ground.receiver.stats.refused['too-many-connections']).toBeGreaterThan(0);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  });
});
