import type { CartonaOrder } from '../../cartona/schemas.js';
import { amount, formatAmount } from '../../common/money.js';
import { moneySplit } from './money-split.js';

/**
 * What a salesperson must know of an order, as HTML for its notes: one fact a line, labelled in English and Arabic.
 * Whatever came from outside is escaped. Never holds the pick-up OTP.
 */
export function orderNote(order: CartonaOrder): string {
  const facts = [...moneyFacts(order), ...deliveryFacts(order), ...wordsOf(order)];
  const lines = facts.map(([label, value]) => `<b>${label}:</b> ${escapeHtml(value)}`);
  return `<p>${lines.join('<br>')}</p>`;
}

type Fact = readonly [label: string, value: string];

function moneyFacts(order: CartonaOrder): Fact[] {
  const split = moneySplit(order);
  const egp = (value: string): string => `${formatAmount(value)} EGP`;
  const unlessZero = (label: string, value: string): Fact[] => (amount(value).isZero() ? [] : [[label, egp(value)]]);
  return [
    ['Cash to collect / المبلغ المطلوب تحصيله', egp(split.cashToCollect)],
    ['Cartona total / إجمالي كرتونة', egp(split.total)],
    ...unlessZero('Cartona credit / رصيد كرتونة', split.cartonaCredit),
    ...unlessZero('Instalments, from Cartona / تقسيط من كرتونة', split.installments),
    ...unlessZero('Wallet top-up, owed to Cartona / شحن محفظة لصالح كرتونة', split.walletTopUp),
    ...unlessZero('Supplier discount, in the prices / خصم المورد', split.supplierDiscount),
    ...unlessZero('Cartona discount, claim from Cartona / خصم كرتونة', split.cartonaDiscount),
    ...unlessZero('Supplier rebate / خصم إضافي من المورد', split.supplierRebate),
    ...(split.needsOtp ? [["Delivery needs the retailer's OTP / التسليم يتطلب كود التاجر", 'yes / نعم'] as const] : []),
  ];
}

function deliveryFacts(order: CartonaOrder): Fact[] {
  return [
    [
      'Delivered by / التوصيل بواسطة',
      order.deliveredBy === 'delivered_by_cartona' ? 'Cartona / كرتونة' : 'supplier / المورد',
    ],
    ...fact('Delivery day / يوم التوصيل', order.deliveryDay),
    ...fact('Pick-up / موعد الاستلام', order.pickupDate),
    ...fact('Route / خط التوزيع', order.routeCode),
    ...fact(
      'Address / العنوان',
      [order.retailer.address, order.retailer.addressNotes].filter(Boolean).join(' – ') || undefined,
    ),
  ];
}

function wordsOf(order: CartonaOrder): Fact[] {
  return [
    ...fact("Retailer's note / ملاحظة التاجر", order.note),
    ...order.lines.flatMap((line) =>
      fact('Line / صنف', line.comment === undefined ? undefined : `${line.productName}: ${line.comment}`),
    ),
    ...fact('Cancelled because / سبب الإلغاء', order.cancellationReason),
    ...fact('Returned because / سبب المرتجع', order.returnReason),
  ];
}

const fact = (label: string, value: string | undefined): Fact[] => (value === undefined ? [] : [[label, value]]);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/**
 * What an HTML note says, without its mark-up. Odoo tidies the mark-up of what it is given, so only the words tell
 * whether a person has changed a note.
 */
export function noteText(html: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
      (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
        if (name !== undefined) return named[name.toLowerCase()] ?? whole;
        const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      },
    )
    .replace(/\s+/g, ' ')
    .trim();
}
