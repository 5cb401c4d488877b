import type { ReviewEntry } from '../catalog/reviewed.js';
import { CartonaError } from '../common/errors.js';
import type { Session } from '../session.js';
import { recordLive, recordNotLive, readRuntimeState } from './runtime-state.js';

/** What the last complete dry runs found. */
export interface Reviews {
  readonly price: ReviewEntry;
  readonly stock: ReviewEntry;
}

const COMMAND = { price: 'cartona sync prices --dry-run', stock: 'cartona sync stock --dry-run' } as const;

/**
 * The reviews that going live rests on.
 * @throws CartonaError `usage` naming the dry runs that are missing
 */
export async function requireReviews(session: Session): Promise<Reviews> {
  const {
    reviewed: { price, stock },
  } = await readRuntimeState(session);
  if (price && stock) return { price, stock };
  const missing = [...(price ? [] : [COMMAND.price]), ...(stock ? [] : [COMMAND.stock])]
    .map((command) => `\`${command}\``)
    .join(' and ');
  throw new CartonaError(
    'usage',
    `The first difference of profile "${session.profileName}" was not reviewed yet, so nothing may be sent; run ${missing} first, without --product, and look at what it shows.`,
  );
}

/** From now on the service sends. @param by who said so */
export async function goLive(session: Session, by: string): Promise<void> {
  const at = session.now();
  await recordLive(session, { since: at, by });
  await audit(session, at, 'live', by);
}

/** The service goes on receiving and reading, and sends nothing until somebody goes live again. */
export async function stopSending(session: Session, by: string): Promise<void> {
  await recordNotLive(session);
  await audit(session, session.now(), 'not live', by);
}

async function audit(session: Session, at: number, outcome: string, by: string): Promise<void> {
  await session.store.audit.write([
    {
      at,
      actor: 'go-live',
      system: 'cartona',
      action: 'go live',
      record: session.profileName,
      outcome,
      detail: `by ${by}`,
    },
  ]);
}
