import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { IdentifyBy } from '../../cartona/client.js';
import { readOrder, type ReceivedOrder } from '../../cartona/client.js';
import { readOrderedLines, withoutPickupOtp, type CartonaOrder, type OrderLine } from '../../cartona/schemas.js';

/** A received order in the form in which the inbox keeps it. */
export interface KeptOrder {
  readonly hashedId: string;
  /** JSON, without the secrets that nobody needs later. */
  readonly payload: string;
  /** Digest of what the order says; equal content is an equal version, however it is written. */
  readonly version: string;
  readonly status: string;
  readonly cartonaTotal: string | undefined;
}

/** The status that the inbox notes for an order that cannot be read. */
export const UNREADABLE = 'unreadable';

/** Puts an order into the form in which it is kept. */
export function keepOrder(received: ReceivedOrder & { readonly hashedId: string }): KeptOrder {
  const payload = JSON.stringify(withoutSecrets(received.raw));
  if (received.kind === 'unreadable')
    return {
      hashedId: received.hashedId,
      payload,
      version: digest(payload),
      status: UNREADABLE,
      cartonaTotal: undefined,
    };
  const { order } = received;
  return {
    hashedId: order.hashedId,
    payload,
    version: orderVersion(order),
    status: order.status,
    cartonaTotal: order.totalPrice,
  };
}

/**
 * The version of an order: a digest of what was understood of it. Amounts are canonical and lines stand in the order of
 * their ids, so that neither spelling nor sequence makes a new version.
 */
export function orderVersion(order: CartonaOrder): string {
  return digest(
    JSON.stringify(
      sorted({
        ...order,
        lines: [...order.lines].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
      }),
    ),
  );
}

/** Reads a kept payload again. An order that this version of the program cannot read may be readable to a later one. */
export const readPayload = (payload: string): ReceivedOrder => readOrder(JSON.parse(payload));

/** The order of a kept payload; `undefined` where there is none or it cannot be read. */
export function orderOf(payload: string | undefined): CartonaOrder | undefined {
  if (payload === undefined) return undefined;
  const read = readPayload(payload);
  return read.kind === 'read' ? read.order : undefined;
}

/**
 * What an order has sold, by Cartona id, in the products' own units. Of an order that cannot be read whole, the lines
 * that can be: what they sold is sold.
 */
export function orderedUnits(
  payload: string,
  identifyBy: IdentifyBy,
): { readonly cartonaId: string; readonly units: string }[] {
  return readOrderedLines(JSON.parse(payload)).flatMap((line) => {
    const cartonaId = cartonaIdOf(line, identifyBy);
    return cartonaId === undefined ? [] : [{ cartonaId, units: line.amount }];
  });
}

/** The Cartona id of a line: the one kind of id that the profile keeps in Odoo, never the other. */
export function cartonaIdOf(
  line: Pick<OrderLine, 'internalProductId' | 'supplierProductId'>,
  identifyBy: IdentifyBy,
): string | undefined {
  return identifyBy === 'internal_product_id' ? line.internalProductId : line.supplierProductId;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function withoutSecrets(raw: unknown): unknown {
  const fields = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!fields.success) return raw;
  return withoutPickupOtp(fields.data);
}

/** The value with the keys of its objects in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
