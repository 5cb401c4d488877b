/** Lets the same thing be told once in a while only. */
export class Throttle {
  readonly #toldAt = new Map<string, number>();

  constructor(private readonly everyMs: number) {}

  allow(what: string, now: number): boolean {
    const passed = now - (this.#toldAt.get(what) ?? -Infinity);
    // Below zero the clock was set back.
    if (passed >= 0 && passed < this.everyMs) return false;
    this.#toldAt.set(what, now);
    return true;
  }
}
