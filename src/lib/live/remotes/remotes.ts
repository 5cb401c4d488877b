import { z } from 'zod';
import type { Session } from '../../session.js';
import { info, warn, type Log } from '../events.js';
import { guardedCartona, guardedOdoo, PRIORITY, type Priority } from './guarded-clients.js';
import { CircuitBreaker, type BreakerState } from './circuit-breaker.js';

/** Requests that Odoo is given at once: its workers are few, and people work with them. */
const ODOO_SLOTS = 4;

export type RemoteName = 'cartona' | 'odoo';
export type Clients = Pick<Session, 'cartona' | 'odoo'>;

export interface RemotesOptions {
  readonly session: Session;
  readonly log: Log;
  readonly onChange: (remote: RemoteName, state: BreakerState) => void;
  readonly onError: (remote: RemoteName, kind: string) => void;
}

/** Both other sides behind their breakers, and the sessions through which everything of the service reaches them. */
export class Remotes {
  readonly cartona: CircuitBreaker;
  readonly odoo: CircuitBreaker;
  #clients: Clients;

  constructor(private readonly options: RemotesOptions) {
    const { session } = options;
    this.#clients = { cartona: session.cartona, odoo: session.odoo };
    this.cartona = this.#remote('cartona', 'Cartona', session.profile.cartona.inFlight, async () => {
      // One product that nobody has: the smallest question there is.
      await this.#clients.cartona.listProducts({ cartonaId: '-' })[Symbol.asyncIterator]().next();
    });
    this.odoo = this.#remote('odoo', 'Odoo', ODOO_SLOTS, async () => {
      await this.#clients.odoo.call('res.users', 'context_get', {}, z.unknown());
    });
  }

  /** A session whose requests go through the breakers, with the given priority. */
  session(priority: Priority): Session {
    return {
      ...this.options.session,
      cartona: guardedCartona(() => this.#clients.cartona, this.cartona, priority),
      odoo: guardedOdoo(() => this.#clients.odoo, this.odoo, priority),
    };
  }

  sessions(): Readonly<Record<keyof typeof PRIORITY, Session>> {
    const of = (name: keyof typeof PRIORITY): Session => this.session(PRIORITY[name]);
    return { orders: of('orders'), stock: of('stock'), price: of('price'), sweep: of('sweep') };
  }

  /** The credentials were replaced: from now on these clients are asked, at once where they had been refused. */
  async replace(clients: Clients): Promise<void> {
    this.#clients = clients;
    await Promise.all([this.cartona.credentialsReplaced(), this.odoo.credentialsReplaced()]);
  }

  /** See `CircuitBreaker.clockSetBack`. */
  clockSetBack(): void {
    this.cartona.clockSetBack();
    this.odoo.clockSetBack();
  }

  #remote(name: RemoteName, shown: string, slots: number, probe: () => Promise<void>): CircuitBreaker {
    const { session, log, onChange, onError } = this.options;
    return new CircuitBreaker({
      name: shown,
      slots,
      probe,
      now: session.now,
      onChange: (state) => {
        onChange(name, state);
        if (state.state === 'up') log(info('remote', `${shown} is back.`, { remote: name }));
        else if (state.state === 'down')
          log(
            warn('remote', `${shown} is away: ${state.reason ?? 'no answer'} It is asked again until it answers.`, {
              remote: name,
            }),
          );
        else
          log({
            level: 'error',
            event: 'remote',
            message: `${state.reason ?? `${shown} refused the credentials.`} Nothing more is sent there until they are replaced.`,
            details: { remote: name },
          });
      },
      onError: (error) => onError(name, error.kind),
    });
  }
}
