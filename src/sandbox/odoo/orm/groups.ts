import type { Table } from '../database/table.js';

/** Groups with those that they imply. */
export function withImplied(table: Table, groups: readonly number[]): ReadonlySet<number> {
  const all = new Set(groups);
  for (const id of all) {
    const implied = table.get(id)?.implied_ids;
    if (Array.isArray(implied)) for (const other of implied as readonly number[]) all.add(other);
  }
  return all;
}
