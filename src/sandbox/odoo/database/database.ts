import { Table, type Undo } from './table.js';
import type { Database, Fired, Model, OdooSettings, Pending, Transaction } from '../orm/types.js';
import type { OdooVersion, Row } from '../orm/values.js';

/**
 * The sandbox's database. Requests are worked off one at a time, but their transactions begin when they arrive: two
 * that overlap are told apart by the count of commits at their beginning, as PostgreSQL's snapshots are.
 */
export class MemoryDatabase implements Database {
  readonly models: Map<string, Model>;
  readonly secrets = new Map<number, { password: string; keys: Set<string> }>();
  readonly #tables = new Map<string, Table>();
  readonly #sequences = new Map<string, number>();
  #commits = 0;

  constructor(
    readonly version: OdooVersion,
    readonly name: string,
    models: readonly Model[],
    readonly settings: OdooSettings,
    private readonly clock: () => Date,
  ) {
    this.models = new Map(models.map((model) => [model.name, model]));
    for (const model of models) this.#tables.set(model.name, new Table());
  }

  table(model: string): Table {
    const table = this.#tables.get(model);
    if (!table) throw new Error(`no table for ${model}`);
    return table;
  }

  next(sequence: string): number {
    const value = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, value);
    return value;
  }

  begin(): Transaction {
    return new MemoryTransaction(this.#commits, microseconds(this.clock()), () => {
      this.#commits += 1;
      return this.#commits;
    });
  }
}

class MemoryTransaction implements Transaction {
  readonly fired = new Map<string, Fired>();
  pending: Pending | undefined;
  #undo: Undo[] = [];
  #announced: Row[] = [];

  constructor(
    readonly startedAfter: number,
    readonly now: string,
    private readonly nextCommit: () => number,
  ) {}

  log(undo: Undo): void {
    this.#undo.push(undo);
  }

  savepoint(): number {
    return this.#undo.length;
  }

  rollbackTo(savepoint: number): void {
    for (const undo of this.#undo.splice(savepoint).reverse()) undo();
  }

  announce(row: Row): void {
    this.#announced.push(row);
  }

  suspend(): () => void {
    const again = this.#undo
      .splice(0)
      .reverse()
      .map((undo) => undo());
    return () => {
      this.#undo = again.reverse().map((redo) => redo());
    };
  }

  commit(): void {
    if (this.#undo.length === 0) return;
    const commit = this.nextCommit();
    for (const row of this.#announced) row.committed = commit;
    this.#undo = [];
    this.#announced = [];
  }
}

/** `2026-11-23 01:26:24.345000`: JavaScript knows milliseconds, PostgreSQL shows microseconds. */
function microseconds(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '000');
}
