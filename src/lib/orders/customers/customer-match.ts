import type { Retailer } from '../../cartona/schemas.js';
import { normalisePhone, phonesIn } from './phone.js';

/** A contact in Odoo, as far as it decides who a retailer is. */
export interface Contact {
  readonly id: number;
  readonly name: string;
  readonly ref: string;
  readonly phones: readonly string[];
  readonly parentId: number | undefined;
}

/** How a retailer is told apart: by Cartona's code, else by phone. Never by name. */
export type RetailerIdentity =
  | { readonly kind: 'code'; readonly code: string; readonly phone: string | undefined }
  | { readonly kind: 'phone'; readonly phone: string };

/** @returns `undefined` for a retailer with neither a code nor a usable phone: nobody can say who that is */
export function identityOf(retailer: Retailer): RetailerIdentity | undefined {
  const phone = phoneOf(retailer);
  if (retailer.code !== undefined) return { kind: 'code', code: retailer.code, phone };
  return phone === undefined ? undefined : { kind: 'phone', phone };
}

const phoneOf = (retailer: Retailer): string | undefined =>
  normalisePhone(retailer.phone ?? '') ?? normalisePhone(retailer.phone2 ?? '');

/** The key under which a found customer is remembered. */
export const identityKey = (identity: RetailerIdentity): string =>
  identity.kind === 'code' ? `code:${identity.code}` : `phone:${identity.phone}`;

/** The contact that a retailer is, or that there is none, or several that nobody can choose between. */
export type ContactChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly contact: Contact }
  | { readonly kind: 'several'; readonly contacts: readonly Contact[] };

/** The contact whose reference is the retailer's code. */
export const contactByCode = (code: string, name: string, contacts: readonly Contact[]): ContactChoice =>
  choose(
    contacts.filter((contact) => contact.ref === code),
    name,
  );

/**
 * The contact with the retailer's phone. One that is known to be another retailer is not taken: an owner of two shops
 * may give one number for both.
 */
export function contactByPhone(
  identity: RetailerIdentity,
  name: string,
  contacts: readonly Contact[],
  otherRetailers: ReadonlySet<number>,
): ContactChoice {
  const { phone } = identity;
  if (phone === undefined) return { kind: 'none' };
  return choose(
    contacts.filter(
      (contact) => contact.phones.includes(phone) && (identity.kind === 'phone' || !otherRetailers.has(contact.id)),
    ),
    name,
  );
}

/** A company goes before its own contacts; where several are left, the name decides among them, and nothing else. */
function choose(matches: readonly Contact[], name: string): ContactChoice {
  const ids = new Set(matches.map((contact) => contact.id));
  const heads = matches.filter((contact) => contact.parentId === undefined || !ids.has(contact.parentId));
  const candidates =
    heads.length > 1 && heads.some((contact) => contact.name === name)
      ? heads.filter((contact) => contact.name === name)
      : heads;
  const [only] = candidates;
  if (only === undefined) return { kind: 'none' };
  return candidates.length === 1 ? { kind: 'one', contact: only } : { kind: 'several', contacts: candidates };
}

/** Every phone of a contact's fields, normalised. */
export const contactPhones = (...fields: readonly string[]): string[] => fields.flatMap(phonesIn);
