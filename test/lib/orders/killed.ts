import type { Session } from '../../../src/lib/session.js';

/** What a call ends with once the process is gone. */
export class Killed extends Error {}

/** When a process ends: before its n-th call to the outside did anything, or after it was done and before the answer came. */
export interface KillPoint {
  readonly call: number;
  readonly moment: 'before' | 'after';
}

/**
 * A session whose process ends at its n-th call to Odoo, Cartona or the durable rows, and which does nothing any more from
 * then on. Only the lease is given back, as the operating system tells of a process that is gone.
 */
export function mortal(session: Session, at: KillPoint): { session: Session; calls: () => number } {
  let calls = 0;
  let dead = false;
  async function pass<T>(work: () => Promise<T>): Promise<T> {
    if (dead) throw new Killed();
    calls += 1;
    const last = calls === at.call;
    if (last) dead = true;
    if (last && at.moment === 'before') throw new Killed();
    const result = await work();
    if (last || dead) throw new Killed();
    return result;
  }
  async function* passEach<T>(pages: AsyncIterable<T>): AsyncIterable<T> {
    const iterator = pages[Symbol.asyncIterator]();
    for (;;) {
      const next = await pass(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  }
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, name) {
        const member: unknown = Reflect.get(from, name);
        return typeof member === 'function' ? (...args: unknown[]) => pass(async () => Reflect.apply(member, from, args) as unknown) : member;
      },
    });
  const { deliveries, listing, inbox, retailers, audit } = session.store;
  const wrapped: Session = {
    ...session,
    odoo: wrap(session.odoo),
    cartona: {
      ...session.cartona,
      setStatus: (update) => pass(() => session.cartona.setStatus(update)),
      acknowledge: (hashedIds) => pass(() => session.cartona.acknowledge(hashedIds)),
      pullOrders: () => passEach(session.cartona.pullOrders()),
    },
    store: { ...session.store, deliveries: wrap(deliveries), listing: wrap(listing), inbox: wrap(inbox), retailers: wrap(retailers), audit: wrap(audit) },
  };
  return { session: wrapped, calls: () => calls };
}
