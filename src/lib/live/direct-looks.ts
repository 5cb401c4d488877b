/** When to look at a record after a hint about it, ms: up to Odoo 18 it is given before its transaction is committed. */
const LOOKS_MS = [15, 80];
/** Beyond so many records at a time the polls alone look: a mass change gives a hint for every record. */
const MANY = 100;

/** Turns hints that name records into looks at just these, without asking first what has changed. */
export class DirectLooks {
  readonly #hinted = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param look told ids to look at, at the times of the looks */
  constructor(private readonly look: (odooIds: readonly number[]) => void) {}

  hint(odooIds: readonly number[]): void {
    if (this.#hinted.size + odooIds.length > MANY) return;
    for (const id of odooIds) this.#hinted.add(id);
    // Those that come until the first look belong to it.
    this.#timer ??= setTimeout(() => this.#begin(), LOOKS_MS[0]);
  }

  #begin(): void {
    const odooIds = [...this.#hinted];
    this.#hinted.clear();
    this.#timer = undefined;
    this.look(odooIds);
    for (const ms of LOOKS_MS.slice(1)) setTimeout(() => this.look(odooIds), ms - (LOOKS_MS[0] ?? 0)).unref();
  }
}
