import type { CartonaClient } from './cartona/client.js';
import type { OdooClient } from './odoo/client.js';
import type { IdField, Profile } from './settings/profile.js';
import { CartonaError } from './common/errors.js';
import type { Store } from './store/store.js';

/**
 * A profile at work: both sides, the durable rows, and what the outside world gives (clock, stop signal, where progress
 * is told). Every flow takes one; commands open it, tests make it of real parts.
 */
export interface Session {
  readonly profileName: string;
  readonly profile: Profile;
  readonly cartona: CartonaClient;
  readonly odoo: OdooClient;
  readonly store: Store;
  readonly signal: AbortSignal | undefined;
  /** The current instant, UTC milliseconds. */
  readonly now: () => number;
  /** Told how far a long work is; `total` is absent while it is not known. */
  readonly progress: (step: string, done: number, total?: number) => void;
}

/** The field that holds the Cartona id. @throws CartonaError `usage` while there is none. */
export function requireIdField(session: Session): IdField {
  const field = session.profile.odoo.idField;
  if (field) return field;
  throw new CartonaError(
    'usage',
    `Odoo at ${session.profile.odoo.url} has no field for the Cartona id yet; an administrator makes it once with \`cartona odoo setup\`.`,
  );
}
