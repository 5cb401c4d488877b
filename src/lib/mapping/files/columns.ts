/**
 * A column of whole numbers that grows, at four bytes each: a hundred thousand objects or boxed numbers would be a
 * burden.
 */
export class IntColumn {
  #values = new Int32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}

/** Rows per column: a key of 32 bits and a row together must be an exact number. */
export const MOST_ROWS = 2 ** 21;

/**
 * Rows sorted by a 32-bit key, for finding those that share one: an index of eight bytes a row that is made once, when
 * all rows are there.
 */
export class SortedKeys {
  readonly #sorted: Float64Array;

  /** @param keyOf the key of a row, 0 to 2³² - 1; negative leaves the row out */
  constructor(rows: number, keyOf: (row: number) => number) {
    const sorted = new Float64Array(rows);
    let length = 0;
    for (let row = 0; row < rows; row += 1) {
      const key = keyOf(row);
      if (key < 0) continue;
      sorted[length] = key * MOST_ROWS + row;
      length += 1;
    }
    this.#sorted = sorted.subarray(0, length).sort();
  }

  /** The rows of each key that more than one row has, in the order of rows. */
  *shared(): Iterable<number[]> {
    const sorted = this.#sorted;
    for (let from = 0, to = 1; from < sorted.length; from = to, to += 1) {
      const end = (Math.floor((sorted[from] ?? 0) / MOST_ROWS) + 1) * MOST_ROWS;
      while (to < sorted.length && (sorted[to] ?? 0) < end) to += 1;
      if (to > from + 1) yield Array.from(sorted.subarray(from, to), (entry) => entry % MOST_ROWS);
    }
  }

  /** The first row with a key. */
  first(key: number): number | undefined {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < key * MOST_ROWS) low = middle + 1;
      else high = middle;
    }
    const found = this.#sorted[low];
    return found !== undefined && Math.floor(found / MOST_ROWS) === key ? found % MOST_ROWS : undefined;
  }
}

/** A column of texts in one piece of memory, as UTF-8. */
export class TextColumn {
  #bytes = Buffer.alloc(16 * 1024);
  #used = 0;
  readonly #ends = new IntColumn();

  push(text: string): void {
    const length = Buffer.byteLength(text);
    while (this.#used + length > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#used += this.#bytes.write(text, this.#used);
    this.#ends.push(this.#used);
  }

  at(index: number): string {
    return this.#bytes.toString('utf8', this.#start(index), this.#ends.at(index));
  }

  isEmpty(index: number): boolean {
    return this.#start(index) === this.#ends.at(index);
  }

  /** 32 bits of a text (FNV-1a). Texts with one hash need not be equal. */
  hash(index: number): number {
    let hash = 0x811c9dc5;
    const end = this.#ends.at(index);
    for (let at = this.#start(index); at < end; at += 1) hash = Math.imul(hash ^ (this.#bytes[at] ?? 0), 0x01000193);
    return hash >>> 0;
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends.at(index - 1);
  }
}
