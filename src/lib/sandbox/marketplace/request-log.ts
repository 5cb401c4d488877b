/** One request to the marketplace's API; control requests are not logged. */
export interface LoggedRequest {
  at: Date;
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, unknown>;
  /** The parsed body; undefined where none was read, as when the token was refused. */
  body: unknown;
  /** Whether the token was accepted; false also where the request never got so far. */
  auth: boolean;
  /** Of the answer that left; null while there is none, and for ever where the connection was cut. */
  status: number | null;
  /** The kind of the injected fault that it met. */
  fault: string | null;
}

/** The last requests, at most `limit` of them: a benchmark's millions do not stay in memory. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #total = 0;

  /** @param limit how many are kept; 0 keeps none but still counts */
  constructor(private readonly limit: number) {}

  add(entry: LoggedRequest): LoggedRequest {
    this.#total += 1;
    if (this.limit === 0) return entry;
    this.#entries.push(entry);
    // Trimmed by halves, so that a long run does not move the whole list at every request.
    if (this.#entries.length >= this.limit * 2) this.#entries = this.#entries.slice(-this.limit);
    return entry;
  }

  /** The kept requests, oldest first; with a text, only those whose path contains it. */
  list(pathPart = ''): LoggedRequest[] {
    return this.#entries.slice(-this.limit).filter((entry) => entry.path.includes(pathPart));
  }

  /** All requests ever seen, kept or not. */
  get total(): number {
    return this.#total;
  }

  clear(): void {
    this.#entries = [];
    this.#total = 0;
  }
}
