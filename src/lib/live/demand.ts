import { openDemand, type OpenDemand } from '../orders/open-demand.js';
import type { Session } from '../session.js';

/** Other programs may receive orders as well. */
const LONGEST_AGE_MS = 30_000;

/** What retailers have ordered and Odoo has not reserved, kept until something is known to have changed. */
export class DemandCache {
  #read: { readonly at: number; readonly demand: Promise<OpenDemand> } | undefined;

  constructor(private readonly session: Session) {}

  get(): Promise<OpenDemand> {
    const now = this.session.now();
    if (this.#read && now - this.#read.at < LONGEST_AGE_MS) return this.#read.demand;
    const demand = openDemand(this.session);
    const read = { at: now, demand };
    this.#read = read;
    demand.catch(() => {
      if (this.#read === read) this.#read = undefined;
    });
    return demand;
  }

  /** Orders changed: it is read anew when it is needed. */
  invalidate(): void {
    this.#read = undefined;
  }
}
