/** The last entries, at most `limit` of them: a benchmark's millions do not stay in memory. */
export class BoundedLog<T> {
  #entries: T[] = [];
  #total = 0;

  /** @param limit how many are kept; 0 keeps none but still counts */
  constructor(private readonly limit: number) {}

  add(entry: T): T {
    this.#total += 1;
    if (this.limit === 0) return entry;
    this.#entries.push(entry);
    // Trimmed by halves, so that a long run does not move the whole list at every entry.
    if (this.#entries.length >= this.limit * 2) this.#entries = this.#entries.slice(-this.limit);
    return entry;
  }

  /** The kept entries, oldest first. */
  kept(): T[] {
    return this.#entries.slice(-this.limit);
  }

  /** All entries ever added, kept or not. */
  get total(): number {
    return this.#total;
  }

  clear(): void {
    this.#entries = [];
    this.#total = 0;
  }
}
