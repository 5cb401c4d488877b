/** What stands where a secret stood. */
const BLOT = '[secret]';
/**
 * Shorter ones are words as like as not ("sandbox", "odoo"): blotting them out would garble every sentence and tell
 * what the secret is.
 */
const SHORTEST = 8;

/** The secrets that this process has read or was given; whatever is printed about a failure passes through here. */
export class Redactor {
  readonly #secrets = new Set<string>();

  add(secret: string | undefined): void {
    if (secret === undefined || secret.length < SHORTEST) return;
    this.#secrets.add(secret);
    // As they stand in a URL and in JSON.
    this.#secrets.add(encodeURIComponent(secret));
    this.#secrets.add(JSON.stringify(secret).slice(1, -1));
  }

  text(value: string): string {
    // The longest first: one secret may hold another.
    let clean = value;
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, BLOT);
    return clean;
  }
}
