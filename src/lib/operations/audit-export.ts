import { BOM, csvText, writeWhole } from '../common/csv-output.js';
import type { Session } from '../session.js';
import type { AuditEntry, AuditFilter } from '../store/store.js';

export type AuditFormat = 'csv' | 'json';

const PAGE = 1000;
const COLUMNS = ['at', 'actor', 'system', 'action', 'record', 'from', 'to', 'outcome', 'durationMs', 'detail'] as const;

/** An entry as programs get it: the instant in ISO 8601 (UTC), absent values null. */
export type AuditRow = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

export const auditRow = (entry: AuditEntry): AuditRow => ({
  at: new Date(entry.at).toISOString(),
  actor: entry.actor,
  system: entry.system,
  action: entry.action,
  record: entry.record,
  from: entry.from ?? null,
  to: entry.to ?? null,
  outcome: entry.outcome,
  durationMs: entry.durationMs ?? null,
  detail: entry.detail ?? null,
});

/**
 * Writes entries into a file as a whole or not at all, oldest first: CSV with a head, or a JSON array.
 * @throws CartonaError `local` when the file cannot be written
 * @returns how many
 */
export async function exportAudit(
  session: Session,
  filter: AuditFilter,
  path: string,
  format: AuditFormat,
): Promise<number> {
  let count = 0;
  await writeWhole(path, async (write) => {
    await write(format === 'csv' ? `${BOM}${csvText([COLUMNS], ',')}` : '[');
    for await (const page of pages(session, filter)) {
      const rows = page.map(auditRow);
      if (format === 'csv')
        await write(
          csvText(
            rows.map((row) => COLUMNS.map((name) => String(row[name] ?? ''))),
            ',',
          ),
        );
      else await write(rows.map((row, at) => `${count + at === 0 ? '' : ','}\n${JSON.stringify(row)}`).join(''));
      count += rows.length;
    }
    if (format === 'json') await write('\n]\n');
  });
  return count;
}

/** The trail may be long: it is read page by page. */
async function* pages(
  session: Session,
  { limit = Infinity, ...conditions }: AuditFilter,
): AsyncGenerator<readonly AuditEntry[]> {
  let afterId = 0;
  for (let left = limit; left > 0;) {
    const page = await session.store.audit.list({ ...conditions, afterId, limit: Math.min(PAGE, left) });
    const last = page.at(-1);
    if (!last) return;
    yield page;
    afterId = last.id;
    left -= page.length;
  }
}
