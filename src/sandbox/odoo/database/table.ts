import type { FieldValue, Row } from '../orm/values.js';

/** Takes a change back, and gives what does it again. */
export type Undo = () => Undo;

const NOTHING: Undo = () => NOTHING;

type Entry = number | Set<number>;

/** Which records hold which value of one field; a list of ids is filed under each of them. */
class FieldIndex {
  readonly #entries = new Map<FieldValue, Entry>();

  add(value: FieldValue | undefined, id: number): void {
    if (isList(value)) for (const item of value) this.#put(item, id);
    else this.#put(value ?? false, id);
  }

  remove(value: FieldValue | undefined, id: number): void {
    if (isList(value)) for (const item of value) this.#take(item, id);
    else this.#take(value ?? false, id);
  }

  ids(value: FieldValue): Iterable<number> {
    const entry = this.#entries.get(value);
    return entry === undefined ? [] : typeof entry === 'number' ? [entry] : entry;
  }

  count(value: FieldValue): number {
    const entry = this.#entries.get(value);
    return entry === undefined ? 0 : typeof entry === 'number' ? 1 : entry.size;
  }

  #put(value: FieldValue, id: number): void {
    const entry = this.#entries.get(value);
    if (entry === undefined) this.#entries.set(value, id);
    else if (typeof entry === 'number') {
      if (entry !== id) this.#entries.set(value, new Set([entry, id]));
    } else entry.add(id);
  }

  #take(value: FieldValue, id: number): void {
    const entry = this.#entries.get(value);
    if (entry === id) this.#entries.delete(value);
    else if (entry instanceof Set) {
      entry.delete(id);
      if (entry.size === 0) this.#entries.delete(value);
    }
  }
}

function isList(value: FieldValue | undefined): value is readonly number[] {
  return Array.isArray(value);
}

/**
 * The records of one model, by id. An index on a field is built when somebody first looks a value up, and kept from
 * then on. Every change hands back how to undo it; ids are never given out twice, as with PostgreSQL's sequences.
 */
export class Table {
  readonly #rows: (Row | undefined)[] = [];
  readonly #indexes = new Map<string, FieldIndex>();
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** One more than the highest id ever given. */
  get end(): number {
    return Math.max(1, this.#rows.length);
  }

  get(id: number): Row | undefined {
    return this.#rows[id];
  }

  /** Keeps a record under a new id. The values become the record: nobody else may change them. */
  insert(values: Record<string, FieldValue | undefined>): { row: Row; undo: Undo } {
    const row: Row = Object.assign(values, { id: this.end });
    this.#rows[row.id] = row;
    this.#count += 1;
    for (const [field, index] of this.#indexes) index.add(row[field], row.id);
    return { row, undo: () => this.remove(row.id) };
  }

  remove(id: number): Undo {
    const row = this.#rows[id];
    if (!row) return NOTHING;
    this.#rows[id] = undefined;
    this.#count -= 1;
    for (const [field, index] of this.#indexes) index.remove(row[field], id);
    return () => {
      this.#rows[id] = row;
      this.#count += 1;
      for (const [field, index] of this.#indexes) index.add(row[field], id);
      return () => this.remove(id);
    };
  }

  update(id: number, values: Readonly<Record<string, FieldValue | undefined>>): Undo {
    const row = this.#rows[id];
    if (!row) return NOTHING;
    const before: Record<string, FieldValue | undefined> = {};
    for (const [field, value] of Object.entries(values)) {
      before[field] = row[field];
      const index = this.#indexes.get(field);
      index?.remove(row[field], id);
      row[field] = value;
      index?.add(value, id);
    }
    return () => this.update(id, before);
  }

  /** Ids of the records whose field holds the value (`false`: nothing), in no certain order. */
  lookup(field: string, value: FieldValue): Iterable<number> {
    return this.#index(field).ids(value);
  }

  /** How many records `lookup` would give. */
  matches(field: string, value: FieldValue): number {
    return this.#index(field).count(value);
  }

  /** All records with an id of at least `from`, by rising id. */
  *scan(from = 1): IterableIterator<Row> {
    for (let id = Math.max(1, from); id < this.#rows.length; id += 1) {
      const row = this.#rows[id];
      if (row) yield row;
    }
  }

  /** All records with an id of at most `from`, by falling id. */
  *scanDown(from = this.#rows.length - 1): IterableIterator<Row> {
    for (let id = Math.min(from, this.#rows.length - 1); id > 0; id -= 1) {
      const row = this.#rows[id];
      if (row) yield row;
    }
  }

  #index(field: string): FieldIndex {
    const known = this.#indexes.get(field);
    if (known) return known;
    const index = new FieldIndex();
    for (const row of this.scan()) index.add(row[field], row.id);
    this.#indexes.set(field, index);
    return index;
  }
}
