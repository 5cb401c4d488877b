import { BlockList, isIP } from 'node:net';

/**
 * Whose network a request crosses to reach a host, told by its name or address alone: `loopback` none (this machine),
 * `private` one's own (the shop's, a container's), `public` anybody's.
 */
export type Network = 'loopback' | 'private' | 'public';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('169.254.0.0', 16);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/**
 * The network of an address's host. 0.0.0.0 and [::] are no loopback: what answers there is whatever the system
 * chooses. A name without a dot, or one that ends in `.local`, is resolved by one's own network only.
 * @param url a web address
 */
export function networkOf(url: string): Network {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const version = isIP(host);
  if (version === 0) {
    if (host === 'localhost') return 'loopback';
    return /^[^.]+$|\.local$/.test(host) ? 'private' : 'public';
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return LOOPBACK.check(host, family) ? 'loopback' : PRIVATE.check(host, family) ? 'private' : 'public';
}
