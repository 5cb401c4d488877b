import { CartonaError } from '../common/errors.js';
import { IntColumn, MOST_ROWS, SortedKeys, TextColumn } from './files/columns.js';
import { described, type Product } from './match.js';

/** A record that holds an id now. */
export interface Holder {
  /** See `Product`. */
  readonly holder: number;
  /** How a person knows it. */
  readonly label: string;
  /** The command that takes the id away from it, where one command can. */
  readonly remedy: string | undefined;
}

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
  /** The product's Odoo id. */
  readonly product: number;
  /** The record that holds the id, see `Product`. */
  readonly holder: number;
  readonly from: string | undefined;
  readonly to: string;
}

export interface PlannedChanges {
  /** The rows to write, see `change`; whoever gives an id up stands before whoever takes it. */
  readonly order: readonly number[];
  readonly unchanged: number;
}

/**
 * The rules that hold between the rows of a mapping, and between them and what Odoo holds: one id per product, one
 * product per id, over the whole file and over all of Odoo. Pure: what Odoo holds is told with each row. A file may
 * have hundreds of thousands of rows, so a good row costs a few dozen bytes here.
 */
export class MappingPlan {
  readonly #line = new IntColumn();
  readonly #product = new IntColumn();
  readonly #holder = new IntColumn();
  readonly #unchanged = new IntColumn();
  readonly #to = new TextColumn();
  /** The id a product has now, of those that have another one than the row gives. */
  readonly #from = new Map<number, string>();
  readonly #problems = new Map<number, string>();
  /** Rows whose id somebody else holds now. */
  readonly #claims = new Map<number, readonly Holder[]>();
  readonly #confirmed = new Set<number>();
  /** For a row that gives up an id: the rows that take it over. */
  readonly #heirs = new Map<number, number[]>();

  /** Adds the next row of the file. @throws CartonaError `usage` for a file of more than two million rows */
  add({ line, cartonaId, product, holders, problems }: PlannedRow): void {
    const row = this.#line.length;
    if (row === MOST_ROWS)
      throw new CartonaError('usage', `The file has more than ${MOST_ROWS} rows; split it into several.`);
    const unchanged = product !== undefined && product.cartonaId === cartonaId;
    this.#line.push(line);
    this.#product.push(product?.id ?? 0);
    this.#holder.push(product?.holder ?? 0);
    this.#unchanged.push(unchanged ? 1 : 0);
    this.#to.push(cartonaId ?? '');
    for (const problem of problems) this.#reject(row, problem);
    if (product === undefined) return;
    if (product.variants > 1) {
      const others = product.variants === 2 ? 'another variant' : `${product.variants - 1} other variants`;
      this.#reject(
        row,
        `the Cartona id lives on the product template in this Odoo, and ${described(product)} shares its template with ${others}`,
      );
    }
    // Its being archived matters only where something would change: an exported mapping can be imported as it is.
    if (!product.active && !unchanged)
      this.#reject(row, `archived product: ${described(product)}; unarchive it in Odoo first`);
    if (cartonaId === undefined) return;
    if (product.cartonaId !== undefined && !unchanged) this.#from.set(row, product.cartonaId);
    const others = holders.filter((other) => other.holder !== product.holder);
    if (others.length > 0) this.#claims.set(row, others);
  }

  /** Decides, once all rows are there. @param replace whether a product may be given another id than it has */
  finish(replace: boolean): PlannedChanges {
    const rows = this.#line.length;
    const byHolder = new SortedKeys(rows, (row) => this.#holder.at(row) || -1);
    this.#settleIds();
    this.#settleProducts(byHolder);
    if (!replace) {
      for (const [row, from] of this.#from) {
        this.#reject(
          row,
          `the product (Odoo id ${this.#product.at(row)}) already has the Cartona id '${from}'; use --replace to give it another one`,
        );
      }
    }
    this.#settleClaims(byHolder);
    const order: number[] = [];
    let unchanged = 0;
    for (let row = 0; row < rows; row += 1) {
      if (this.#problems.has(row)) continue;
      if (this.#unchanged.at(row)) unchanged += 1;
      else order.push(row);
    }
    return { order: this.#heirs.size === 0 ? order : this.#giversFirst(order), unchanged };
  }

  /** The change that an accepted row makes. */
  change(row: number): IdChange {
    return {
      row,
      line: this.#line.at(row),
      product: this.#product.at(row),
      holder: this.#holder.at(row),
      from: this.#from.get(row),
      to: this.#to.at(row),
    };
  }

  /** Why a row is rejected, if it is. */
  reason(row: number): string | undefined {
    return this.#problems.get(row);
  }

  /** Notes that a row's change is in Odoo: nothing brings it down any more. */
  confirm(row: number): void {
    // Only a row that waited for another could be brought down.
    if (this.#claims.has(row)) this.#confirmed.add(row);
  }

  /** Rejects an accepted row after all, and the rows that were to take over the id it now keeps. */
  refuse(row: number, reason: string): void {
    const fallen = [{ row, reason }];
    for (let next = fallen.pop(); next; next = fallen.pop()) {
      if (this.#problems.has(next.row) || this.#confirmed.has(next.row)) continue;
      this.#reject(next.row, next.reason);
      const kept = `still held by the product (Odoo id ${this.#product.at(next.row)}) of line ${this.#line.at(next.row)}, which was refused`;
      for (const heir of this.#heirs.get(next.row) ?? [])
        fallen.push({ row: heir, reason: `the Cartona id '${this.#to.at(heir)}' is ${kept}` });
    }
  }

  get rejected(): number {
    return this.#problems.size;
  }

  /** The rejected lines with all reasons of each, in the file's order. */
  *rejections(): Iterable<{ line: number; reason: string }> {
    for (let row = 0; row < this.#line.length; row += 1) {
      const reason = this.#problems.get(row);
      if (reason !== undefined) yield { line: this.#line.at(row), reason };
    }
  }

  /** The same id on several lines: none of them is known to be the right one. */
  #settleIds(): void {
    const byHash = new SortedKeys(this.#line.length, (row) => (this.#to.isEmpty(row) ? -1 : this.#to.hash(row)));
    for (const group of byHash.shared()) {
      const byId = new Map<string, number[]>();
      for (const row of group) append(byId, this.#to.at(row), row);
      for (const [id, rows] of byId)
        this.#rejectShared(rows, (line) => `the same Cartona id '${id}' is also on line ${line}`);
    }
  }

  #settleProducts(byHolder: SortedKeys): void {
    for (const rows of byHolder.shared()) {
      // Where they give it the same id, that was already said.
      const ids = new Set(rows.map((row) => this.#to.at(row)));
      if (ids.size < 2) continue;
      const product = this.#product.at(rows[0] ?? 0);
      this.#rejectShared(
        rows,
        (line) => `the same product (Odoo id ${product}) is also on line ${line}; one product has one Cartona id`,
      );
    }
  }

  #rejectShared(rows: readonly number[], reason: (line: number) => string): void {
    const [first, second] = rows;
    if (first === undefined || second === undefined) return;
    for (const row of rows) this.#reject(row, reason(this.#line.at(row === first ? second : first)));
  }

  /**
   * An id that another product holds is free only when that product is given another one by an accepted row of this
   * file.
   */
  #settleClaims(byHolder: SortedKeys): void {
    const dependents = new Map<number, number[]>();
    const falling: number[] = [];
    for (const [row, holders] of this.#claims) {
      for (const { holder } of holders) {
        const giver = byHolder.first(holder);
        if (giver !== undefined && !this.#unchanged.at(giver)) append(dependents, giver, row);
        if (giver === undefined || this.#unchanged.at(giver) || this.#problems.has(giver)) falling.push(row);
      }
    }
    // A row that falls takes with it those that counted on it.
    const fallen = new Set<number>();
    for (let row = falling.pop(); row !== undefined; row = falling.pop()) {
      if (fallen.has(row)) continue;
      fallen.add(row);
      this.#reject(row, this.#conflict(row, byHolder));
      falling.push(...(dependents.get(row) ?? []));
    }
    for (const [giver, heirs] of dependents) {
      const left = heirs.filter((heir) => !this.#problems.has(heir));
      if (left.length > 0 && !this.#problems.has(giver)) this.#heirs.set(giver, left);
    }
  }

  #conflict(row: number, byHolder: SortedKeys): string {
    const holders = (this.#claims.get(row) ?? []).slice(0, 3).map(({ holder, label, remedy }) => {
      const giver = byHolder.first(holder);
      if (giver !== undefined) return `${label}, which line ${this.#line.at(giver)} does not free`;
      return remedy === undefined ? label : `${label} (free it with \`${remedy}\`)`;
    });
    return `the Cartona id '${this.#to.at(row)}' is already held by ${holders.join(' and ')}`;
  }

  /** Givers before takers; a ring of products that pass their ids around stands together. */
  #giversFirst(rows: readonly number[]): number[] {
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
        if (giver !== undefined) {
          enter(giver);
        } else {
          order.push(top.row);
          path.pop();
        }
      }
    }
    return order;
  }

  #reject(row: number, reason: string): void {
    const before = this.#problems.get(row);
    this.#problems.set(row, before === undefined ? reason : `${before}; ${reason}`);
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
