import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moneySplit } from '../../../../src/lib/orders/import/money-split.js';
import { noteText, orderNote } from '../../../../src/lib/orders/import/note.js';
import { order } from '../../../fixtures/orders.js';

describe('moneySplit', () => {
  it('cash to collect is the total less credit and instalments, plus the top-up', () => {
    const split = moneySplit(
      order([{ amount: 3, selling_price: 33.35 }], { cartona_credit: 10.05, installment_cost: 40, wallet_top_up: 100 }),
    );
    expect(split).toMatchObject({ total: '100.05', cashToCollect: '150', needsOtp: true });
  });

  it('discounts are per piece', () => {
    const split = moneySplit(
      order([
        { amount: 3, applied_supplier_discount: 0.1, applied_cartona_discount: 0.2 },
        { amount: 2, applied_supplier_discount: 1 },
      ]),
    );
    expect(split).toMatchObject({ supplierDiscount: '2.3', cartonaDiscount: '0.6', needsOtp: false });
  });
});

describe('orderNote', () => {
  it('says what a salesperson must know', () => {
    const note = orderNote(
      order([{ amount: 2, selling_price: 50, applied_cartona_discount: 1, product_name: 'شاي', comment: 'بدون سكر' }], {
        cartona_credit: 10,
        wallet_top_up: 5,
        distribution_route_code: 'R-7',
        delivered_by: 'delivered_by_cartona',
        pickup_date: '2026-11-24',
        note_message: 'اتصل قبل الوصول',
      }),
    );
    const text = noteText(note);
    for (const fact of [
      '95.00 EGP',
      '100.00 EGP',
      '10.00 EGP',
      '5.00 EGP',
      '2.00 EGP',
      'OTP',
      'R-7',
      '2026-11-25',
      '2026-11-24',
      'كرتونة',
      'اتصل قبل الوصول',
      'شاي: بدون سكر',
      'شارع فيصل',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('never tells the pick-up OTP', () => {
    expect(orderNote(order([{}], { pickup_otp: '774411' }))).not.toContain('774411');
  });

  it('lets nothing from outside become mark-up', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ';', 'b', '#', '3', 'x') }), (text) => {
        const note = orderNote(order([{}], { note_message: `[${text}]` }));
        expect(note.replace(/<\/?(p|b)>|<br>/g, '')).not.toMatch(/[<>]/);
        expect(noteText(note)).toContain(`[${text}]`);
      }),
    );
  });
});

describe('noteText', () => {
  it('reads the same after Odoo tidied the mark-up', () => {
    expect(noteText('<p><b>A:</b> x &amp; y<br>B &lt;z&gt;</p>')).toBe(
      noteText('<div data-oe="1"><p><strong>A:</strong>\n x &amp; y<br/>B&nbsp;&#60;z&#x3e;</p></div>'),
    );
  });
});
