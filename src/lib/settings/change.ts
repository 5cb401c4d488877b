import { CartonaError } from '../common/errors.js';
import { requirementOf } from '../common/http/unreadable.js';
import { isHost, isWebAddress, refuseUnencrypted } from './address.js';
import { profileSchema, type Profile } from './profile.js';

export type SettingValue = string | number | boolean | readonly (string | number)[];

export interface Setting {
  /** As a person names it: `stock.measure`. */
  readonly key: string;
  readonly value: SettingValue;
}

type Tree = { readonly [key: string]: unknown };

/** What `cartona login` found; it is changed by logging in again, never by hand. */
const FOUND = /^(odoo\.|recordedAs\.|cartona\.(url|dialect)$)/;

/** Judged when a person changes it and not when the profile is read: one that was stored before must still open. */
const ADDRESSES: Readonly<Record<string, { readonly fits: (text: string) => boolean; readonly needs: string }>> = {
  'alerts.webhook': {
    fits: (text) => text === '' || isWebAddress(text),
    needs:
      'it must be a web address as https://example.com/hook; to clear it, give an empty value: cartona settings alerts.webhook ""',
  },
  'serve.host': {
    fits: isHost,
    needs: 'it must be an IP address or host name of this machine, without http:// or port; the default is 127.0.0.1',
  },
};

/** The settings of a profile that a person may change, with their values. */
export const settingsOf = (profile: Profile): Setting[] =>
  leaves(profile as unknown as Tree, '').filter(({ key }) => !FOUND.test(key));

/** One setting. @throws CartonaError `usage` naming the settings there are */
export function settingOf(profile: Profile, key: string): Setting {
  const settings = settingsOf(profile);
  const setting = settings.find((one) => one.key === key);
  if (setting) return setting;
  if (FOUND.test(key))
    throw new CartonaError('usage', `${key} was found by \`cartona login\`; log in again to change it.`);
  throw new CartonaError(
    'usage',
    `There is no setting "${key}"; the settings are ${settings.map((one) => one.key).join(', ')}.`,
  );
}

/**
 * The profile with one setting changed.
 * @param text the value as typed: a list is separated by commas, `none` is the empty list; other settings that may be
 * empty are so by an empty text
 * @param insecureHttp an alert's webhook may be at a public address without encryption
 * @throws CartonaError `usage` when there is no such setting or it cannot have that value
 */
export function changeSetting(profile: Profile, key: string, text: string, insecureHttp = false): Profile {
  const { value } = settingOf(profile, key);
  const address = ADDRESSES[key];
  if (address?.fits(text.trim()) === false)
    throw new CartonaError('usage', `${key} cannot be "${text}": ${address.needs}.`);
  if (key === 'alerts.webhook' && text.trim() !== '' && !insecureHttp)
    refuseUnencrypted(text.trim(), 'The webhook of alerts.webhook', ['private']);
  const changed = structuredClone(profile) as unknown as Record<string, unknown>;
  place(changed, key.split('.'), valueLike(value, key, text.trim()));
  const read = profileSchema.safeParse(changed);
  if (read.success) return read.data;
  throw new CartonaError('usage', `${key} cannot be "${text}": ${requirementOf(read.error.issues[0])}.`);
}

/** A value of the same type as the one that is there; whether it is allowed is the schema's to say. */
function valueLike(old: SettingValue, key: string, text: string): SettingValue {
  if (Array.isArray(old))
    return text === '' || text === 'none'
      ? []
      : text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : part.trim()));
  if (typeof old === 'number') return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (typeof old !== 'boolean') return text;
  if (/^(true|yes|on|1)$/i.test(text)) return true;
  if (/^(false|no|off|0)$/i.test(text)) return false;
  throw new CartonaError('usage', `${key} cannot be "${text}": it is true or false.`);
}

function leaves(tree: Tree, prefix: string): Setting[] {
  return Object.entries(tree).flatMap(([name, value]): Setting[] => {
    const key = `${prefix}${name}`;
    if (Array.isArray(value)) return [{ key, value: value as (string | number)[] }];
    if (typeof value === 'object' && value !== null) return leaves(value as Tree, `${key}.`);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [{ key, value }] : [];
  });
}

function place(tree: Record<string, unknown>, path: readonly string[], value: SettingValue): void {
  const [name = '', ...below] = path;
  if (below.length === 0) tree[name] = value;
  else place(tree[name] as Record<string, unknown>, below, value);
}
