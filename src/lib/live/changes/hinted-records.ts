/**
 * When to look at a record after a hint about it, ms: up to Odoo 18 it is given before its transaction is committed.
 */
const FIRST_MS = 12;
const LATER_MS = [40, 90];
/** Beyond so many records at a time the polls alone look: a mass change gives a hint for every record. */
const MANY = 100;

/** Turns hints that name records into looks at just these, without asking first what has changed. */
export class HintedRecords {
  readonly #hinted = new Set<number>();
  #waiting = false;

  /** @param look told ids to look at, at the times of the looks */
  constructor(private readonly look: (odooIds: readonly number[]) => void) {}

  hint(odooIds: readonly number[]): void {
    if (odooIds.length === 0 || this.#hinted.size + odooIds.length > MANY) return;
    for (const id of odooIds) this.#hinted.add(id);
    // Those that come until the first look belong to it.
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => this.#begin(), FIRST_MS).unref();
  }

  #begin(): void {
    const odooIds = [...this.#hinted];
    this.#hinted.clear();
    this.#waiting = false;
    this.look(odooIds);
    for (const ms of LATER_MS) setTimeout(() => this.look(odooIds), ms - FIRST_MS).unref();
  }
}
