import { z } from 'zod';
import type { Retailer } from '../../cartona/schemas.js';
import type { AuditEntry } from '../../store/store.js';
import type { Session } from '../../session.js';
import { chunks } from '../../common/collections.js';
import {
  contactByCode,
  contactByPhone,
  contactPhones,
  identityKey,
  identityOf,
  type Contact,
  type ContactChoice,
  type RetailerIdentity,
} from './customer-match.js';
import { retailerExternalId } from '../../odoo/records/external-ids.js';
import { findByExternalIds } from '../../odoo/records/external-lookup.js';
import { createAbsent } from '../../odoo/records/create-absent.js';
import { newContactColumns, newContactRecord, type ContactFields } from './new-contact.js';
import { arabicPhonePattern, phonePattern } from './phone.js';

const CODES_AT_ONCE = 500;
/** Each phone is a pattern that Odoo tries on every contact. */
const PHONES_AT_ONCE = 50;

/** The contact that a retailer is in Odoo, or why that is not certain. */
export type Customer =
  { readonly kind: 'found'; readonly partnerId: number } | { readonly kind: 'held'; readonly reason: string };

interface CustomerRequest {
  readonly identity: RetailerIdentity;
  readonly retailer: Retailer;
}

const text = z
  .union([z.string(), z.literal(false)])
  .optional()
  .transform((value) => value || '');
const contactRows = z.array(
  z.object({
    id: z.number(),
    name: text,
    ref: text,
    phone: text,
    mobile: text,
    parent_id: z.union([z.number(), z.literal(false)]),
  }),
);

/**
 * Finds or creates the customer of every retailer: remembered, else by code, else by phone, else new. Never by name
 * alone: two shops of one name are two.
 * @returns the customers by `identityKey`
 */
export async function findCustomers(
  session: Session,
  retailers: readonly Retailer[],
  actor: string,
): Promise<Map<string, Customer>> {
  const wanted = new Map<string, CustomerRequest>();
  for (const retailer of retailers) {
    const identity = identityOf(retailer);
    if (identity) wanted.set(identityKey(identity), { identity, retailer });
  }
  const customers = await remembered(session, [...wanted.keys()]);
  const open = [...wanted.values()].filter((one) => !customers.has(identityKey(one.identity)));
  if (open.length === 0) return customers;
  const fields = await readContactFields(session);
  // Those with a code first: one without may be the same shop, and is then found by the phone of what was just made.
  for (const kind of ['code', 'phone'] as const) {
    const part = open.filter((one) => one.identity.kind === kind);
    for (const [key, customer] of await findOrMake(session, part, fields, actor)) customers.set(key, customer);
  }
  const found = [...customers].flatMap(([key, customer]) =>
    customer.kind === 'found' && open.some((one) => identityKey(one.identity) === key)
      ? [{ key, partnerId: customer.partnerId }]
      : [],
  );
  await session.store.retailers.put(found);
  return customers;
}

/** Customers found by earlier runs that still exist: contacts get merged and archived. */
async function remembered(session: Session, keys: readonly string[]): Promise<Map<string, Customer>> {
  const known = await session.store.retailers.get(keys);
  const there = new Set<number>();
  for (const ids of chunks([...new Set(known.values())], CODES_AT_ONCE)) {
    for (const id of await session.odoo.call(
      'res.partner',
      'search',
      { domain: [['id', 'in', ids]] },
      z.array(z.number()),
    ))
      there.add(id);
  }
  return new Map(
    [...known].flatMap(([key, partnerId]) =>
      there.has(partnerId) ? [[key, { kind: 'found' as const, partnerId }] as const] : [],
    ),
  );
}

async function findOrMake(
  session: Session,
  wanted: readonly CustomerRequest[],
  fields: ContactFields,
  actor: string,
): Promise<Map<string, Customer>> {
  const customers = new Map<string, Customer>();
  const decide = (one: CustomerRequest, choice: ContactChoice): boolean => {
    if (choice.kind === 'none') return false;
    customers.set(
      identityKey(one.identity),
      choice.kind === 'one'
        ? { kind: 'found', partnerId: choice.contact.id }
        : { kind: 'held', reason: ambiguous(one, choice.contacts) },
    );
    return true;
  };
  const byCode = await contactsByCode(session, wanted, fields);
  const byPhoneOnly = wanted.filter(
    (one) => one.identity.kind === 'phone' || !decide(one, contactByCode(one.identity.code, one.retailer.name, byCode)),
  );
  const byPhone = await contactsByPhone(session, byPhoneOnly, fields);
  const others = await otherRetailers(session, byPhone);
  const unknown = byPhoneOnly.filter(
    (one) => !decide(one, contactByPhone(one.identity, one.retailer.name, byPhone, others)),
  );
  for (const [key, customer] of await makeContacts(session, unknown, fields, actor)) customers.set(key, customer);
  return customers;
}

async function contactsByCode(
  session: Session,
  wanted: readonly CustomerRequest[],
  fields: ContactFields,
): Promise<Contact[]> {
  const contacts: Contact[] = [];
  for (const codes of chunks(
    wanted.flatMap(({ identity }) => (identity.kind === 'code' ? [identity.code] : [])),
    CODES_AT_ONCE,
  )) {
    contacts.push(...(await readContacts(session, [['ref', 'in', codes]], fields)));
  }
  return contacts;
}

async function contactsByPhone(
  session: Session,
  wanted: readonly CustomerRequest[],
  fields: ContactFields,
): Promise<Contact[]> {
  const contacts: Contact[] = [];
  const searched = ['phone', ...(fields.mobile ? ['mobile'] : [])];
  for (const phones of chunks([...new Set(wanted.flatMap(({ identity }) => identity.phone ?? []))], PHONES_AT_ONCE)) {
    const terms = phones
      .flatMap((phone) => [phonePattern(phone), arabicPhonePattern(phone)])
      .flatMap((pattern) => searched.map((field) => [field, '=like', pattern]));
    contacts.push(...(await readContacts(session, [...terms.slice(1).map(() => '|'), ...terms], fields)));
  }
  return contacts;
}

async function readContacts(session: Session, domain: readonly unknown[], fields: ContactFields): Promise<Contact[]> {
  const rows = await session.odoo.call(
    'res.partner',
    'search_read',
    {
      // A contact of another company of this Odoo is not this supplier's customer.
      domain: ['&', ['company_id', 'in', [false, session.profile.odoo.company.id]], ...domain],
      fields: ['name', 'ref', 'phone', 'parent_id', ...(fields.mobile ? ['mobile'] : [])],
      order: 'id',
      load: '',
    },
    contactRows,
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    ref: row.ref,
    phones: contactPhones(row.phone, row.mobile),
    parentId: row.parent_id || undefined,
  }));
}

/** Contacts that were made for another retailer, recognised by the external id they were made with. */
async function otherRetailers(session: Session, contacts: readonly Contact[]): Promise<Set<number>> {
  const withRef = contacts.filter((contact) => contact.ref !== '');
  return new Set(
    (
      await findByExternalIds(
        session.odoo,
        'res.partner',
        withRef.map((contact) => contact.id),
        withRef.map((contact) => retailerExternalId(contact.ref)),
      )
    ).values(),
  );
}

async function makeContacts(
  session: Session,
  wanted: readonly CustomerRequest[],
  fields: ContactFields,
  actor: string,
): Promise<Map<string, Customer>> {
  const records = wanted.map((one) => newContactRecord(one.identity, one.retailer, fields));
  const { loaded, rejected } = await createAbsent(
    session.odoo,
    'res.partner',
    newContactColumns(fields),
    records,
    session.signal,
  );
  const audit: AuditEntry[] = [];
  const customers = new Map<string, Customer>();
  for (const [key, partnerId] of loaded) {
    customers.set(key, { kind: 'found', partnerId });
    audit.push({
      at: session.now(),
      actor,
      system: 'odoo',
      action: 'create customer',
      record: key,
      to: String(partnerId),
      outcome: 'done',
    });
  }
  for (const [key, reason] of rejected) {
    customers.set(key, { kind: 'held', reason: `Odoo refused to create the customer: ${reason}` });
    audit.push({
      at: session.now(),
      actor,
      system: 'odoo',
      action: 'create customer',
      record: key,
      outcome: 'refused',
      detail: reason,
    });
  }
  await session.store.audit.write(audit);
  return customers;
}

/** Which of the fields that differ between versions and installed modules a contact has. */
async function readContactFields(session: Session): Promise<ContactFields> {
  const fields = await session.odoo.call(
    'res.partner',
    'fields_get',
    { allfields: ['mobile', 'customer_rank'], attributes: ['type'] },
    z.object({ mobile: z.unknown().optional(), customer_rank: z.unknown().optional() }),
  );
  return { mobile: fields.mobile !== undefined, customerRank: fields.customer_rank !== undefined };
}

function ambiguous({ identity, retailer }: CustomerRequest, contacts: readonly Contact[]): string {
  const who = contacts.map((contact) => `${contact.name || 'no name'} (id ${contact.id})`).join(', ');
  const mend =
    identity.kind === 'code'
      ? `give the right one the reference ${identity.code} in Odoo, and only that one`
      : 'merge them in Odoo, or take the phone off the wrong ones';
  const by = identity.kind === 'code' ? `the code ${identity.code} or phone` : `the phone ${identity.phone}`;
  return `the customer ${retailer.name || 'without a name'} cannot be told: several contacts in Odoo have ${by}: ${who}; ${mend}; the next pull tries it again`;
}
