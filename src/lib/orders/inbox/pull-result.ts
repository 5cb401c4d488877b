/** An order that Odoo holds as Cartona tells it, after this run. */
export interface AppliedOrder {
  readonly hashedId: string;
  /** Empty: it was cancelled before it could be made in Odoo. */
  readonly odooName: string;
  /** Cartona's status. */
  readonly status: string;
  /**
   * What was done in Odoo: `created`, `changed`, `confirm`, `deliver`, `lock`, `unlock`, `cancel`; empty when nothing
   * had to be.
   */
  readonly done: readonly string[];
  /** EGP. */
  readonly cartonaTotal: string;
  /** In the order's own currency. */
  readonly odooTotal: string;
  /** What a person should know although the order stands, as a total that differs. */
  readonly differences: readonly string[];
}

/** An order that waits for a person, or for the retailer to finish. */
export interface HeldOrder {
  readonly hashedId: string;
  readonly odooName: string | undefined;
  readonly status: string;
  readonly reason: string;
}

export interface PullResult {
  /** Orders that Cartona listed. */
  readonly listed: number;
  /** Of these, new ones and changed ones. */
  readonly changed: number;
  readonly applied: readonly AppliedOrder[];
  readonly acknowledged: number;
  /** Held orders that are new, or whose reason changed: each is named once. */
  readonly held: readonly HeldOrder[];
  /** Held orders that were named by an earlier run. */
  readonly stillHeld: number;
  /** Orders that Cartona lists again although they were acknowledged. */
  readonly unacknowledged: readonly string[];
  /** Why orders without a `hashed_id` cannot be read; they cannot be kept. */
  readonly nameless: readonly string[];
}
