import type { Retailer } from '../../cartona/schemas.js';
import { identityKey, type RetailerIdentity } from './customer-match.js';
import { retailerPhoneExternalId, retailerExternalId } from '../../odoo/records/external-ids.js';
import type { LoadRecord } from '../../odoo/records/create-absent.js';
import { escapeHtml } from '../import/note.js';
import { normalisePhone } from './phone.js';

/** Fields that not every Odoo has: `mobile` went with 19, `customer_rank` comes with invoicing. */
export interface ContactFields {
  readonly mobile: boolean;
  readonly customerRank: boolean;
}

export const newContactColumns = (fields: ContactFields): string[] => [
  'id',
  'name',
  'ref',
  'phone',
  'street',
  'comment',
  ...(fields.mobile ? ['mobile'] : []),
  ...(fields.customerRank ? ['customer_rank'] : []),
];

/** A retailer as a new contact. It belongs to no company of its own, as Odoo makes contacts. */
export function newContactRecord(identity: RetailerIdentity, retailer: Retailer, fields: ContactFields): LoadRecord {
  const code = identity.kind === 'code' ? identity.code : '';
  const phone = written(retailer.phone);
  const second = written(retailer.phone2);
  const notes = [
    retailer.addressNotes,
    second !== '' && !fields.mobile ? `Second phone / هاتف آخر: ${second}` : undefined,
  ].filter((note) => note !== undefined);
  const row = [
    identity.kind === 'code' ? retailerExternalId(identity.code) : retailerPhoneExternalId(identity.phone),
    retailer.name || code || phone || second,
    code,
    phone || (fields.mobile ? '' : second),
    retailer.address ?? '',
    notes.map((note) => `<p>${escapeHtml(note)}</p>`).join(''),
    ...(fields.mobile ? [second] : []),
    ...(fields.customerRank ? ['1'] : []),
  ];
  return { key: identityKey(identity), rows: [row] };
}

/** The normalised number where it is one, else as it came. */
const written = (phone: string | undefined): string => normalisePhone(phone ?? '') ?? phone ?? '';
