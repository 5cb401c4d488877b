import { z } from 'zod';
import { isCartonaError, type CartonaError } from '../common/errors.js';
import { odooVersion } from '../odoo/discover.js';
import { checkRights, type Right } from '../odoo/rights.js';
import type { TransportOptions } from '../odoo/transports/transports.js';
import type { Session } from '../session.js';

/** How one side answers now. */
export type SideState<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: CartonaError };

export interface AccountState {
  readonly cartona: SideState<{ readonly listsProducts: boolean }>;
  readonly odoo: SideState<{ readonly version: string; readonly upgraded: boolean; readonly rights: readonly Right[] }>;
}

type AskedPatience = Pick<TransportOptions, 'attempts' | 'timeoutMs'>;

/**
 * Asks both sides at the same time, with the stored profile, who we are to them; one that fails does not hide the
 * other. Throws bugs and `interrupted` only.
 * @param timeouts how Odoo is asked before the login; the session's clients have their own
 */
export async function whoAmI(session: Session, timeouts: AskedPatience): Promise<AccountState> {
  const [cartona, odoo] = await Promise.all([sideOf(askCartona(session)), sideOf(askOdoo(session, timeouts))]);
  return { cartona, odoo };
}

async function askCartona(session: Session): Promise<{ listsProducts: boolean }> {
  for await (const products of session.cartona.listProducts()) return { listsProducts: products.length > 0 };
  return { listsProducts: false };
}

async function askOdoo(
  { odoo, profile, signal }: Session,
  timeouts: AskedPatience,
): Promise<{ version: string; upgraded: boolean; rights: Right[] }> {
  const version = await odooVersion(profile.odoo.url, { ...timeouts, signal });
  // The version is told to anybody, and a refused right looks like a refused key: this call tells whether the key still
  // holds.
  await odoo.call('res.users', 'context_get', {}, z.record(z.string(), z.unknown()));
  return {
    version: version.text,
    upgraded: version.major !== profile.odoo.version.major,
    rights: await checkRights(odoo, profile.odoo.idField ?? undefined, profile.odoo.uid),
  };
}

async function sideOf<T extends object>(asked: Promise<T>): Promise<SideState<T>> {
  try {
    return { ok: true, ...(await asked) };
  } catch (error) {
    if (!isCartonaError(error) || error.kind === 'interrupted') throw error;
    return { ok: false, error };
  }
}
