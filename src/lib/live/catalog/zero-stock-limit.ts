import { zeroStockBrake } from '../../catalog/stock.js';

/**
 * Falls to zero are counted together for so long: in small pieces a wrong warehouse would empty the catalogue
 * unnoticed.
 */
const WINDOW_MS = 60 * 60_000;

/** The brake on falls to zero stock, over time. */
export class ZeroStockLimit {
  /** When each product was last let fall. One that could not be sent is judged again, and is no further fall. */
  #falls = new Map<string, number>();

  constructor(private readonly percent: number) {}

  /**
   * Judges further falls together with those of the last hour; what is let go counts from now on. @returns why they
   * must wait
   */
  judge(cartonaIds: readonly string[], catalogueSize: number, now: number): string | undefined {
    if (cartonaIds.length === 0) return undefined;
    this.#falls = new Map([...this.#falls].filter(([, at]) => now - at < WINDOW_MS));
    const all = new Set([...this.#falls.keys(), ...cartonaIds]);
    const reason = zeroStockBrake(all.size, catalogueSize, this.percent);
    if (reason === undefined) for (const id of cartonaIds) this.#falls.set(id, now);
    return reason;
  }
}
