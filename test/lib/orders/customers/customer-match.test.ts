import { describe, expect, it } from 'vitest';
import {
  contactByCode,
  contactByPhone,
  identityOf,
  type Contact,
} from '../../../../src/lib/orders/customers/customer-match.js';

const contact = (id: number, fields: Partial<Contact> = {}): Contact => ({
  id,
  name: 'بقالة النور',
  ref: '',
  phones: [],
  parentId: undefined,
  ...fields,
});
const PHONE = '+201012345678';
const retailer = {
  name: 'بقالة النور',
  code: undefined,
  phone: undefined,
  phone2: undefined,
  address: undefined,
  addressNotes: undefined,
};

describe('who a retailer is', () => {
  it('goes by code, else by phone, never by name', () => {
    expect(identityOf({ ...retailer, code: 'R1', phone: '01012345678' })).toEqual({
      kind: 'code',
      code: 'R1',
      phone: PHONE,
    });
    expect(identityOf({ ...retailer, phone: '٠١٠١٢٣٤٥٦٧٨' })).toEqual({ kind: 'phone', phone: PHONE });
    expect(identityOf({ ...retailer, phone: '-', phone2: '0020 10 12345678' })).toEqual({
      kind: 'phone',
      phone: PHONE,
    });
    expect(identityOf(retailer)).toBeUndefined();
  });

  const byPhone = { kind: 'phone', phone: PHONE } as const;
  const byCode = { kind: 'code', code: 'R1', phone: PHONE } as const;

  it('a contact with the code is the customer, another with the same name is not', () => {
    expect(contactByCode('R1', 'بقالة النور', [contact(1, { ref: 'R2' }), contact(2, { ref: 'R1' })])).toEqual({
      kind: 'one',
      contact: contact(2, { ref: 'R1' }),
    });
    expect(contactByCode('R1', 'بقالة النور', [contact(1), contact(2, { ref: 'R2' })])).toEqual({ kind: 'none' });
  });

  it('a contact with the phone is the customer', () => {
    expect(
      contactByPhone(
        byPhone,
        'another name',
        [contact(1, { phones: ['+201111111111', PHONE] }), contact(2)],
        new Set(),
      ),
    ).toMatchObject({ contact: { id: 1 } });
  });

  it('a contact that is another retailer is not taken for its phone, unless the retailer has no code', () => {
    const contacts = [contact(1, { phones: [PHONE], ref: 'R9' })];
    expect(contactByPhone(byCode, 'x', contacts, new Set([1]))).toEqual({ kind: 'none' });
    expect(contactByPhone(byPhone, 'x', contacts, new Set([1]))).toMatchObject({ contact: { id: 1 } });
  });

  it('a company goes before its own contacts', () => {
    expect(
      contactByPhone(
        byPhone,
        'x',
        [contact(2, { phones: [PHONE], parentId: 1 }), contact(1, { phones: [PHONE] })],
        new Set(),
      ),
    ).toMatchObject({ contact: { id: 1 } });
  });

  it('several with one phone: the name decides among them, else nobody', () => {
    const contacts = [contact(1, { phones: [PHONE], name: 'أ' }), contact(2, { phones: [PHONE], name: 'ب' })];
    expect(contactByPhone(byPhone, 'ب', contacts, new Set())).toMatchObject({ contact: { id: 2 } });
    expect(contactByPhone(byPhone, 'ج', contacts, new Set())).toEqual({ kind: 'several', contacts });
  });
});
