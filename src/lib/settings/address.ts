import { isIP } from 'node:net';
import { CartonaError } from '../common/errors.js';
import { networkOf, type Network } from '../common/http/network.js';

/**
 * Cartona's address as it is stored: scheme and host, without the API's own path or a trailing slash. @throws
 * CartonaError `usage`
 */
export const cartonaAddress = (text: string): string => address(text, 'Cartona', /\/api(\/.*)?$/);

/**
 * Odoo's address as it is stored; what a browser shows behind it (`/web`, `/odoo`) is left out. @throws CartonaError
 * `usage`
 */
export const odooAddress = (text: string): string => address(text, 'Odoo', /\/(web|odoo)(\/.*)?$/);

/** The address that Odoo sends hints to, with the path of a proxy if there is one. @throws CartonaError `usage` */
export const pushAddress = (text: string): string => address(text, 'The service');

/** Whether a text is a whole web address, scheme included. */
export const isWebAddress = (text: string): boolean =>
  /^https?:$/.test(parsed(text)?.protocol ?? '') && /^https?:\/\//i.test(text);

/** Whether a service can be told to listen there: an IP address, or a host's name without scheme, port or path. */
export const isHost = (text: string): boolean =>
  isIP(text) !== 0 || /^(?!none$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(text);

/** True when secrets sent to this address cross a network unencrypted. */
export const isUnencrypted = (url: string): boolean =>
  new URL(url).protocol === 'http:' && networkOf(url) !== 'loopback';

/**
 * Refuses to send a secret unencrypted.
 * @param whose what the address is called in the error: "Cartona"
 * @param trusted networks that it may cross unencrypted
 * @throws CartonaError `usage` naming the flag that allows it
 */
export function refuseUnencrypted(url: string, whose: string, trusted: readonly Network[]): void {
  if (!isUnencrypted(url) || trusted.includes(networkOf(url))) return;
  throw new CartonaError(
    'usage',
    `${whose} at ${new URL(url).origin} would get its secret unencrypted, and nothing was sent; use https, or allow it with --insecure-http (CARTONA_INSECURE_HTTP=1).`,
  );
}

function address(text: string, whose: string, ownPath?: RegExp): string {
  const typed = text.trim();
  const url = parsed(/^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`);
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CartonaError('usage', `${whose}'s address must be a web address as https://example.com.`);
  if (url.username !== '' || url.password !== '') {
    throw new CartonaError(
      'usage',
      `${whose}'s address must not hold a login or password; give them by their own ways (see --help).`,
    );
  }
  return `${url.origin}${(ownPath ? url.pathname.replace(ownPath, '') : url.pathname).replace(/\/+$/, '')}`;
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Whether a text is an IP address, or a network of them in CIDR form. */
export function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest))
  );
}
