import { setTimeout } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import type { AuditFormat, AuditRow } from '../lib/operations/audit-export.js';
import { CartonaError } from '../lib/common/errors.js';
import type { Session } from '../lib/session.js';
import type { AuditEntry, AuditFilter } from '../lib/store/store.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { instantOf } from '../lib/ui/output/instants.js';
import { grouped } from '../lib/common/words.js';
import { localTime } from '../lib/ui/output/local-time.js';
import type { Cell } from '../lib/ui/output/table.js';

const SHOWN = 50;
const FOLLOWED = 10;
const FOLLOW_MS = 1000;

interface AuditResult {
  readonly entries?: readonly AuditRow[];
  readonly exported?: { readonly file: string; readonly count: number };
}

export default class Audit extends BaseCommand<typeof Audit> {
  static override summary = 'Show what was done to either system: when, by what, from what to what, and how it ended.';
  static override description = `Newest first. Entries older than the setting audit.keepDays are forgotten. Asks neither side, but for a product that is
named by something else than its Cartona id.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --product SKU-0042 --since 2d',
    '<%= config.bin %> <%= command.id %> --outcome rejected',
    '<%= config.bin %> <%= command.id %> --follow',
    '<%= config.bin %> <%= command.id %> --since 2026-03-01 --until 2026-04-01 --export march.csv',
  ];
  static override flags = {
    actor: Flags.string({ summary: 'Only what this did, as "serve" or "sync prices".' }),
    system: Flags.option({ summary: 'Only what was done there.', options: ['odoo', 'cartona'] as const })(),
    action: Flags.string({ summary: 'Only this action, as price, stock or state.' }),
    record: Flags.string({
      summary: "Only this record: a Cartona id, an order's hashed id.",
      exclusive: ['product', 'order'],
    }),
    product: Flags.string({
      summary: 'Only this product (Cartona id, Odoo id, internal reference or barcode).',
      exclusive: ['order'],
    }),
    order: Flags.string({ summary: "Only this order (Cartona's id, or the name in Odoo)." }),
    outcome: Flags.string({ summary: 'Only what ended so, as delivered, rejected or failed.' }),
    since: Flags.string({ summary: 'Only from then on: a date, a date and time, or how long ago (2h, 3d).' }),
    until: Flags.string({ summary: 'Only before then.' }),
    limit: Flags.integer({ summary: `At most so many. [default: ${SHOWN}; with --export: all]`, min: 1 }),
    follow: Flags.boolean({
      char: 'f',
      summary: 'Go on showing what is done, until stopped.',
      default: false,
      exclusive: ['export', 'until', 'json'],
    }),
    export: Flags.string({ summary: 'Write into this file instead, oldest first.' }),
    format: Flags.option({
      summary: "The file's format. [default: as its name ends, else csv]",
      options: ['csv', 'json'] as const,
      dependsOn: ['export'],
    })(),
  };

  async run(): Promise<AuditResult> {
    return this.withSession(async (session) => {
      const filter = await this.filter(session);
      const { export: file } = this.flags;
      const { auditRow, exportAudit } = await import('../lib/operations/audit-export.js');
      if (file !== undefined) {
        const count = await exportAudit(session, filter, file, this.flags.format ?? formatOf(file));
        if (count === 0) await this.nameUnknown(session);
        this.say(`${count === 1 ? '1 entry' : `${grouped(count)} entries`} written to ${file}.`);
        return { exported: { file, count } };
      }
      if (this.flags.follow) {
        await this.follow(session, filter);
        return {};
      }
      const entries = await session.store.audit.list({ ...filter, limit: filter.limit ?? SHOWN });
      if (entries.length === 0) {
        this.say('No entries.');
        await this.nameUnknown(session);
      } else
        await this.table(
          ['When', 'By', 'In', 'What', 'Record', 'From', 'To', 'Outcome', 'Ms', 'Detail'],
          entries.map(cells),
        );
      return { entries: entries.map(auditRow) };
    });
  }

  private async filter(session: Session): Promise<AuditFilter> {
    const { actor, system, action, outcome, since, until, limit } = this.flags;
    const now = session.now();
    return {
      actor,
      system,
      action,
      outcome,
      limit,
      record: await this.record(session),
      since: since === undefined ? undefined : instantOf(since, now),
      until: until === undefined ? undefined : instantOf(until, now),
    };
  }

  /** A word that stands in no entry finds nothing for ever: it is said, with those that do. */
  private async nameUnknown(session: Session): Promise<void> {
    for (const of of ['actor', 'action', 'outcome'] as const) {
      const wanted = this.flags[of];
      if (wanted === undefined) continue;
      const known = await session.store.audit.values(of);
      if (known.includes(wanted)) continue;
      this.warn(
        `No entry has the ${of} "${wanted}"${known.length === 0 ? '; nothing is recorded yet' : `; there is ${known.join(', ')}`}.`,
      );
    }
  }

  private async record(session: Session): Promise<string | undefined> {
    const { record, product, order } = this.flags;
    if (order !== undefined)
      return (await (await import('../lib/orders/overview.js')).findOrder(session, order)).hashedId;
    if (product === undefined) return record;
    const known = await Promise.all([
      session.store.deliveries.get('price', [product]),
      session.store.deliveries.get('stock', [product]),
    ]);
    if (known.some((rows) => rows.size > 0)) return product;
    const { cartonaId } = await (await import('../lib/mapping/find-product.js')).findProduct(session, product);
    if (cartonaId !== undefined) return cartonaId;
    throw new CartonaError(
      'usage',
      `Product ${product} has no Cartona id, so nothing was ever done with it; see \`cartona map set\`.`,
    );
  }

  /** A few entries for a start, then each as it is written. Being stopped is its regular end. */
  private async follow(session: Session, filter: AuditFilter): Promise<void> {
    const { audit } = session.store;
    const newest = (await audit.list({ limit: 1 }))[0]?.id ?? 0;
    const start = await audit.list({ ...filter, limit: filter.limit ?? FOLLOWED });
    for (const entry of start.reverse()) this.say(line(entry));
    let afterId = Math.max(newest, start.at(-1)?.id ?? 0);
    const signal = session.signal ?? new AbortController().signal;
    while (!signal.aborted) {
      await setTimeout(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
      for (const entry of await audit.list({ ...filter, limit: undefined, afterId })) {
        this.say(line(entry));
        afterId = entry.id;
      }
    }
  }
}

const formatOf = (file: string): AuditFormat => (file.toLowerCase().endsWith('.json') ? 'json' : 'csv');

const cells = (e: AuditEntry): Cell[] => [
  localTime(e.at),
  e.actor,
  e.system,
  e.action,
  e.record,
  e.from,
  e.to,
  e.outcome,
  e.durationMs,
  e.detail,
];

const line = (e: AuditEntry): string =>
  [
    localTime(e.at),
    e.actor,
    e.system,
    e.action,
    e.record,
    e.to === undefined ? undefined : `${e.from ?? '–'} -> ${e.to}`,
    e.outcome,
    e.detail,
  ]
    .filter((part) => part !== undefined)
    .join('  ');
