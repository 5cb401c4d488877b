import { Flags } from '@oclif/core';
import type { UnreadableEntry } from '../catalog/doubt.js';
import type { Change } from '../catalog/difference.js';
import type { Brake, Held } from '../catalog/reconcile.js';
import type { SyncOptions, SyncResult } from '../catalog/sync.js';
import type { Session } from '../session.js';
import { BaseCommand, exportFlag } from './base-command.js';
import { exitCodeOf } from './exit-codes.js';
import { changeCells, changeMoved, changeText, largestFirst, SENT_AGAIN } from './output/change-rows.js';
import type { Cell } from './output/table.js';
import { counted, grouped } from '../common/words.js';
import type { CatalogFlow } from '../store/store.js';

/** Rows that are shown of what waits; beyond, the number of the others is told, and `--json` has them all. */
const SHOWN_ROWS = 25;

const CHANGE_HEAD = ['Product', 'Cartona id', 'Old', 'New', 'Change'] as const;

interface ShownChange {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly product: string;
  readonly old: string | null;
  readonly new: string;
  /**
   * Signed, in per cent for prices, in units for stock; `sent again` for the same value sent once more; null without an
   * old value.
   */
  readonly change: string | null;
  readonly reason?: string;
}

export interface ShownSync {
  readonly flow: CatalogFlow;
  readonly dryRun: boolean;
  readonly mapped: number;
  readonly equal: number;
  readonly differs: number;
  readonly delivered: number;
  readonly rejected: readonly ShownChange[];
  readonly held: readonly { cartonaId: string; products: readonly string[]; reason: string }[];
  readonly brake: { reason: string; approved: boolean; changes: readonly ShownChange[] } | null;
  /** What cannot be read of Cartona's listing, as far as it was read. */
  readonly unreadable: readonly UnreadableEntry[];
  /** With --dry-run: everything that differs. */
  readonly changes?: readonly ShownChange[];
}

export interface SyncLibrary {
  readonly sync: (session: Session, options: SyncOptions) => Promise<SyncResult>;
  readonly productNames: (session: Session, odooIds: readonly number[]) => Promise<Map<number, string>>;
}

/** `sync prices` and `sync stock`: the same flags and the same report for two flows. */
export abstract class SyncCommand extends BaseCommand<typeof SyncCommand> {
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Show what differs and send nothing.', env: 'CARTONA_DRY_RUN' }),
    all: Flags.boolean({ summary: 'Send every value, also those that Cartona confirmed or rejected before.' }),
    product: Flags.string({
      summary: 'Only this product (Odoo id, internal reference, barcode or Cartona id); may be repeated.',
      multiple: true,
    }),
    export: exportFlag(),
    yes: Flags.boolean({ char: 'y', summary: "Agree beforehand to changes beyond the brake's bounds." }),
  };

  /** The library, loaded at the point of use. */
  protected abstract library(): Promise<SyncLibrary>;

  async run(): Promise<ShownSync> {
    const { 'dry-run': dryRun, all, product, yes } = this.flags;
    return this.withSession(async (session) => {
      const { sync, productNames } = await this.library();
      const changes: Change[] = [];
      let shownBefore = false;
      const result = await sync(session, {
        dryRun,
        all,
        ...(product === undefined ? {} : { products: product }),
        approve: async (brake) => {
          if (!yes && this.canAsk()) {
            const names = await productNames(
              session,
              brake.changes.map((change) => change.odooId),
            );
            const asked = largestFirst(brake.flow, brake.changes).map((change) =>
              shownChange(brake.flow, change, names),
            );
            await this.listToAgree('To be agreed to', CHANGE_HEAD, asked.map(changeRow), this.flags.export);
            shownBefore = true;
          }
          return this.confirm(`${brake.reason}. Send ${brake.changes.length === 1 ? 'it' : 'them'}?`, yes);
        },
        ...(dryRun ? { onChange: (change: Change) => changes.push(change) } : {}),
      });
      // Names are read only for what is shown.
      const bound = this.jsonEnabled() ? Infinity : SHOWN_ROWS;
      const listed = [...changes, ...result.rejected.slice(0, bound), ...(result.brake?.changes ?? [])];
      const names = await productNames(session, [
        ...listed.map((change) => change.odooId),
        ...result.held.slice(0, bound).flatMap((held) => held.odooIds),
      ]);
      const report = shownSync(result, dryRun ? changes : undefined, names);
      await this.show(report, shownBefore);
      const problems = result.rejected.length + (dryRun ? 0 : result.held.length);
      if (problems > 0) {
        // From cron, where the tables are not shown, somebody still has to learn of it.
        if (this.flags.quiet)
          this.warn(
            `${grouped(result.rejected.length)} rejected by Cartona, ${grouped(result.held.length)} held back, ${firstProblem(report)}; run \`cartona sync ${result.flow === 'price' ? 'prices' : 'stock'}\` without --quiet to see them.`,
          );
        this.endPartial();
      }
      if (result.brake && !result.brake.approved && !dryRun) process.exitCode = exitCodeOf('brake');
      return report;
    });
  }

  private async show(report: ShownSync, shownBefore: boolean): Promise<void> {
    const what = report.flow === 'price' ? 'Prices' : 'Stock';
    if (report.changes)
      await this.listToAgree(
        report.flow === 'price' ? 'Prices that differ' : 'Stock that differs',
        CHANGE_HEAD,
        report.changes.map(changeRow),
        this.flags.export,
      );
    const shown = [...(report.changes ?? []), ...(report.brake?.changes ?? [])];
    if (shown.some(({ change }) => change === SENT_AGAIN))
      this.say(`${SENT_AGAIN}: Cartona may have changed the value since it confirmed it, as by an order.`);
    if (report.rejected.length > 0)
      await this.rows(
        'Rejected by Cartona',
        ['Product', 'Cartona id', 'Value', 'Reason'],
        report.rejected.map((r) => [r.product, r.cartonaId, r.new, r.reason]),
      );
    if (report.held.length > 0)
      await this.rows(
        'Held back',
        ['Cartona id', 'Product', 'Reason'],
        report.held.map((h) => [h.cartonaId, h.products.join(' / '), h.reason]),
      );
    await this.rows(
      "Cannot be read in Cartona's listing",
      ['Entry', 'Field', 'Value'],
      report.unreadable.map(({ entry, field, value }) => [entry, field, value]),
    );
    const [unreadable] = report.unreadable;
    if (unreadable)
      this.warn(
        `${counted(report.unreadable.length, 'field')} of Cartona's listing cannot be read, the first ${unreadable.field} of ${unreadable.entry}: ${unreadable.value}. What depends on ${report.unreadable.length === 1 ? 'it' : 'them'} waits for a yes; correct it at Cartona.`,
      );
    if (report.brake && !report.brake.approved && !report.dryRun) {
      if (!shownBefore)
        await this.listToAgree('Not sent', CHANGE_HEAD, report.brake.changes.map(changeRow), this.flags.export);
      this.warn(`${report.brake.reason}; nothing of that was sent. Check them, then run the command again with --yes.`);
    } else if (report.brake && report.dryRun) {
      this.warn(`${report.brake.reason}; these will wait for a yes (--yes).`);
    }
    const outcome = report.dryRun
      ? `${grouped(report.differs)} differ; nothing was sent (dry run).`
      : `${grouped(report.delivered)} sent${report.rejected.length > 0 ? `, ${grouped(report.rejected.length)} rejected` : ''}.`;
    const held = report.held.length > 0 ? ` ${grouped(report.held.length)} held back.` : '';
    this.say(`${what}: ${grouped(report.mapped)} mapped, ${grouped(report.equal)} equal, ${outcome}${held}`);
  }

  private async rows(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
    if (rows.length === 0) return;
    this.say(`${title}:`);
    await this.table(head, rows.slice(0, SHOWN_ROWS));
    if (rows.length > SHOWN_ROWS) this.say(`… and ${grouped(rows.length - SHOWN_ROWS)} more (--json shows all)`);
    this.say();
  }
}

function shownSync(
  result: SyncResult,
  changes: readonly Change[] | undefined,
  names: ReadonlyMap<number, string>,
): ShownSync {
  const change = (c: Change): ShownChange => shownChange(result.flow, c, names);
  const held = (h: Held): ShownSync['held'][number] => ({
    cartonaId: h.cartonaId,
    products: h.odooIds.map((id) => nameOf(id, names)),
    reason: h.reason,
  });
  const brake = (b: Brake): NonNullable<ShownSync['brake']> => ({
    reason: b.reason,
    approved: b.approved,
    changes: largestFirst(b.flow, b.changes).map(change),
  });
  return {
    flow: result.flow,
    dryRun: result.dryRun,
    mapped: result.mapped,
    equal: result.equal,
    differs: result.differs,
    delivered: result.delivered,
    rejected: result.rejected.map((rejection) => ({ ...change(rejection), reason: rejection.reason })),
    held: result.held.map(held),
    brake: result.brake ? brake(result.brake) : null,
    unreadable: result.unreadable,
    ...(changes ? { changes: largestFirst(result.flow, changes).map(change) } : {}),
  };
}

function shownChange(flow: CatalogFlow, c: Change, names: ReadonlyMap<number, string>): ShownChange {
  return {
    odooId: c.odooId,
    cartonaId: c.cartonaId,
    product: nameOf(c.odooId, names),
    old: c.from === undefined ? null : changeText(flow, c.from),
    new: changeText(flow, c.value),
    change: changeMoved(flow, c.from, c.value),
  };
}

const nameOf = (odooId: number, names: ReadonlyMap<number, string>): string => names.get(odooId) ?? `product ${odooId}`;

/** The first thing that went wrong, so that a line in a log says something of itself. */
function firstProblem({ rejected, held }: ShownSync): string {
  const [one] = [...rejected, ...held];
  return one ? `the first ${one.cartonaId}: ${one.reason ?? ''}` : '';
}

const changeRow = (c: ShownChange): Cell[] => [c.product, c.cartonaId, ...changeCells(c)];
