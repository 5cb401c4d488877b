import { described, type Product } from './match.js';

/** A product that holds an id now. */
export type Holder = Pick<Product, 'id' | 'holder' | 'reference' | 'active' | 'cartonaId'>;

export interface PlannedRow {
  readonly line: number;
  /** Absent where it could not be read. */
  readonly cartonaId: string | undefined;
  /** The product that the row names, where that is clear. */
  readonly product: Product | undefined;
  /** Everything in Odoo that holds this row's id now. */
  readonly holders: readonly Holder[];
  readonly problems: readonly string[];
}

/** One id to be written, and what it replaces. */
export interface IdChange {
  /** Its place among the rows, from 0. */
  readonly row: number;
  readonly line: number;
  readonly product: number;
  /** The record that holds the id, see `Product`. */
  readonly holder: number;
  readonly from: string | undefined;
  readonly to: string;
}

export interface Settled {
  /** Places of the rows to write, see `change`; whoever gives an id up stands before whoever takes it. */
  readonly order: readonly number[];
  readonly unchanged: number;
}

/**
 * The rules that hold between the rows of a mapping, and between them and what Odoo holds: one id per product, one product
 * per id, over the whole file and over all of Odoo. Pure: what Odoo holds is told with each row. State is a few numbers and one string a row,
 * in parallel arrays, for a file may have a hundred thousand rows.
 */
export class MappingPlan {
  readonly #line: number[] = [];
  readonly #product: number[] = [];
  readonly #holder: number[] = [];
  readonly #to: (string | undefined)[] = [];
  readonly #unchanged: boolean[] = [];
  readonly #confirmed: boolean[] = [];
  /** The id a product has now, of those that have another one than the row gives. */
  readonly #from = new Map<number, string>();
  readonly #problems = new Map<number, string>();
  /** Rows whose id somebody else holds now: who, and how a person calls it. */
  readonly #claims = new Map<number, readonly Holder[]>();
  readonly #ids = new FirstRows<string>();
  readonly #holders = new FirstRows<number>();
  /** For a row that gives up an id: the rows that take it over. */
  readonly #heirs = new Map<number, number[]>();

  /** Adds the next row of the file. */
  add({ line, cartonaId, product, holders, problems }: PlannedRow): void {
    const row = this.#line.push(line) - 1;
    this.#to.push(cartonaId);
    this.#product.push(product?.id ?? 0);
    this.#holder.push(product?.holder ?? 0);
    this.#confirmed.push(false);
    this.#unchanged.push(product !== undefined && product.cartonaId === cartonaId);
    for (const problem of problems) this.#reject(row, problem);
    if (cartonaId !== undefined) this.#noteId(row, cartonaId);
    if (product === undefined) return;
    this.#noteProduct(row, product);
    if (cartonaId === undefined) return;
    if (product.cartonaId !== undefined && product.cartonaId !== cartonaId) this.#from.set(row, product.cartonaId);
    const others = holders.filter((other) => other.holder !== product.holder);
    if (others.length > 0) this.#claims.set(row, others);
  }

  /** Decides, once all rows are there. @param replace whether a product may be given another id than it has */
  settle(replace: boolean): Settled {
    if (!replace) {
      for (const [row, from] of this.#from) this.#reject(row, `the product ${this.#product[row]} already has the Cartona id '${from}'; use --replace to give it another one`);
    }
    this.#settleClaims();
    const order: number[] = [];
    let unchanged = 0;
    for (let row = 0; row < this.#line.length; row += 1) {
      if (this.#problems.has(row)) continue;
      if (this.#unchanged[row]) unchanged += 1;
      else order.push(row);
    }
    return { order: this.#heirs.size === 0 ? order : this.#inOrder(order), unchanged };
  }

  /** The change that an accepted row makes. */
  change(row: number): IdChange {
    return {
      row,
      line: this.#line[row] ?? 0,
      product: this.#product[row] ?? 0,
      holder: this.#holder[row] ?? 0,
      from: this.#from.get(row),
      to: this.#to[row] ?? '',
    };
  }

  /** Why a row is rejected, if it is. */
  reason(row: number): string | undefined {
    return this.#problems.get(row);
  }

  /** Notes that a row's change is in Odoo: nothing brings it down any more. */
  confirm(row: number): void {
    this.#confirmed[row] = true;
  }

  /** Rejects an accepted row after all, and the rows that were to take over the id it now keeps. */
  refuse(row: number, reason: string): void {
    const fallen = [{ row, reason }];
    for (let next = fallen.pop(); next; next = fallen.pop()) {
      if (this.#problems.has(next.row) || this.#confirmed[next.row]) continue;
      this.#reject(next.row, next.reason);
      for (const heir of this.#heirs.get(next.row) ?? []) {
        fallen.push({ row: heir, reason: `the Cartona id '${this.#to[heir]}' is still held by product ${this.#product[next.row]}: line ${this.#line[next.row]} was refused` });
      }
    }
  }

  get rejected(): number {
    return this.#problems.size;
  }

  /** The rejected lines with all reasons of each, in the file's order. */
  *rejections(): Iterable<{ line: number; reason: string }> {
    for (let row = 0; row < this.#line.length; row += 1) {
      const reason = this.#problems.get(row);
      if (reason !== undefined) yield { line: this.#line[row] ?? 0, reason };
    }
  }

  #noteId(row: number, cartonaId: string): void {
    const repeat = this.#ids.note(cartonaId, row);
    if (repeat) this.#rejectBoth(row, repeat, (line) => `the same Cartona id '${cartonaId}' is also on line ${line}`);
  }

  #noteProduct(row: number, product: Product): void {
    if (product.variants > 1) {
      this.#reject(row, `the Cartona id lives on the product template in this Odoo, and ${described(product)} shares its template with ${product.variants - 1} other variant${product.variants === 2 ? '' : 's'}`);
    }
    // Its being archived matters only where something would change: an exported mapping can be imported as it is.
    if (!product.active && !this.#unchanged[row]) this.#reject(row, `archived product: ${described(product)}; unarchive it in Odoo first`);
    const repeat = this.#holders.note(product.holder, row);
    // Where the id is the same as well, that was already said.
    if (!repeat || (this.#to[row] !== undefined && this.#to[repeat.first] === this.#to[row])) return;
    this.#rejectBoth(row, repeat, (line) => `the same product, ${described(product)}, is also on line ${line}; one product has one Cartona id`);
  }

  /** An id that another product holds is free only when that product is given another one by an accepted row of this file. */
  #settleClaims(): void {
    const dependents = new Map<number, number[]>();
    const open: number[] = [];
    for (const [row, holders] of this.#claims) {
      for (const holder of holders) {
        const giver = this.#holders.first(holder.holder);
        if (giver !== undefined && !this.#unchanged[giver]) append(dependents, giver, row);
        if (giver === undefined || this.#unchanged[giver] || this.#problems.has(giver)) open.push(row);
      }
    }
    // A row that falls takes with it those that counted on it.
    const fallen = new Set<number>();
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      if (fallen.has(row)) continue;
      fallen.add(row);
      this.#reject(row, this.#conflict(row));
      open.push(...(dependents.get(row) ?? []));
    }
    for (const [giver, heirs] of dependents) if (!this.#problems.has(giver)) this.#heirs.set(giver, heirs.filter((heir) => !this.#problems.has(heir)));
  }

  #conflict(row: number): string {
    const holders = (this.#claims.get(row) ?? []).map((holder) => {
      const giver = this.#holders.first(holder.holder);
      return `${described(holder)}${giver === undefined ? '' : `, which line ${this.#line[giver]} does not free`}`;
    });
    return `the Cartona id '${this.#to[row]}' is already held by ${holders.slice(0, 3).join(' and ')}`;
  }

  /** Givers before takers; a ring of products that pass ids around stands together. */
  #inOrder(rows: readonly number[]): number[] {
    const givers = new Map<number, number[]>();
    for (const [giver, heirs] of this.#heirs) for (const heir of heirs) append(givers, heir, giver);
    const order: number[] = [];
    const entered = new Set<number>();
    for (const start of rows) {
      const path: { row: number; next: number }[] = [];
      const enter = (row: number): void => {
        if (entered.has(row)) return;
        entered.add(row);
        path.push({ row, next: 0 });
      };
      enter(start);
      for (let top = path[path.length - 1]; top; top = path[path.length - 1]) {
        const giver = givers.get(top.row)?.[top.next];
        top.next += 1;
        if (giver !== undefined) enter(giver);
        else order.push(path.pop()?.row ?? 0);
      }
    }
    return order;
  }

  #rejectBoth(row: number, { first, again }: Repeat, reason: (line: number) => string): void {
    this.#reject(row, reason(this.#line[first] ?? 0));
    if (!again) this.#reject(first, reason(this.#line[row] ?? 0));
  }

  #reject(row: number, reason: string): void {
    const before = this.#problems.get(row);
    this.#problems.set(row, before === undefined ? reason : `${before}; ${reason}`);
  }
}

interface Repeat {
  readonly first: number;
  /** It was repeated before. */
  readonly again: boolean;
}

/** On which row something stood first. */
class FirstRows<K> {
  readonly #first = new Map<K, number>();
  readonly #repeated = new Set<K>();

  first(key: K): number | undefined {
    return this.#first.get(key);
  }

  note(key: K, row: number): Repeat | undefined {
    const first = this.#first.get(key);
    if (first === undefined) {
      this.#first.set(key, row);
      return undefined;
    }
    const again = this.#repeated.has(key);
    this.#repeated.add(key);
    return { first, again };
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
