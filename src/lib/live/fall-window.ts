import { zeroStockBrake } from '../catalog/flow.js';

/** Falls to zero are counted together for so long: in small pieces a wrong warehouse would empty the catalogue unnoticed. */
const WINDOW_MS = 60 * 60_000;

/** The brake on falls to zero stock, over time. */
export class FallWindow {
  #falls: { readonly at: number; readonly count: number }[] = [];

  constructor(private readonly percent: number) {}

  /** Judges further falls together with those of the last hour; what is let go counts from now on. @returns why they must wait */
  judge(falls: number, catalogueSize: number, now: number): string | undefined {
    if (falls === 0) return undefined;
    this.#falls = this.#falls.filter((fall) => now - fall.at < WINDOW_MS);
    const recent = this.#falls.reduce((sum, fall) => sum + fall.count, 0);
    const reason = zeroStockBrake(recent + falls, catalogueSize, this.percent);
    if (reason === undefined) this.#falls.push({ at: now, count: falls });
    return reason;
  }
}
