import { conclude } from '../orm/automations.js';
import { RequestEnv } from '../orm/env.js';
import { accessError, attributeError, OdooError, typeError, userError } from '../orm/errors.js';
import { CHECK_OBJECT_REFERENCE } from './methods-read.js';
import { MESSAGE_POST } from './methods-write.js';
import { commonMethods } from './methods.js';
import type { Database, Env, Method, Model, Transaction } from '../orm/types.js';
import { idList, isObject, type OdooVersion, type WireObject } from '../orm/values.js';

/** A call of a method, as every protocol can say it. */
export interface Call {
  readonly uid: number;
  readonly model: string;
  readonly method: string;
  /** Arguments by position, the ids among them. */
  readonly args: readonly unknown[];
  /** Arguments by name. */
  readonly named: WireObject;
}

const WITH_HISTORY = new Set(['sale.order', 'res.partner', 'product.product', 'product.template', 'stock.picking']);

/** Models whose `write` calls its parameter `values`; all others say `vals`, and 19 says so everywhere. */
const TAKE_VALUES: Readonly<Record<OdooVersion, ReadonlySet<string>>> = {
  16: new Set([
    'sale.order',
    'sale.order.line',
    'product.product',
    'product.template.attribute.value',
    'stock.location',
    'res.users',
  ]),
  18: new Set(['sale.order', 'sale.order.line', 'product.template.attribute.value', 'stock.location']),
  19: new Set(),
};

function takingValues(model: Model, write: Method): Method {
  const className = model.name
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
  return {
    ...write,
    label: `${className}.write`,
    parameters: [{ name: 'values', required: true }],
    run: (env, of, ids, args) => write.run(env, of, ids, { vals: args.values }),
  };
}

/** Finds methods by name, with their rules of who may call them how. */
export class Dispatcher {
  readonly #common: ReadonlyMap<string, Method>;

  constructor(private readonly db: Database) {
    this.#common = commonMethods(db.version);
  }

  /** @throws OdooError AccessError for a private method, AttributeError for an unknown one */
  method(model: Model, name: string): Method {
    const { version } = this.db;
    const isPrivate = name.startsWith('_') || (version >= 19 && name === 'check_access');
    if (isPrivate)
      throw accessError(
        `Private methods (such as ${version >= 19 ? `'${model.name}.${name}'` : name}) cannot be called remotely.`,
      );
    const method = model.methods.get(name) ?? this.#special(model, name) ?? this.#common.get(name);
    if (method && name === 'write' && TAKE_VALUES[version].has(model.name)) return takingValues(model, method);
    if (method) return method;
    if (version >= 19) throw attributeError(`The method '${model.name}.${name}' does not exist`);
    throw attributeError(
      version >= 18
        ? `The method '${name}' does not exist on the model '${model.name}'`
        : `type object '${model.name}' has no attribute '${name}'`,
    );
  }

  model(name: string): Model {
    const model = this.db.models.get(name);
    if (!model) throw userError(`Object ${name} doesn't exist`);
    return model;
  }

  /**
   * @throws OdooError IndexError for ids, and for the values of a new record, that are not told by position:
   * `execute_kw` looks there and nowhere else
   */
  requirePositional({ model, method, args }: Call): void {
    if (args.length > 0 || !this.db.models.has(model)) return;
    const known = this.method(this.model(model), method);
    if (known.onRecords || method === 'create')
      throw new OdooError('builtins.IndexError', `${this.db.version >= 19 ? 'list' : 'tuple'} index out of range`);
  }

  /** Whether a call changes something; an unknown one is answered at once. */
  writes(model: string, name: string): boolean {
    const known = this.db.models.get(model);
    return (
      (known?.methods.get(name) ?? (known && this.#special(known, name)) ?? this.#common.get(name))?.writes ?? false
    );
  }

  /** Does the work of a call, which is committed when it ends well and undone when not. */
  run(tx: Transaction, call: Call): unknown {
    try {
      return this.#work(tx, call);
    } catch (error) {
      tx.rollbackTo(0);
      throw error;
    }
  }

  #work(tx: Transaction, call: Call): unknown {
    const model = this.model(call.model);
    const method = this.method(model, call.method);
    const { context, ...named } = call.named;
    const env = new RequestEnv(this.db, tx, {
      uid: call.uid,
      su: false,
      context: readContext(context),
      importing: undefined,
    });
    checkContext(env);
    const [ids, args] = method.onRecords ? takeIds(call.args, named) : [[], call.args];
    const answer = method.run(env, model, ids, bind(method, args, named));
    conclude(env);
    return answer;
  }

  #special(model: Model, name: string): Method | undefined {
    if (name === 'message_post' && WITH_HISTORY.has(model.name)) return MESSAGE_POST;
    return name === 'check_object_reference' && model.name === 'ir.model.data' ? CHECK_OBJECT_REFERENCE : undefined;
  }
}

function readContext(context: unknown): WireObject {
  if (context === undefined || context === null || context === false) return {};
  if (isObject(context)) return context;
  throw typeError('cannot convert dictionary update sequence element #0 to a sequence');
}

/** @throws OdooError for a language that is not installed (from 17 on) or a company that is not the user's */
function checkContext(env: Env): void {
  const { lang, allowed_company_ids: companies } = env.context;
  if (
    env.version >= 17 &&
    typeof lang === 'string' &&
    lang !== '' &&
    env.sudo().search('res.lang', [
      ['code', '=', lang],
      ['active', '=', true],
    ]).length === 0
  ) {
    throw userError(`Invalid language code: ${lang}`);
  }
  const own = env.table('res.users').get(env.uid)?.company_ids;
  const allowed: readonly number[] = Array.isArray(own) ? (own as readonly number[]) : [];
  if (idList(companies).some((id) => companies !== undefined && !allowed.includes(id)))
    throw accessError('Access to unauthorized or invalid companies.');
}

/** The ids come first, or by name. */
function takeIds(args: readonly unknown[], named: Record<string, unknown>): [number[], readonly unknown[]] {
  if (args.length === 0 && !('ids' in named)) return [[], []];
  const [first, ...rest] = args.length > 0 ? args : [named.ids];
  delete named.ids;
  return [idList(first), rest];
}

/** @throws OdooError TypeError, as Python words it */
function bind(method: Method, args: readonly unknown[], named: WireObject): WireObject {
  const { parameters, label } = method;
  if (args.length > parameters.length) {
    const most = parameters.length + 1;
    throw typeError(
      `${label}() takes ${most} positional argument${most === 1 ? '' : 's'} but ${args.length + 1} were given`,
    );
  }
  const bound: Record<string, unknown> = {};
  for (const [position, { name }] of parameters.entries()) {
    if (position < args.length) bound[name] = args[position];
  }
  for (const [name, value] of Object.entries(named)) {
    if (name in bound) throw typeError(`${label}() got multiple values for argument '${name}'`);
    if (!method.open && !parameters.some((parameter) => parameter.name === name))
      throw typeError(`${label}() got an unexpected keyword argument '${name}'`);
    bound[name] = value;
  }
  const missing = missingArgument(method, bound);
  if (missing !== undefined)
    throw new OdooError('builtins.TypeError', `${label}() missing 1 required positional argument: '${missing}'`);
  return bound;
}

export function missingArgument(method: Method, given: WireObject): string | undefined {
  return method.parameters.find((parameter) => parameter.required && !(parameter.name in given))?.name;
}
