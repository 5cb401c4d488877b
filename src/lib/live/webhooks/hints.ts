import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { sameSecret } from './authentication.js';
import { NOTHING_HERE, refuse } from './http-server.js';
import { RateLimit } from './rate-limit.js';
import { tooOften } from './refusal.js';

/** Odoo says that a record may have changed: worth no more than a look at it, and never believed for values. */
export interface Hint {
  readonly model: string | undefined;
  readonly id: number | undefined;
  /** Of a quant: the variant that lies there. */
  readonly productId?: number | undefined;
}

const id = z.number().int().positive().optional().catch(undefined);
/** The body of an automation rule's webhook carries the fields that the rule names; the model and the id always. */
const bodySchema = z
  .object({ _model: z.string().max(100).optional().catch(undefined), _id: id, product_id: id })
  .catch({});

const LARGEST_BODY = 64 * 1024;
/**
 * A mass change of Odoo is a request for every record; beyond this, looking at everything is cheaper than being told.
 */
const HINTS_PER_SECOND = 5000;

/**
 * Takes Odoo's push hints at an address that holds a secret, for an automation rule can send no header. The answer
 * leaves before anything is done: Odoo waits for it while the user's own request is not finished.
 * @param secret the one of the moment; while there is none, there is no such address
 */
export function registerHints(
  app: FastifyInstance,
  secret: () => string | undefined,
  now: () => number,
  onHint: (hint: Hint) => void,
): void {
  const all = new RateLimit(HINTS_PER_SECOND);
  app.post<{ Params: { secret: string } }>('/odoo/hint/:secret', {
    bodyLimit: LARGEST_BODY,
    onRequest(request, reply, done) {
      const wanted = secret();
      if (wanted === undefined || !sameSecret(request.params.secret, wanted))
        return void refuse(request, reply, NOTHING_HERE);
      const wait = all.take('', now());
      if (wait > 0) return void refuse(request, reply, tooOften(wait));
      done();
    },
    async handler(request, reply) {
      void reply.code(204).send();
      setImmediate(() => onHint(hintOf(request.body)));
      return reply;
    },
  });
}

function hintOf(body: unknown): Hint {
  const { _model: model, _id: id } = bodySchema.parse(parsed(body));
  return { model, id };
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body)) as unknown;
  } catch {
    return undefined;
  }
}
