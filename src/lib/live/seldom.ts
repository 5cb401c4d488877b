/** Lets the same thing be told once in a while only. */
export class Seldom {
  readonly #toldAt = new Map<string, number>();

  constructor(private readonly everyMs: number) {}

  mayTell(what: string, now: number): boolean {
    if (now - (this.#toldAt.get(what) ?? -Infinity) < this.everyMs) return false;
    this.#toldAt.set(what, now);
    return true;
  }
}
