const SECOND_MS = 1000;

/** How many times something happened in the last full second. */
export class EventRate {
  #second = 0;
  #count = 0;
  #before = 0;

  note(now: number): void {
    this.#roll(now);
    this.#count += 1;
  }

  perSecond(now: number): number {
    this.#roll(now);
    return Math.max(this.#before, this.#count);
  }

  #roll(now: number): void {
    const second = Math.floor(now / SECOND_MS);
    if (second === this.#second) return;
    this.#before = second === this.#second + 1 ? this.#count : 0;
    this.#count = 0;
    this.#second = second;
  }
}
