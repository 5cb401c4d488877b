import { z } from 'zod';
import { RequestEnv } from '../orm/env.js';
import { odooFaultsSchema } from './faults.js';
import type { HttpRequest, Reply } from './protocols.js';
import { changeProduct, productChangeSchema } from './product-control.js';
import { OdooError } from '../orm/errors.js';
import { read } from '../orm/records.js';
import type { Transaction } from '../orm/types.js';
import type { Traffic } from './traffic.js';

/**
 * The sandbox's own controls, for another process to stage faults and to look inside; no part of Odoo, and only for
 * this machine.
 */
export const CONTROL_PREFIX = '/_sandbox/';

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
const ROOT = 1;

const answer = (status: number, value: unknown): Reply => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

/**
 * `POST` and `DELETE /_sandbox/faults`, `POST /_sandbox/products`, `GET /_sandbox/state?model=…`.
 * @param tx what a changed product is written in
 */
export function answerControl(
  { services, faults }: Pick<Traffic, 'services' | 'faults'>,
  request: HttpRequest,
  url: string,
  from: string,
  tx: Transaction,
): Reply {
  if (!LOOPBACK.test(from)) return answer(403, { error: 'the sandbox is controlled from its own machine only' });
  const what = request.path.slice(CONTROL_PREFIX.length);
  if (what === 'faults' && request.method === 'DELETE') {
    faults.clear();
    return answer(200, { pending: 0 });
  }
  if (what === 'faults' && request.method === 'POST') return addFaults(faults, request);
  if (what === 'products' && request.method === 'POST') return putProduct(services, request, tx);
  if (what === 'state' && request.method === 'GET')
    return showState(services, new URL(url, 'http://sandbox').searchParams.get('model') ?? '');
  return answer(404, { error: 'Not Found' });
}

function addFaults(faults: Traffic['faults'], request: HttpRequest): Reply {
  const body = parsedBody(odooFaultsSchema, request);
  if ('refusal' in body) return body.refusal;
  faults.add(...body.value);
  return answer(200, { pending: faults.pending().length });
}

function putProduct(services: Traffic['services'], request: HttpRequest, tx: Transaction): Reply {
  const body = parsedBody(productChangeSchema, request);
  if ('refusal' in body) return body.refusal;
  try {
    const result = changeProduct(services, body.value, { tx, lostRace: false, denied: false });
    return 'error' in result ? answer(400, result) : answer(200, result.changed);
  } catch (error) {
    if (error instanceof OdooError) return answer(400, { error: error.message });
    throw error;
  }
}

function parsedBody<T>(schema: z.ZodType<T>, request: HttpRequest): { value: T } | { refusal: Reply } {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    return { refusal: answer(400, { error: 'not JSON' }) };
  }
  const parsed = schema.safeParse(body);
  return parsed.success ? { value: parsed.data } : { refusal: answer(400, { error: z.prettifyError(parsed.error) }) };
}

function showState({ db }: Traffic['services'], name: string): Reply {
  const model = db.models.get(name);
  if (!model) return answer(400, { error: `the sandbox has no model ${JSON.stringify(name)}` });
  const env = new RequestEnv(db, db.begin(), {
    uid: ROOT,
    su: true,
    context: { active_test: false },
    importing: undefined,
  });
  return answer(200, read(env, model, env.search(name, [], { order: 'id' }), [], false));
}
