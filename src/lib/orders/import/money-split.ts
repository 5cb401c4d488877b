import type { CartonaOrder } from '../../cartona/schemas.js';
import { amount, canonical, sum } from '../../common/money.js';

/** Who pays what of an order; EGP, canonical decimal text. */
export interface MoneySplit {
  readonly total: string;
  /** Paid by Cartona, not collected from the retailer. */
  readonly cartonaCredit: string;
  /** Collected from Cartona. */
  readonly installments: string;
  /** Collected in cash on top of the total, and owed to Cartona. */
  readonly walletTopUp: string;
  /** What the driver collects at the door. */
  readonly cashToCollect: string;
  /** Discounts in the prices, over all pieces: the supplier's part, and the part that is claimed from Cartona. */
  readonly supplierDiscount: string;
  readonly cartonaDiscount: string;
  readonly supplierRebate: string;
  /** The retailer must read out an OTP before the order can become delivered. */
  readonly needsOtp: boolean;
}

/** The split of an order's money: cash = total − credit − instalments + top-up. */
export function moneySplit(order: CartonaOrder): MoneySplit {
  const cash = amount(order.totalPrice).minus(order.cartonaCredit).minus(order.installmentCost).plus(order.walletTopUp);
  return {
    total: order.totalPrice,
    cartonaCredit: order.cartonaCredit,
    installments: order.installmentCost,
    walletTopUp: order.walletTopUp,
    cashToCollect: canonical(cash),
    supplierDiscount: canonical(sum(order.lines.map((line) => amount(line.supplierDiscount).times(line.amount)))),
    cartonaDiscount: canonical(sum(order.lines.map((line) => amount(line.cartonaDiscount).times(line.amount)))),
    supplierRebate: order.supplierRebate,
    needsOtp: needsOtp(order),
  };
}

/** Instalments and top-ups need the retailer's OTP to become delivered. */
export const needsOtp = (order: CartonaOrder): boolean =>
  amount(order.installmentCost).gt(0) || amount(order.walletTopUp).gt(0);
