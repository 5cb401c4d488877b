import { makeLine } from '../../supplier/supplier-orders.js';
import type { Random } from '../../random.js';
import type { ApiOrder, ApiOrderLine, OrderStatus } from '../../supplier/supplier-types.js';
import { anyHashedId, anyRetailer, newOrder } from './new-order.js';
import { needsOtp, refuseLineEdit, refuseStep, type Actor } from './order-cycle.js';
import type { OrderBook, OrderRecord } from './order-book.js';
import { editLines } from './order-lines.js';
import { lineEditSchema, newOrderSchema, type NewOrder } from './order-schemas.js';
import { parseStrictly, Refusal } from '../refusal.js';
import { z } from 'zod';

/** An edit of an order's lines, as in `update-order-details`. */
export type EditedLine = z.input<typeof lineEditSchema>;

/**
 * What retailers and Cartona's staff do on their side: nothing of it is part of the supplier's API. Each refuses with
 * `Refusal` what the order cycle forbids.
 */
export class RetailerSide {
  constructor(
    private readonly book: OrderBook,
    private readonly random: Random,
  ) {}

  /**
   * A retailer places an order; what it names leaves the marketplace's stock. @throws Refusal for an unknown product or
   * more than there is
   */
  place(wanted: NewOrder = {}): OrderRecord {
    const input = parseStrictly(newOrderSchema, wanted);
    const { retailer, lines: named, retailer_otp: otp, ...fields } = input;
    const lines = named ? named.map((line) => this.#orderedLine(line)) : this.#anyLines();
    this.#refuseMoreThanThereIs(lines);
    const order: ApiOrder = {
      ...newOrder(this.#freshId(), this.book.clock(), retailer ?? anyRetailer(this.random), lines),
      ...defined(fields),
    };
    return this.book.add(order, needsOtp(order) ? (otp ?? String(this.random.int(1000, 9999))) : null);
  }

  /** The retailer opens a pending order: until `finishEditing` the supplier is locked out. */
  startEditing(hashedId: string): void {
    this.#step(hashedId, 'editing', 'retailer');
  }

  /** The retailer saves: the order is pending again, with the edits (none: it was only looked at). */
  finishEditing(hashedId: string, edits: readonly EditedLine[] = []): void {
    const record = this.book.require(hashedId);
    const refusal = refuseStep(record.order, 'pending', 'retailer');
    if (refusal !== undefined) throw new Refusal(refusal);
    this.book.change(
      record,
      { status: 'pending', ...(edits.length === 0 ? {} : { order_details: this.#edited(record, edits) }) },
      'retailer',
    );
  }

  /** The retailer cancels. */
  cancel(hashedId: string, reason: string | null = null): void {
    this.#step(hashedId, 'cancelled_by_retailer', 'retailer', reason);
  }

  /** Cartona's staff sets a status: any of the cycle on an order that Cartona delivers, else only a cancellation. */
  setStatus(hashedId: string, status: OrderStatus, reason: string | null = null): void {
    this.#step(hashedId, status, 'cartona', reason);
  }

  /** Cartona's staff changes lines; the order is marked `edited_by_admin`. */
  editByAdmin(hashedId: string, edits: readonly EditedLine[]): void {
    const record = this.book.require(hashedId);
    const refusal = refuseLineEdit(record.order, 'cartona');
    if (refusal !== undefined) throw new Refusal(refusal);
    this.book.change(record, { order_details: this.#edited(record, edits), edited_by_admin: true }, 'cartona');
  }

  #step(hashedId: string, to: OrderStatus, actor: Actor, reason: string | null = null): void {
    const record = this.book.require(hashedId);
    const refusal = refuseStep(record.order, to, actor);
    if (refusal !== undefined) throw new Refusal(refusal);
    this.book.change(record, { status: to, ...(reason === null ? {} : { cancellation_reason: reason }) }, actor);
  }

  #edited(record: OrderRecord, edits: readonly EditedLine[]): ApiOrderLine[] {
    return editLines(
      record.order.order_details,
      parseStrictly(z.array(lineEditSchema), edits),
      this.book.findProduct,
      () => this.book.nextLineId(),
    );
  }

  #orderedLine(line: NonNullable<z.output<typeof newOrderSchema>['lines']>[number]): ApiOrderLine {
    const product = this.book.findProduct(line);
    if (product === undefined)
      throw new Refusal(
        `the marketplace sells no product ${line.supplier_product_id ?? line.internal_product_id ?? 'without an id'}`,
      );
    const made = makeLine(product, this.book.nextLineId(), line.amount, false, null);
    return line.selling_price === undefined ? made : { ...made, selling_price: line.selling_price };
  }

  #anyLines(): ApiOrderLine[] {
    const products = this.book.catalogue.all();
    const lines: ApiOrderLine[] = [];
    const start = this.random.int(0, Math.max(products.length - 1, 0));
    for (let offset = 0; offset < products.length && lines.length < 3; offset += 1) {
      const product = products[(start + offset) % products.length];
      if (product && product.isPublished && product.internalProductId !== null && product.stock >= 5) {
        lines.push(makeLine(product, this.book.nextLineId(), this.random.int(1, 5), false, null));
      }
    }
    if (lines.length === 0) throw new Refusal('nothing is on sale: name the lines of the order');
    return lines;
  }

  #refuseMoreThanThereIs(lines: readonly ApiOrderLine[]): void {
    const wanted = new Map<number, number>();
    for (const line of lines)
      wanted.set(line.supplier_product_id, (wanted.get(line.supplier_product_id) ?? 0) + line.amount);
    for (const [id, amount] of wanted) {
      const product = this.book.catalogue.bySupplierProductId(id);
      if (product && !product.unlimitedStock && product.stock < amount)
        throw new Refusal(`only ${product.stock} of product ${id} are on sale, not ${amount}`);
    }
  }

  #freshId(): string {
    for (;;) {
      const id = anyHashedId(this.random);
      if (this.book.get(id) === undefined) return id;
    }
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the fields that are undefined, so that they do not hide defaults. */
function defined<T extends object>(fields: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>;
}
