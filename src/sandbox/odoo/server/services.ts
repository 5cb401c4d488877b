import { timingSafeEqual } from 'node:crypto';
import { Dispatcher, type Call } from '../methods/dispatch.js';
import { accessDenied, OdooError, serializationFailure } from '../orm/errors.js';
import { noSuchDatabase } from './protocol-errors.js';
import type { Database, Transaction } from '../orm/types.js';
import { isObject, textOf, type OdooVersion, type WireObject } from '../orm/values.js';

/** What a call is to meet besides its work. */
export interface Circumstances {
  readonly tx: Transaction;
  /** Another transaction is first. */
  readonly lostRace: boolean;
  /** The credentials are refused. */
  readonly denied: boolean;
}

/** The services behind all protocols: who one is, and the calling of methods. */
export class Services {
  readonly dispatcher: Dispatcher;

  constructor(readonly db: Database) {
    this.dispatcher = new Dispatcher(db);
  }

  versionInfo(): WireObject {
    return {
      server_version: `${this.db.version}.0`,
      server_version_info: versionTuple(this.db.version),
      server_serie: `${this.db.version}.0`,
      protocol_version: 1,
    };
  }

  /** One call of `common`, `object` or `db` with its positional parameters. @throws OdooError */
  call(service: string, method: string, params: readonly unknown[], circumstances: Circumstances): unknown {
    switch (service) {
      case 'common':
        return this.#common(method, params, circumstances);
      case 'object':
        return this.#object(method, params, circumstances);
      case 'db':
        // A hosted server does not tell what databases it has.
        throw accessDenied();
      default:
        throw new OdooError('builtins.KeyError', service);
    }
  }

  /** The model and the method that parameters of `object` speak of. */
  target(service: string, params: readonly unknown[]): { model?: string; method?: string } {
    if (service !== 'object') return {};
    return { model: textOf(params[3]), method: textOf(params[4]) };
  }

  #common(method: string, params: readonly unknown[], { denied }: Circumstances): unknown {
    const [db, login, secret] = params;
    if (method === 'version') return this.versionInfo();
    if (method !== 'authenticate' && method !== 'login')
      throw new OdooError('builtins.Exception', `Method not found: ${method}`);
    this.#requireDatabase(db);
    return denied ? false : this.#login(textOf(login), textOf(secret));
  }

  #object(method: string, params: readonly unknown[], circumstances: Circumstances): unknown {
    if (method !== 'execute_kw' && method !== 'execute')
      throw new OdooError('builtins.Exception', `Method not found: ${method}`);
    const [db, uid, secret, model, name, ...rest] = params;
    this.#requireDatabase(db);
    if (circumstances.denied || !this.#knows(Number(uid), textOf(secret))) throw accessDenied();
    const [args, named] = method === 'execute' ? [rest, undefined] : rest;
    const call: Call = {
      uid: Number(uid),
      model: textOf(model),
      method: textOf(name),
      args: Array.isArray(args) ? (args as readonly unknown[]) : [],
      named: isObject(named) ? named : {},
    };
    this.dispatcher.requirePositional(call);
    return this.run(call, circumstances);
  }

  /** Does a call whose caller is known. @throws OdooError */
  run(call: Call, { tx, lostRace }: Circumstances): unknown {
    if (lostRace && call.method === 'load') {
      const message = serializationFailure().raw;
      return { ids: false, messages: [{ rows: { from: 0, to: 0 }, record: 0, type: 'error', message }], nextrow: 0 };
    }
    if (lostRace) throw serializationFailure();
    return this.dispatcher.run(tx, call);
  }

  /** The user that an API key belongs to. */
  userOfKey(key: string): number | undefined {
    for (const [uid, secrets] of this.db.secrets)
      if ([...secrets.keys].some((known) => isSame(known, key)) && this.#isActive(uid)) return uid;
    return undefined;
  }

  #login(login: string, secret: string): number | false {
    const [uid] = this.db.table('res.users').lookup('login', login);
    return uid !== undefined && this.#knows(uid, secret) ? uid : false;
  }

  #knows(uid: number, secret: string): boolean {
    const secrets = this.db.secrets.get(uid);
    if (!secrets || secret === '' || !this.#isActive(uid)) return false;
    return isSame(secrets.password, secret) || [...secrets.keys].some((key) => isSame(key, secret));
  }

  #isActive(uid: number): boolean {
    return this.db.table('res.users').get(uid)?.active === true;
  }

  #requireDatabase(name: unknown): void {
    if (name !== this.db.name) throw noSuchDatabase(textOf(name));
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function versionTuple(version: OdooVersion): unknown[] {
  return [version, 0, 0, 'final', 0, ''];
}
