/**
 * The durable rows. Everything is a wanted value, a delivered value and the bookkeeping of the attempt between them;
 * orders have an inbox as well. Every key holds the profile. The interface is asynchronous, so that a database of a
 * team can stand behind it as well as a file. Instants are UTC milliseconds since 1970; money and quantities are
 * canonical decimal text.
 */
export interface Store {
  readonly deliveries: DeliveryRows;
  readonly listing: ListingRows;
  readonly inbox: InboxRows;
  readonly retailers: RetailerRows;
  readonly events: EventRows;
  readonly audit: AuditRows;
  readonly leases: LeaseRows;
  readonly runtimeState: RuntimeStateRows;
  readonly alerts: AlertRows;
  /**
   * Brings recorded instants that lie in the future back to now. They were written under a clock that was set back
   * since, and what they date would be passed over until the clock gets there again. The end of a worker's right to
   * send and the next attempt of a value may rightly lie ahead, but not by more than `longestMs`. What only tells of
   * the past (the audit trail, when an order came) stays as it was written.
   */
  clampFutureTimestamps(at: number, longestMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What is kept equal on both sides: a product's price, its stock, an order's state. */
export type Flow = 'price' | 'stock' | 'order_state';

/** The flows from Odoo to Cartona's catalogue. */
export type CatalogFlow = Exclude<Flow, 'order_state'>;

/**
 * How the last attempt ended:
 * - `failed`: tried again
 * - `rejected`: Cartona said no to this value; waits for a person or for another value
 * - `given_up`: failed again and again until its time was over; waits likewise
 * - `braked`: beyond the brake's bounds; waits for a person's yes, or for another value
 * - `discarded`: a person wants this value not to be sent
 */
export type DeliveryOutcome = 'delivered' | 'failed' | 'rejected' | 'given_up' | 'braked' | 'discarded';

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
  /** Failed attempts since the last success. */
  readonly attempts: number;
  /** When it was last tried or judged. */
  readonly attemptedAt: number | undefined;
  /** Since when it has not been delivered. */
  readonly failingSince: number | undefined;
  /** When it is to be looked at again without anything else happening. */
  readonly dueAt: number | undefined;
  /** The value that a person let through the brake. */
  readonly approved: string | undefined;
}

export interface DeliveryResult {
  readonly key: string;
  readonly odooId: number;
  readonly wanted: string;
  readonly outcome: DeliveryOutcome;
  readonly reason?: string | undefined;
  readonly dueAt?: number | undefined;
  /** The other side did not take it up at all: no failed attempt of this value. */
  readonly notTaken?: boolean | undefined;
}

/** A value that somebody wants to send. */
export interface ClaimedValue {
  readonly key: string;
  readonly odooId: number;
  readonly wanted: string;
  /**
   * The row's `attemptedAt` as it was read (`null`: it had none): a row that was attempted since is not taken. Absent:
   * whatever it is.
   */
  readonly attemptedAt?: number | null;
}

export interface DeliveryRows {
  /** The rows of the given keys; a key without a row is absent from the map. */
  get(flow: Flow, keys: readonly string[]): Promise<Map<string, Delivery>>;
  /**
   * Takes the right to send these values until an instant; rows that another living worker has taken are left to it.
   * What is taken counts as unconfirmed from now on: should the answer get lost, nobody knows which value Cartona has.
   * What is not recorded until then becomes due.
   * @param asOf when the values were begun to be read; what was made unconfirmed since is not taken, for the value does
   * not know why it was
   * @returns the keys that were taken
   */
  claim(flow: Flow, values: readonly ClaimedValue[], until: number, at: number, asOf?: number): Promise<Set<string>>;
  /**
   * Records how attempts ended, all or none, and gives back what was taken: `delivered` makes the wanted value the
   * delivered one, anything else keeps the old delivered value. What was made unconfirmed meanwhile stays so, and a row
   * that another worker has taken meanwhile only becomes unconfirmed.
   */
  record(flow: Flow, results: readonly DeliveryResult[], at: number): Promise<void>;
  /** Takes the keys whose time has come, the most overdue first: whoever takes them looks at them. */
  takeDue(flow: Flow, at: number, limit: number): Promise<string[]>;
  /** When the next row becomes due. */
  nextDue(flow: Flow): Promise<number | undefined>;
  /** A person wants another try: due at once, whatever was said before. @returns how many were not delivered */
  retry(flow: Flow, keys: readonly string[], at: number): Promise<number>;
  /** A person lets just these values pass the brake. @returns how many of them were still waiting for that */
  approve(flow: Flow, values: readonly { key: string; wanted: string }[], at: number): Promise<number>;
  /** A person wants just these values not to be sent. @returns how many of them were still wanted and not delivered */
  discard(flow: Flow, values: readonly { key: string; wanted: string }[], reason: string): Promise<number>;
  /** Forgets values that are nobody's any more. */
  forget(flow: Flow, keys: readonly string[]): Promise<void>;
  /** How many rows of every flow are not delivered, by how they stand, and since when the oldest is not. */
  summary(): Promise<{ flow: Flow; outcome: DeliveryOutcome; count: number; oldest: number | undefined }[]>;
  /** Notes values that Cartona itself reports (its listing, a received order): they become the delivered ones. */
  recordObserved(flow: Flow, values: readonly { key: string; delivered: string }[], at: number): Promise<void>;
  /** Notes that Cartona was asked and does not know these; a key that has a row already keeps it. */
  noteAbsent(flow: Flow, keys: readonly string[], reason: string): Promise<void>;
  /**
   * Makes values unconfirmed and due, because the other side may have changed them (an order placed there lowers the
   * stock).
   */
  invalidate(flow: Flow, keys: readonly string[], at: number): Promise<void>;
  /** Everything of a flow that waits for a person or for the next try, oldest first. */
  undelivered(flow: Flow): Promise<Delivery[]>;
}

/** An entry of Cartona's listing, beside the values that `recordObserved` takes. */
export interface ListedEntry {
  /** The entry's own id in the listing. */
  readonly listedId: string;
  /** The Cartona id it is known by in Odoo; absent while it is linked to nothing. */
  readonly key: string | undefined;
  readonly baseProductId: string | undefined;
  readonly unitCount: number | undefined;
  /** What others ask for it at Cartona, EGP. */
  readonly medianPrice: string | undefined;
  /** Fields of the entry that cannot be read, and the start of what stands in them. */
  readonly unreadable: readonly { readonly field: string; readonly value: string }[];
}

export interface SeenEntry extends ListedEntry {
  /** UTC ms. */
  readonly seenAt: number;
}

export interface ListingRows {
  put(rows: readonly ListedEntry[], at: number): Promise<void>;
  /** The newest listed entry of each of the given Cartona ids, as far as it was seen since the given instant. */
  get(keys: readonly string[], since: number): Promise<Map<string, SeenEntry>>;
  /** Forgets the entries of these Cartona ids that were last seen before an instant: they are listed no more. */
  forget(keys: readonly string[], before: number): Promise<void>;
  /** Entries in which something cannot be read, by Cartona id. */
  unreadable(): Promise<SeenEntry[]>;
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
  /** Cartona's own list has shown this order, in this or an earlier version. Until then only a webhook told of it. */
  readonly listed: boolean;
  /** The newest version was applied on the word of a webhook alone: Cartona's list did not show it when it was read. */
  readonly webhookAlone: boolean;
  /** A version, JSON, that a webhook told and that does not count before Cartona's list has shown it. */
  readonly unverifiedPayload: string | undefined;
  /** When Cartona's list is to be read for what only a webhook told; absent: nothing is awaited of it any more. */
  readonly verifyAt: number | undefined;
  /** How often the list was read for that, and did not show it. */
  readonly verifyMisses: number;
}

/**
 * Who told an order: Cartona's own list; a webhook; or a webhook of a version that the list, when it was read for it,
 * did not show.
 */
export type OrderSource = 'list' | 'webhook' | 'webhook-alone';

export interface InboxFilter {
  readonly phases?: readonly InboxPhase[];
  readonly hashedIds?: readonly string[];
  readonly odooIds?: readonly number[];
  /** Names of sale orders. */
  readonly odooNames?: readonly string[];
  readonly closed?: boolean;
  /** What Cartona's list is to be read for by then. */
  readonly verifyBy?: number;
  readonly limit?: number;
}

export type InboxChange = Partial<Omit<InboxOrder, 'hashedId' | 'payload' | 'version' | 'status' | 'receivedAt'>>;

export interface InboxRows {
  /**
   * Writes orders down as received. A new one starts as `received`; one with another content than the kept one becomes
   * `received` again and keeps what is known of it in Odoo; one with the same content at most replaces the text (its
   * time may be another).
   * @param moved the products whose stock at Cartona these orders moved: it becomes unconfirmed and due in the same
   * step, so that nobody sees one without the other
   * @param source the list's word settles what webhooks told of the order before
   * @returns the rows as they stand afterwards, in the order given
   */
  receive(
    orders: readonly {
      hashedId: string;
      payload: string;
      version: string;
      status: string;
      cartonaTotal?: string | undefined;
    }[],
    at: number,
    moved?: readonly string[],
    source?: OrderSource,
  ): Promise<InboxOrder[]>;
  /** Newest received first; of those that came together, the newest in Odoo. */
  list(filter: InboxFilter): Promise<InboxOrder[]>;
  update(hashedId: string, change: InboxChange): Promise<void>;
  /** When Cartona's list is next to be read for what only a webhook told. */
  nextVerifyAt(): Promise<number | undefined>;
  /**
   * How many orders are not acknowledged yet, by phase, and since when the oldest of them is received; not those that
   * wait only for their retailer's editing, or for Cartona's list to be read.
   */
  summary(): Promise<{ phase: InboxPhase; count: number; oldest: number }[]>;
  /** Forgets closed orders whose newest version came before an instant, with what was told of their states. */
  prune(before: number): Promise<void>;
}

/** What a webhook told of one order, as it came. */
export interface NewEvent {
  readonly kind: 'order' | 'status';
  readonly hashedId: string;
  /** The sender's id of the message; the same in its repeats. */
  readonly webhookId: string | undefined;
  /** Digest of the content. */
  readonly digest: string;
  /** JSON, without secrets. */
  readonly payload: string;
}

export interface KeptEvent extends NewEvent {
  readonly id: number;
  readonly receivedAt: number;
}

export interface EventRows {
  /**
   * Writes events down in the order given, all or none, and returns when they would survive a power cut. A repeat is
   * the same webhook id for the same order, or without one the same content as the last event kept of that order; it
   * changes nothing.
   * @returns of each, whether it was new
   */
  keep(events: readonly NewEvent[], at: number): Promise<boolean[]>;
  /** Events that nobody has worked off yet, oldest first. */
  waiting(limit: number): Promise<KeptEvent[]>;
  /** How many wait, and since when the oldest does. */
  backlog(): Promise<{ count: number; oldest: number | undefined }>;
  done(ids: readonly number[], at: number): Promise<void>;
  /** Forgets events that were worked off before an instant. */
  prune(before: number): Promise<void>;
}

/**
 * Small facts about the profile's running that outlive the process: when it went live, what succeeded last. Values are
 * JSON.
 */
export interface RuntimeStateRows {
  get(name: string): Promise<{ value: string; at: number } | undefined>;
  all(): Promise<Map<string, { value: string; at: number }>>;
  put(name: string, value: string, at: number): Promise<void>;
  remove(name: string): Promise<void>;
}

/** A lasting trouble that somebody is, or was, told of. `cause` names it: one alert per cause. */
export interface Alert {
  readonly cause: string;
  readonly reason: string;
  readonly since: number;
  readonly toldAt: number | undefined;
}

export interface AlertRows {
  list(): Promise<Alert[]>;
  /** Notes a trouble; one that is known keeps its instants and takes the newer reason. */
  raise(cause: string, reason: string, at: number): Promise<void>;
  told(cause: string, at: number): Promise<void>;
  clear(cause: string): Promise<void>;
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

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly system?: AuditEntry['system'] | undefined;
  readonly action?: string | undefined;
  readonly record?: string | undefined;
  readonly outcome?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Only entries written after this one, in the order in which they were written. */
  readonly afterId?: number | undefined;
  readonly limit?: number | undefined;
}

export interface AuditRows {
  write(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first; of `afterId` on, oldest first. */
  list(filter: AuditFilter): Promise<(AuditEntry & { readonly id: number })[]>;
  /** The different values that are recorded of this, sorted. */
  values(of: 'actor' | 'action' | 'outcome'): Promise<string[]>;
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
  take(
    job: string,
    ttlMs: number,
  ): Promise<
    | { readonly kind: 'taken'; readonly lease: Lease }
    | { readonly kind: 'held'; readonly by: { readonly pid: number; readonly host: string; readonly since: number } }
  >;
}
