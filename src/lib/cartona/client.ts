import { bulkhead } from 'cockatiel';
import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { createHttp, parseJson, type HttpAnswer, type HttpRequest } from '../common/http/http.js';
import { readUntrustedJson } from '../common/http/json.js';
import { unreadableFields } from '../common/http/unreadable.js';
import { BatchLimit, sendBatch } from './bulk.js';
import { dialects, type DialectName } from './dialects.js';
import { refusalReason, type ItemNames, type ItemOutcome } from './outcomes.js';
import {
  cartonaOrder,
  readListedProduct,
  type CancellationReason,
  type CartonaOrder,
  type ListedProduct,
  orderIdText,
} from './schemas.js';

/** Which of Cartona's ids the id kept in Odoo is. */
export type IdentifyBy = 'internal_product_id' | 'supplier_product_id';

export interface CartonaOptions {
  readonly url: string;
  readonly token: string;
  readonly dialect: DialectName;
  readonly identifyBy: IdentifyBy;
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** Requests under way at once, pages that are asked for ahead included; others wait. No bound unless told. */
  readonly inFlight?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A new value of one product, by its Cartona id. Price in EGP per unit, stock in whole units of that product. */
export interface ProductUpdate {
  readonly cartonaId: string;
  readonly sellingPrice?: string;
  readonly stock?: number;
  readonly isPublished?: boolean;
}

/** A new stock figure for the base-unit path: only for products whose unit is the base unit. */
export interface BaseStockUpdate {
  readonly cartonaId: string;
  /** Given only where the listing told it. */
  readonly baseProductId: string | undefined;
  readonly stock: number;
}

/** An order as received: read, or kept raw with the reason why it cannot be read. */
export type ReceivedOrder =
  | { readonly kind: 'read'; readonly hashedId: string; readonly raw: unknown; readonly order: CartonaOrder }
  | {
      readonly kind: 'unreadable';
      readonly hashedId: string | undefined;
      readonly raw: unknown;
      readonly reason: string;
    };

/** A state to set. `synced` is not among them: it is an acknowledgement (`acknowledge`). */
export interface StatusUpdate {
  readonly hashedId: string;
  readonly status: 'pending' | 'approved' | 'assigned_to_salesman' | 'delivered' | 'cancelled_by_supplier' | 'returned';
  readonly cancellationReason?: CancellationReason;
  readonly retailerOtp?: string;
}

/** A change of one line of an order. Amounts are whole and absolute; prices EGP per piece. */
export type LineUpdate =
  | { readonly id: string; readonly amount?: number; readonly price?: string }
  | { readonly id: string; readonly cancelled: true }
  /** A line that the order does not have yet. */
  | { readonly cartonaId: string; readonly amount: number; readonly price: string };

export interface OrderLinesUpdate {
  readonly hashedId: string;
  readonly lines: readonly LineUpdate[];
}

export interface CartonaClient {
  /** Cartona's own listing of the supplier's products, page by page; each entry names what cannot be read of it. */
  listProducts(filter?: { cartonaId?: string }): AsyncIterable<ListedProduct[]>;
  /** New absolute values of up to a batch of products; says of each whether Cartona accepted it. */
  updateProducts(items: readonly ProductUpdate[]): Promise<ItemOutcome[]>;
  /** The same through the path that counts in base units. */
  updateBaseStock(items: readonly BaseStockUpdate[]): Promise<ItemOutcome[]>;
  /**
   * Changes, cancels and adds lines of one order; a refusal is an outcome, not an error. The answer's shape is not
   * documented, so what the order says afterwards is read from the list. Throws `outcome-unknown` when the answer was
   * lost: a line that was added would be added again.
   */
  updateOrderLines(update: OrderLinesUpdate): Promise<ItemOutcome>;
  /** Every page of new and changed orders that are not acknowledged. */
  pullOrders(): AsyncIterable<ReceivedOrder[]>;
  /**
   * Sets one order's state; a refusal is an outcome, not an error. Throws `outcome-unknown` when the answer was lost.
   */
  setStatus(update: StatusUpdate): Promise<ItemOutcome>;
  /** Acknowledges orders as received (`synced`). Cartona's bulk path reports no failure, so the next pull tells. */
  acknowledge(hashedIds: readonly string[]): Promise<void>;
}

const PAGE = 100;
/**
 * Pages of the product listing that are asked for ahead. Orders are read one page after the other: they change while
 * they are read.
 */
const LISTING_AHEAD = 3;
const BATCH = 100;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Opens the marketplace's API. Does no request by itself. */
export function createCartona(options: CartonaOptions): CartonaClient {
  const dialect = dialects[options.dialect];
  const request = createHttp({
    remote: 'Cartona',
    baseUrl: options.url,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    secrets: [options.token],
    ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
  });
  const slots = bulkhead(options.inFlight ?? Infinity, Infinity);
  const http: typeof request = (wanted) => slots.execute(() => request(wanted));
  const headers = dialect.authorization(options.token);
  const limit = new BatchLimit(BATCH);

  async function get(path: string, query: HttpRequest['query']): Promise<unknown> {
    const answer = await http({
      method: 'GET',
      path,
      headers,
      repetition: 'repeatable',
      signal: options.signal,
      ...(query ? { query } : {}),
    });
    refuseUnlessOk(answer, options.url);
    return parseJson(answer, 'Cartona');
  }

  async function post(
    path: string,
    body: string,
    repetition: HttpRequest['repetition'],
  ): Promise<{ status: number; answer: unknown }> {
    const answer = await http({ method: 'POST', path, body, headers, repetition, signal: options.signal });
    refuseCredentials(answer, options.url);
    if (answer.status === 404 && !looksLikeJson(answer)) throw wrongAddress(options.url);
    return {
      status: answer.status,
      answer: answer.status >= 400 && !looksLikeJson(answer) ? answer.body : readAnswer(answer),
    };
  }

  const identity = (cartonaId: string): Record<string, string | number> => ({
    [options.identifyBy]:
      options.identifyBy === 'supplier_product_id' && /^[1-9]\d{0,14}$/.test(cartonaId) ? Number(cartonaId) : cartonaId,
  });

  return {
    async *listProducts(filter) {
      const query: Record<string, string> =
        filter?.cartonaId === undefined ? {} : { [options.identifyBy]: filter.cartonaId };
      yield* pages(
        (page) => get(dialect.listProducts, { ...query, page, per_page: PAGE }),
        filter?.cartonaId === undefined ? LISTING_AHEAD : 0,
        (entries) => entries.map(readListedProduct),
      );
    },

    updateProducts: (items) =>
      sendBatch(
        items,
        (item) => ({ ids: [item.cartonaId] }),
        (batch) =>
          post(
            dialect.updateProducts,
            jsonArray(batch.map((item) => productBody(identity(item.cartonaId), item))),
            'repeatable',
          ),
        limit,
      ),

    updateBaseStock: (items) =>
      sendBatch(
        items,
        (item): ItemNames => ({
          ids: item.baseProductId === undefined ? [item.cartonaId] : [item.cartonaId, item.baseProductId],
        }),
        (batch) =>
          post(
            dialect.updateStock,
            JSON.stringify(
              batch.map((item) => ({
                ...identity(item.cartonaId),
                ...baseProduct(item.baseProductId),
                available_stock_quantity: item.stock,
              })),
            ),
            'repeatable',
          ),
        limit,
      ),

    async updateOrderLines(update) {
      const names = {
        ids: [update.hashedId, ...update.lines.map((line) => ('id' in line ? line.id : line.cartonaId))],
      };
      const body = `[{"hashed_id":${JSON.stringify(update.hashedId)},"order_details":${jsonArray(update.lines.map((line) => lineBody(identity, line)))}}]`;
      const [outcome] = await sendBatch(
        [update],
        () => names,
        () => post(dialect.orderDetails, body, 'once'),
        limit,
      );
      return outcome ?? { kind: 'refused', reason: 'no answer' };
    },

    async *pullOrders() {
      yield* pages(
        (page) => get(dialect.pullOrders, { page, per_page: PAGE }),
        0,
        (entries) => entries.map(readOrder),
      );
    },

    async setStatus(update) {
      const body = {
        hashed_id: update.hashedId,
        status: update.status,
        ...(update.cancellationReason === undefined ? {} : { cancellation_reason: update.cancellationReason }),
        ...(update.retailerOtp === undefined ? {} : { retailer_otp: update.retailerOtp }),
      };
      const { status, answer } = await post(
        `${dialect.orderStatus}/${encodeURIComponent(update.hashedId)}`,
        JSON.stringify(body),
        'once',
      );
      if (status >= 400) return { kind: 'refused', reason: refusalReason(answer) };
      return isRefused(answer) ? { kind: 'refused', reason: refusalReason(answer) } : { kind: 'accepted' };
    },

    async acknowledge(hashedIds) {
      for (let from = 0; from < hashedIds.length; from += BATCH) {
        const part = hashedIds.slice(from, from + BATCH).map((hashedId) => ({ hashed_id: hashedId, status: 'synced' }));
        const { status, answer } = await post(dialect.orderStatus, JSON.stringify(part), 'repeatable');
        if (status >= 400)
          throw new CartonaError(
            'refused',
            `Cartona refused to acknowledge orders (${refusalReason(answer)}); they come again at the next pull.`,
          );
      }
    },
  };
}

/**
 * Reads numbered pages until one is empty or shorter than asked for. A server that ignores `page` would give its first
 * page for ever: a page that repeats the one before it ends the reading.
 * @param ahead pages asked for before the current one has come; each costs at most one needless request at the end
 */
async function* pages<T>(
  read: (page: number) => Promise<unknown>,
  ahead: number,
  parse: (entries: unknown[]) => T[],
): AsyncIterable<T[]> {
  const underWay: Promise<unknown>[] = [];
  let before = '';
  for (let asked = 0; ;) {
    // The first page alone: most listings that are asked for one product end with it.
    const window = before === '' ? 1 : 1 + ahead;
    while (underWay.length < window) {
      asked += 1;
      const page = read(asked);
      // A page that fails after the reading has ended is nobody's error.
      page.catch(() => undefined);
      underWay.push(page);
    }
    const entries = arrayOf(await underWay.shift());
    const fingerprint =
      entries.length === 0 ? '' : JSON.stringify([entries[0], entries[entries.length - 1], entries.length]);
    if (entries.length === 0 || fingerprint === before) return;
    before = fingerprint;
    yield parse(entries);
    if (entries.length < PAGE) return;
  }
}

/** A list answer: an array, or an object that wraps one. */
function arrayOf(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer;
  const wrapped = z
    .object({ data: z.array(z.unknown()) })
    .or(z.object({ orders: z.array(z.unknown()) }).transform((o) => ({ data: o.orders })))
    .safeParse(answer);
  if (wrapped.success) return wrapped.data.data;
  throw new CartonaError(
    'answer',
    'Cartona answered a list request with something that is not a list; check the address and the dialect with `cartona login`.',
    JSON.stringify(answer).slice(0, 2000),
  );
}

/** So many unreadable fields of one order are named. */
const NAMED = 5;

/** Reads one order as it came; one that cannot be read keeps its raw form and the reason. */
export function readOrder(raw: unknown): ReceivedOrder {
  const read = cartonaOrder.safeParse(raw);
  if (read.success) return { kind: 'read', hashedId: read.data.hashedId, raw, order: read.data };
  const named = z.object({ hashed_id: orderIdText }).safeParse(raw);
  const fields = unreadableFields(raw, read.error).map(({ field, value }) => `${field} is ${value}`);
  return {
    kind: 'unreadable',
    hashedId: named.success ? named.data.hashed_id : undefined,
    raw,
    reason: fields.slice(0, NAMED).join(', ') + (fields.length > NAMED ? ` and ${fields.length - NAMED} more` : ''),
  };
}

function lineBody(identity: (cartonaId: string) => Record<string, string | number>, line: LineUpdate): string {
  if ('cartonaId' in line) return jsonObject({ ...identity(line.cartonaId), amount: line.amount }, line.price);
  const id = numberOrText(line.id);
  return 'cancelled' in line
    ? jsonObject({ id, cancelled: true }, undefined)
    : jsonObject({ id, amount: line.amount }, line.price);
}

/** An object with a price as its exact decimal digits. */
function jsonObject(
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
  price: string | undefined,
): string {
  const text = JSON.stringify(fields);
  return price === undefined ? text : `${text.slice(0, -1)},"price":${price}}`;
}

/** Prices go out as JSON numbers with exactly the decimal digits they have, never through a binary float. */
function productBody(identity: Record<string, string | number>, item: ProductUpdate): string {
  const fields = Object.entries(identity).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  if (item.sellingPrice !== undefined) fields.push(`"selling_price":${item.sellingPrice}`);
  if (item.isPublished !== undefined) fields.push(`"is_published":${item.isPublished}`);
  if (item.stock !== undefined) fields.push(`"available_stock_quantity":${item.stock}`);
  return `{${fields.join(',')}}`;
}

const jsonArray = (items: readonly string[]): string => `[${items.join(',')}]`;
const baseProduct = (id: string | undefined): { base_product_id?: string | number } =>
  id === undefined ? {} : { base_product_id: numberOrText(id) };
const numberOrText = (id: string): string | number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : id);
const looksLikeJson = (answer: HttpAnswer): boolean => /json/i.test(answer.contentType) || /^\s*[[{]/.test(answer.body);

/** Some bulk calls answer with an empty body; that is no more and no less than `{}`. */
function readAnswer(answer: HttpAnswer): unknown {
  return answer.body.trim() === '' ? {} : parseJson(answer, 'Cartona');
}

function isRefused(answer: unknown): boolean {
  const refusal = z.union([
    z.object({ success: z.literal(false) }),
    z.object({ error: z.union([z.string().min(1), z.record(z.string(), z.unknown())]) }),
  ]);
  return refusal.safeParse(answer).success;
}

function refuseCredentials(answer: HttpAnswer, url: string): void {
  if (answer.status === 401 || answer.status === 403) {
    throw new CartonaError(
      'credentials',
      `Cartona at ${url} refused the token (HTTP ${answer.status}): it may have expired; get a new one from Cartona and run \`cartona login\`.`,
      answer.body.slice(0, 500),
    );
  }
}

function refuseUnlessOk(answer: HttpAnswer, url: string): void {
  refuseCredentials(answer, url);
  if (answer.status === 404) throw wrongAddress(url);
  if (answer.status >= 400) {
    throw new CartonaError(
      'refused',
      `Cartona at ${url} refused the request (HTTP ${answer.status}): ${refusalReason(readUntrustedJson(answer.body) ?? answer.body)}.`,
      answer.body.slice(0, 2000),
    );
  }
}

const wrongAddress = (url: string): CartonaError =>
  new CartonaError(
    'usage',
    `There is no supplier API at ${url} in the dialect that was found at login; check the address and run \`cartona login\` again.`,
  );
