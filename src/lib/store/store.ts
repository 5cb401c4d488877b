/**
 * The durable rows. Everything is a wanted value, a delivered value and the bookkeeping of the attempt between them; orders
 * have an inbox as well. Every key holds the profile. The interface is asynchronous, so that a database of a team can stand
 * behind it as well as a file. Instants are UTC milliseconds since 1970; money and quantities are canonical decimal text.
 */
export interface Store {
  readonly deliveries: DeliveryRows;
  readonly listing: ListingRows;
  readonly inbox: InboxRows;
  readonly retailers: RetailerRows;
  readonly audit: AuditRows;
  readonly leases: LeaseRows;
  close(): Promise<void>;
}

/** What is kept equal on both sides: a product's price, its stock, an order's state. */
export type Flow = 'price' | 'stock' | 'order_state';

/** How the last attempt ended. `rejected` waits for a person: it is not repeated with the same value. `failed` is tried again. */
export type DeliveryOutcome = 'delivered' | 'rejected' | 'failed';

/** The state of one value. `key` is the Cartona id of a product or the `hashed_id` of an order. */
export interface Delivery {
  readonly key: string;
  /** The Odoo id (variant, sale order) the wanted value came from. */
  readonly odooId: number;
  readonly wanted: string;
  /** What Cartona last confirmed; absent while nothing is known. */
  readonly delivered: string | undefined;
  /** When; absent when the value may have changed there since, so that it counts as unconfirmed. */
  readonly deliveredAt: number | undefined;
  readonly outcome: DeliveryOutcome;
  /** Why it was not delivered, in plain words. */
  readonly reason: string | undefined;
  readonly attempts: number;
}

export interface DeliveryResult {
  readonly key: string;
  readonly odooId: number;
  readonly wanted: string;
  readonly outcome: DeliveryOutcome;
  readonly reason?: string | undefined;
}

export interface DeliveryRows {
  /** The rows of the given keys; a key without a row is absent from the map. */
  get(flow: Flow, keys: readonly string[]): Promise<Map<string, Delivery>>;
  /** Records how attempts ended, all or none: `delivered` makes the wanted value the delivered one, anything else keeps the old delivered value. */
  record(flow: Flow, results: readonly DeliveryResult[], at: number): Promise<void>;
  /** Notes values that Cartona itself reports (its listing, a received order): they become the delivered ones. */
  observe(flow: Flow, values: readonly { key: string; delivered: string }[], at: number): Promise<void>;
  /** Notes that Cartona was asked and does not know these; a key that has a row already keeps it. */
  noteAbsent(flow: Flow, keys: readonly string[], reason: string): Promise<void>;
  /** Makes values unconfirmed, because the other side may have changed them (an order placed there lowers the stock). */
  unconfirm(flow: Flow, keys: readonly string[]): Promise<void>;
  /** Everything of a flow that waits for a person or for the next try, oldest first. */
  undelivered(flow: Flow): Promise<Delivery[]>;
}

/** What Cartona's listing told about a product beside its values. */
export interface ListedIdentity {
  /** The entry's own id in the listing. */
  readonly listedId: string;
  /** The Cartona id it is known by in Odoo; absent while it is linked to nothing. */
  readonly key: string | undefined;
  readonly baseProductId: string | undefined;
  readonly unitCount: number | undefined;
}

export interface ListingRows {
  put(rows: readonly ListedIdentity[], at: number): Promise<void>;
  /** The listed entries of the given Cartona ids, as far as they were seen since the given instant. */
  get(keys: readonly string[], since: number): Promise<Map<string, ListedIdentity>>;
  /** Of the given base products, those that more than one listed product stands under. */
  sharedBaseProducts(baseProductIds: readonly string[]): Promise<Set<string>>;
}

/**
 * Where an order stands with us:
 * - `received`: written down, nothing done yet
 * - `held`: cannot be applied now; `reason` says why; tried again at every pull
 * - `applied`: Odoo was read back and holds it; not yet acknowledged
 * - `acknowledged`: applied, and Cartona was told (`synced`)
 */
export type InboxPhase = 'received' | 'held' | 'applied' | 'acknowledged';

export interface InboxOrder {
  readonly hashedId: string;
  /** The order as received, JSON; the newest version. */
  readonly payload: string;
  /** Digest of the payload's content: a version of the order. */
  readonly version: string;
  readonly status: string;
  readonly receivedAt: number;
  readonly phase: InboxPhase;
  readonly reason: string | undefined;
  /** The reason that was last shown to a person; a held order is named once and again only when its reason changes. */
  readonly shownReason: string | undefined;
  readonly odooId: number | undefined;
  readonly odooName: string | undefined;
  /** The payload that Odoo was last brought to, JSON: what a later edit is compared with. */
  readonly appliedPayload: string | undefined;
  readonly appliedVersion: string | undefined;
  readonly acknowledgedAt: number | undefined;
  /** The order's total in Odoo when it was last read back, and Cartona's; EGP. */
  readonly odooTotal: string | undefined;
  readonly cartonaTotal: string | undefined;
  /** Nothing can happen to it any more on either side. */
  readonly closed: boolean;
}

export interface InboxFilter {
  readonly phases?: readonly InboxPhase[];
  readonly hashedIds?: readonly string[];
  readonly closed?: boolean;
  readonly limit?: number;
}

export type InboxChange = Partial<Omit<InboxOrder, 'hashedId' | 'payload' | 'version' | 'status' | 'receivedAt'>>;

export interface InboxRows {
  /**
   * Writes orders down as received. A new one starts as `received`; one with another content than the kept one becomes
   * `received` again and keeps what is known of it in Odoo; one with the same content changes nothing.
   * @returns the rows as they stand afterwards, in the order given
   */
  receive(orders: readonly { hashedId: string; payload: string; version: string; status: string; cartonaTotal?: string | undefined }[], at: number): Promise<InboxOrder[]>;
  /** Newest received first; of those that came together, the newest in Odoo. */
  list(filter: InboxFilter): Promise<InboxOrder[]>;
  update(hashedId: string, change: InboxChange): Promise<void>;
}

/** Which customer a retailer is, found once and remembered. `key` is a retailer's code or normalised phone. */
export interface RetailerRows {
  get(keys: readonly string[]): Promise<Map<string, number>>;
  put(rows: readonly { key: string; partnerId: number }[]): Promise<void>;
}

export interface AuditEntry {
  readonly at: number;
  /** What did it, as `sync prices`. */
  readonly actor: string;
  readonly system: 'odoo' | 'cartona';
  /** What was done, as `price`, `create order`, `state`. */
  readonly action: string;
  readonly record: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly outcome: string;
  readonly durationMs?: number | undefined;
  /** A reason or a bounded raw answer; never a secret. */
  readonly detail?: string | undefined;
}

export interface AuditRows {
  write(entries: readonly AuditEntry[]): Promise<void>;
  list(filter: { actor?: string; record?: string; limit?: number }): Promise<AuditEntry[]>;
  prune(before: number): Promise<void>;
}

/** A lease keeps two runs of one job apart. It ends by itself when its holder is gone. */
export interface Lease {
  /** Extends the lease; `false` when it was lost to another holder, and the work must stop. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LeaseRows {
  /** Takes the lease of a job, or says who holds it and since when (UTC ms). */
  take(job: string, ttlMs: number): Promise<{ lease: Lease } | { heldBy: { pid: number; host: string; since: number } }>;
}
