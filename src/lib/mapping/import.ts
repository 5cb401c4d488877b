import { throwIfInterrupted } from '../common/errors.js';
import { requireIdField, type Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { applyChanges } from './apply.js';
import type { HeaderRules } from './files/header.js';
import { findHolders, findProductsByKeys } from './lookup.js';
import { openMappingFile, type MappingFile } from './files/mapping-file.js';
import { namesProduct, ProductIndex, readRow, type RowRead } from './match.js';
import { MappingPlan, type IdChange, type PlannedChanges } from './plan.js';
import { removeRejected, writeRejected } from './files/rejected-file.js';
import { WRITE_CHUNK } from './write-ids.js';

export interface MappingImportOptions {
  /** Find out everything, write the rejected rows' file, and write nothing to Odoo. */
  readonly dryRun?: boolean;
  /** Products that have another id are given the file's. */
  readonly replace?: boolean;
  /** Write the good rows although others are rejected. */
  readonly skipInvalid?: boolean;
}

export interface RejectedRow {
  readonly line: number;
  readonly reason: string;
}

export interface MappingImportResult {
  readonly file: string;
  readonly encoding: string;
  readonly dryRun: boolean;
  /** Rows of the file, the header and empty ones not counted. */
  readonly rows: number;
  /** Products that already had their id. */
  readonly unchanged: number;
  /** Ids to be written. */
  readonly changes: number;
  /** Ids that were written and read back. */
  readonly written: number;
  readonly rejected: number;
  /** The rejected rows in the file's order; at most `LISTED`, the file has them all. */
  readonly problems: readonly RejectedRow[];
  readonly rejectedFile: string | null;
  /** With `dryRun`: what would be written; at most `LISTED`. */
  readonly planned?: readonly { line: number; product: number; from: string | null; to: string }[];
}

/** Rows that are listed in a result. */
export const LISTED = 10_000;

/** The job's name: whatever writes Cartona ids takes its lease, for each judges by what Odoo held a moment ago. */
export const MAPPING_JOB = 'map import';

/** Rows looked up at once: two calls. */
const LOOKUP_PAGE = 2000;
/** Rows read back at once. */
const BLOCK = 2 * WRITE_CHUNK;

/**
 * Gives products the Cartona ids of a CSV file. The whole file is judged before anything is written; a rejected row
 * keeps everything from being written unless `skipInvalid` says otherwise. Rows that hold already change nothing, so an
 * import that was interrupted, or killed, is simply run again.
 * @throws CartonaError `usage` (no such column, broken CSV, no id field), `local`, `busy`, `credentials`,
 * `unreachable`, `outcome-unknown`, `interrupted`
 */
export async function importMapping(
  session: Session,
  path: string,
  options: MappingImportOptions,
): Promise<MappingImportResult> {
  if (options.dryRun) return run(session, path, options);
  return withLease(session.store.leases, MAPPING_JOB, session.signal, (signal) =>
    run({ ...session, signal }, path, options),
  );
}

async function run(session: Session, path: string, options: MappingImportOptions): Promise<MappingImportResult> {
  const rules: HeaderRules = { identifyBy: session.profile.cartona.identifyBy, idField: requireIdField(session).name };
  const file = await openMappingFile(path, rules);
  const plan = new MappingPlan();
  const rows = await readInto(plan, session, file, rules);
  const planned = plan.finish(options.replace ?? false);
  const before = plan.rejected;
  // Before anything is written to Odoo: should the disk be full, the person learns it while nothing is half done.
  const rejectedFile = before > 0 ? await writeRejected(file, (row) => plan.reason(row)) : null;
  const write = !options.dryRun && (before === 0 || options.skipInvalid === true);
  const written = write ? await writeAll(session, path, plan, planned) : 0;
  const refused = plan.rejected > before;
  if (plan.rejected === 0 && !options.dryRun) await removeRejected(file);
  return {
    file: path,
    encoding: file.encoding,
    dryRun: options.dryRun ?? false,
    rows,
    unchanged: planned.unchanged,
    changes: planned.order.length,
    written,
    rejected: plan.rejected,
    problems: first(LISTED, plan.rejections()),
    rejectedFile: refused ? await writeRejected(file, (row) => plan.reason(row)) : rejectedFile,
    ...(options.dryRun ? { planned: planned.order.slice(0, LISTED).map((row) => shown(plan.change(row))) } : {}),
  };
}

async function readInto(plan: MappingPlan, session: Session, file: MappingFile, rules: HeaderRules): Promise<number> {
  let rows = 0;
  for await (const page of file.pages(LOOKUP_PAGE, (cells, line) => readRow(cells, line, file.header, rules))) {
    throwIfInterrupted(session.signal);
    await judgePage(plan, session, page);
    rows += page.length;
    session.progress('Checking the rows against Odoo', rows);
  }
  return rows;
}

async function judgePage(plan: MappingPlan, session: Session, page: readonly RowRead[]): Promise<void> {
  const cartonaIds = page.map((row) => row.cartonaId).filter((cartonaId) => cartonaId !== undefined);
  const [products, holders] = await Promise.all([findProductsByKeys(session, page), findHolders(session, cartonaIds)]);
  const index = new ProductIndex(products);
  for (const row of page) {
    const match = namesProduct(row) ? index.match(row) : undefined;
    plan.add({
      line: row.line,
      cartonaId: row.cartonaId,
      product: match?.kind === 'found' ? match.product : undefined,
      holders: (row.cartonaId === undefined ? undefined : holders.get(row.cartonaId)) ?? [],
      problems: match?.kind === 'unclear' ? [...row.problems, match.reason] : row.problems,
    });
  }
}

async function writeAll(session: Session, path: string, plan: MappingPlan, { order }: PlannedChanges): Promise<number> {
  let written = 0;
  for (let from = 0; from < order.length; from += BLOCK) {
    throwIfInterrupted(session.signal);
    const changes = order.slice(from, from + BLOCK).map((row) => plan.change(row));
    await noteBegun(session, path, changes);
    await applyChanges(session, MAPPING_JOB, changes, {
      open: (change) => plan.reason(change.row) === undefined,
      confirmed: (change) => {
        plan.confirm(change.row);
        written += 1;
      },
      refused: (change, reason) => plan.refuse(change.row, reason),
    });
    session.progress('Writing Cartona ids to Odoo', Math.min(from + BLOCK, order.length), order.length);
  }
  return written;
}

/**
 * So that the audit trail tells of ids that were written when the program was killed before it could record them one by
 * one.
 */
async function noteBegun(session: Session, path: string, changes: readonly IdChange[]): Promise<void> {
  const lines = changes.map((change) => change.line);
  const detail = `${changes.length} Cartona ids from ${path}, lines ${Math.min(...lines)} to ${Math.max(...lines)}`;
  const record = requireIdField(session).model;
  await session.store.audit.write([
    { at: session.now(), actor: MAPPING_JOB, system: 'odoo', action: 'map', record, outcome: 'begun', detail },
  ]);
}

function first<T>(count: number, items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}

const shown = ({
  line,
  product,
  from,
  to,
}: IdChange): { line: number; product: number; from: string | null; to: string } => ({
  line,
  product,
  from: from ?? null,
  to,
});
