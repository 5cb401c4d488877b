import type { Watched } from './change-queries.js';

/**
 * When to look after a hint, ms: Odoo gives it before its transaction is committed (up to 18), and nobody knows how
 * long that takes.
 */
const LOOKS_MS = [20, 70, 180, 400, 900];
/** The same where the named record itself is looked at meanwhile: the first polls would only get in its way. */
const BESIDE_DIRECT_MS = [180, 400, 900];
/**
 * Hints that come this soon after the one that began a series belong to it: a mass change gives one for every record.
 */
const SERIES_MS = 200;

/** Turns hints into a few looks, however many there are. */
export class HintSchedule {
  readonly #due: { at: number; readonly watched: Watched }[] = [];
  readonly #began = new Map<Watched, number>();

  /**
   * @param model of the record that may have changed; an unknown one is looked at as a product's
   * @param direct the record itself is looked at just now
   */
  hint(model: string | undefined, now: number, direct = false): void {
    const watched = watchedOf(model);
    if (now - (this.#began.get(watched) ?? -Infinity) < SERIES_MS) return;
    this.#began.set(watched, now);
    const rest = this.#due.filter((look) => look.watched !== watched);
    this.#due.splice(
      0,
      this.#due.length,
      ...rest,
      ...(direct ? BESIDE_DIRECT_MS : LOOKS_MS).map((ms) => ({ at: now + ms, watched })),
    );
    this.#due.sort((a, b) => a.at - b.at);
  }

  /** When the next look is due. */
  get nextAt(): number | undefined {
    return this.#due[0]?.at;
  }

  /** Takes the look that is due. */
  take(now: number): Watched | undefined {
    const [first] = this.#due;
    if (!first || first.at > now) return undefined;
    this.#due.shift();
    return first.watched;
  }
}

function watchedOf(model: string | undefined): Watched {
  if (model === undefined || model.startsWith('product.')) return 'price';
  return model.startsWith('stock.quant') || model.startsWith('stock.move') ? 'stock' : 'order';
}
