import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkOf } from './rate-limit.js';

/** One address may hold this part of all connections. */
const SHARE = 10;
const LEAST = 10;

/**
 * Counts the open connections of each address (of IPv6 each network), so that no one holds them all. This machine and
 * the listed proxies, behind which many senders stand, are not limited.
 */
export class AddressConnections {
  /** How many one address may hold. */
  readonly most: number;
  readonly #open = new Map<string, number>();
  readonly #exempt: BlockList;

  /**
   * @param connections how many may be open in all
   * @param proxies IP addresses, or networks as `10.0.0.0/8`
   */
  constructor(connections: number, proxies: readonly string[]) {
    this.most = Math.max(LEAST, Math.floor(connections / SHARE));
    this.#exempt = blockList(['127.0.0.0/8', '::1', ...proxies]);
  }

  /** @returns whether the address may have one more; where it may not, none is counted */
  open(address: string): boolean {
    if (this.#isExempt(address)) return true;
    const key = networkOf(address);
    const open = this.#open.get(key) ?? 0;
    if (open >= this.most) return false;
    this.#open.set(key, open + 1);
    return true;
  }

  /** One that was counted has ended. */
  close(address: string): void {
    const key = networkOf(address);
    const open = this.#open.get(key) ?? 0;
    if (open <= 1) this.#open.delete(key);
    else this.#open.set(key, open - 1);
  }

  #isExempt(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    if (isIPv4(plain)) return this.#exempt.check(plain, 'ipv4');
    return isIPv6(plain) && this.#exempt.check(plain, 'ipv6');
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
