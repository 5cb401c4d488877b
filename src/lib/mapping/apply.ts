import { requireIdField, type Session } from '../session.js';
import type { IdChange } from './plan.js';
import { readIds, WRITE_CHUNK, writeChunk } from './write-ids.js';

/** What becomes of changes while they are written. */
export interface ChangeOutcome {
  /** Whether a change still stands. */
  open(change: IdChange): boolean;
  confirmed(change: IdChange): void;
  refused(change: IdChange, reason: string): void;
}

/**
 * Writes changes to Odoo in bulk, reads them back, and records each in the audit trail. Only what Odoo was seen to hold
 * afterwards is confirmed.
 * @param actor the command, for the audit trail
 * @throws CartonaError as `writeChunk`; what was under way is then recorded with the outcome `unknown`
 */
export async function applyChanges(
  session: Session,
  actor: string,
  changes: readonly IdChange[],
  outcome: ChangeOutcome,
): Promise<void> {
  const started = session.now();
  const sent: IdChange[] = [];
  const reasons = new Map<IdChange, string>();
  const refuse = (change: IdChange, reason: string): void => {
    reasons.set(change, reason);
    outcome.refused(change, `Odoo refuses it: ${reason}`);
  };
  try {
    for (let from = 0; from < changes.length; from += WRITE_CHUNK) {
      const chunk = changes.slice(from, from + WRITE_CHUNK);
      sent.push(...chunk);
      await writeChunk(session, chunk, (change) => outcome.open(change), refuse);
    }
    const written = changes.filter((change) => outcome.open(change));
    const held = await readIds(
      session,
      written.map((change) => change.holder),
    );
    for (const change of written) {
      const now = held.get(change.holder);
      if (now === change.to) outcome.confirmed(change);
      else
        refuse(
          change,
          `after writing it holds ${now === undefined ? 'no Cartona id' : `'${now}'`}; something in Odoo changes it, or the product is gone`,
        );
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    await audit(session, actor, sent, started, (change) =>
      reasons.has(change) ? ['refused', reasons.get(change)] : ['unknown', detail],
    );
    throw error;
  }
  // What fell with another change was never sent.
  const done = changes.filter((change) => outcome.open(change) || reasons.has(change));
  await audit(session, actor, done, started, (change) =>
    reasons.has(change) ? ['refused', reasons.get(change)] : ['written', undefined],
  );
}

async function audit(
  session: Session,
  actor: string,
  changes: readonly IdChange[],
  started: number,
  ended: (change: IdChange) => [outcome: string, detail: string | undefined],
): Promise<void> {
  const { model } = requireIdField(session);
  const at = session.now();
  await session.store.audit.write(
    changes.map((change) => {
      const [outcome, detail] = ended(change);
      const { holder, from, to } = change;
      return {
        at,
        actor,
        system: 'odoo' as const,
        action: 'map',
        record: `${model},${holder}`,
        from,
        to,
        outcome,
        durationMs: at - started,
        detail,
      };
    }),
  );
}
