import { missingArgument, type Dispatcher } from '../methods/dispatch.js';
import { OdooError } from '../orm/errors.js';
import { json2Status, jsonError, notFound, unprocessable, xmlFault } from './protocol-errors.js';
import { versionTuple, type Circumstances, type Services } from './services.js';
import { idList, isObject, pythonRepr, textOf, type WireObject } from '../orm/values.js';
import { faultResponse, methodResponse, readMethodCall } from './xmlrpc.js';

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as far as it was understood: what it is about, and how to answer it. */
export interface Exchange {
  readonly model?: string | undefined;
  readonly method?: string | undefined;
  /** Does the work; a failure becomes the protocol's own answer. */
  answer(circumstances: Circumstances): Reply;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const XML_TYPE = 'text/xml; charset=utf-8';

export function htmlReply(status: number, title: string, text: string): Reply {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    body: `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`,
  };
}

const json = (value: unknown, status = 200): Reply => ({ status, contentType: JSON_TYPE, body: JSON.stringify(value) });

const always = (reply: Reply): Exchange => ({ answer: () => reply });

/** Finds out what a request wants. */
export async function understand(services: Services, request: HttpRequest): Promise<Exchange> {
  const { path } = request;
  const { version } = services.db;
  if (path === '/web/version' && version >= 19)
    return always(json({ version_info: versionTuple(version), version: `${version}.0` }));
  if (path === '/web/webclient/version_info') return versionInfo(services, request);
  if (path.startsWith('/xmlrpc/2/')) return xmlRpc(services, request, path.slice('/xmlrpc/2/'.length));
  if (path === '/jsonrpc') return jsonRpc(services, request);
  if (version >= 19 && (path === '/json/2' || path.startsWith('/json/2/')))
    return json2(services, request, path.slice('/json/2/'.length));
  if (version === 18 && path.startsWith('/json/')) return always(toLogin(path));
  return always(
    htmlReply(
      404,
      'Not Found',
      'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
    ),
  );
}

/** The web client of 18 takes whatever stands below /json for a page that a person has to log in for. */
function toLogin(path: string): Reply {
  const location = `/web/login?redirect=${encodeURIComponent(`${path}?`)}`;
  return {
    status: 303,
    contentType: 'text/html; charset=utf-8',
    headers: { location },
    body: `<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href="${location}">${location}</a>. If not, click the link.\n`,
  };
}

const isJson = ({ headers }: HttpRequest): boolean =>
  textOf(headers['content-type']).toLowerCase().startsWith('application/json');

/** A request of the wrong kind: 400 up to 18, 415 from 19 on, as a web page. */
function wrongKind(services: Services, path: string, kind: string): Exchange {
  const text = `Request inferred type is compatible with [&#39;http&#39;] but &#39;${path}&#39; is type=&#39;${kind}&#39;.`;
  return always(
    services.db.version >= 19 ? htmlReply(415, 'Unsupported Media Type', text) : htmlReply(400, 'Bad Request', text),
  );
}

function versionInfo(services: Services, request: HttpRequest): Exchange {
  if (!isJson(request)) return wrongKind(services, request.path, 'json');
  return always(json({ jsonrpc: '2.0', id: null, result: services.versionInfo() }));
}

async function xmlRpc(services: Services, request: HttpRequest, service: string): Promise<Exchange> {
  if (request.method !== 'POST')
    return always(htmlReply(405, 'Method Not Allowed', 'The method is not allowed for the requested URL.'));
  const fault = (error: unknown): Reply => {
    const { code, text } = xmlFault(services.db.version, error);
    return { status: 200, contentType: XML_TYPE, body: faultResponse(code, text) };
  };
  try {
    const { method, params } = await readMethodCall(request.body);
    return {
      ...services.target(service, params),
      answer: (circumstances) => {
        try {
          // A result that cannot be written fails here, after the work was committed.
          return {
            status: 200,
            contentType: XML_TYPE,
            body: methodResponse(services.call(service, method, params, circumstances)),
          };
        } catch (error) {
          return fault(error);
        }
      },
    };
  } catch {
    return always(
      fault(new OdooError('xml.parsers.expat.ExpatError', 'not well-formed (invalid token): line 1, column 0')),
    );
  }
}

function parsedBody(request: HttpRequest): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(request.body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

function jsonRpc(services: Services, request: HttpRequest): Exchange {
  if (!isJson(request) || request.method !== 'POST')
    return wrongKind(services, '/jsonrpc', services.db.version >= 19 ? 'jsonrpc' : 'json');
  const body = parsedBody(request);
  if (!body) return always({ status: 400, contentType: 'text/html; charset=utf-8', body: 'Invalid JSON data' });
  const envelope = isObject(body.value) ? body.value : {};
  const params = isObject(envelope.params) ? envelope.params : {};
  const args: readonly unknown[] = Array.isArray(params.args) ? params.args : [];
  const service = textOf(params.service);
  const head = { jsonrpc: '2.0', id: envelope.id ?? null };
  return {
    ...services.target(service, args),
    answer: (circumstances) => {
      try {
        if (service === '')
          throw new OdooError(
            'builtins.TypeError',
            "RPC.jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'",
          );
        const result = services.call(service, textOf(params.method), args, circumstances);
        // Nothing is left out of the answer altogether.
        return json(result === null ? head : { ...head, result });
      } catch (error) {
        return json({
          ...head,
          error: {
            code: services.db.version >= 19 ? 0 : 200,
            message: 'Odoo Server Error',
            data: jsonError(services.db.version, error),
          },
        });
      }
    },
  };
}

function json2(services: Services, request: HttpRequest, target: string): Exchange {
  const database = request.headers['x-odoo-database'];
  if (database !== undefined && database !== services.db.name) {
    return always(
      htmlReply(
        404,
        'Not Found',
        'No database is selected and the requested URL was not found in the server-wide controllers.',
      ),
    );
  }
  const [model, method, more] = target.split('/');
  const refusal = (error: unknown): Reply => ({
    ...json(jsonError(services.db.version, error), json2Status(error)),
    ...(json2Status(error) === 401 ? { headers: { 'www-authenticate': 'Bearer ' } } : {}),
  });
  if (request.method !== 'POST' || !model || !method || more !== undefined)
    return always(refusal(notFound('Did you mean POST /json/2/<model>/<method>?')));
  if (!isJson(request)) return wrongKind(services, '/json/2/&lt;__model__&gt;/&lt;__method__&gt;', 'json2');
  return {
    model,
    method,
    answer: (circumstances) => {
      try {
        const uid = bearer(services, request, circumstances.denied);
        return json(runByName(services, { uid, model, method }, request, circumstances));
      } catch (error) {
        return refusal(error);
      }
    },
  };
}

function bearer(services: Services, { headers }: HttpRequest, denied: boolean): number {
  const key = /^bearer\s+(\S+)$/i.exec(textOf(headers.authorization))?.[1];
  if (key === undefined)
    throw new OdooError(
      'werkzeug.exceptions.Unauthorized',
      'User not authenticated, use an API Key with a Bearer Authorization header.',
    );
  const uid = denied ? undefined : services.userOfKey(key);
  if (uid === undefined) throw new OdooError('werkzeug.exceptions.Unauthorized', 'Invalid apikey');
  return uid;
}

function runByName(
  services: Services,
  call: { uid: number; model: string; method: string },
  request: HttpRequest,
  circumstances: Circumstances,
): unknown {
  const body = parsedBody(request);
  if (!body)
    throw new OdooError(
      'werkzeug.exceptions.BadRequest',
      'could not parse the body as json: Expecting value: line 1 column 1 (char 0)',
    );
  const { ids, ...named } = isObject(body.value) ? body.value : {};
  requireSignature(services.dispatcher, call, ids, named);
  const args = ids === undefined ? [] : [idList(ids)];
  const result = services.run({ ...call, args, named }, circumstances);
  // Records come as their ids, one or many.
  return call.method === 'create' && typeof result === 'number' ? [result] : (result ?? null);
}

/** @throws OdooError with the statuses that JSON-2 has for calls that do not fit */
function requireSignature(
  dispatcher: Dispatcher,
  { model, method }: { model: string; method: string },
  ids: unknown,
  named: WireObject,
): void {
  let known;
  try {
    known = dispatcher.model(model);
  } catch {
    throw notFound(`the model ${pythonRepr(model)} does not exist`);
  }
  const found = methodOf(dispatcher, known, method);
  if (!found.onRecords && ids !== undefined) throw unprocessable(`cannot call ${model}.${method} with ids`);
  const missing = missingArgument(found, named);
  if (missing !== undefined) throw unprocessable(`missing a required argument: '${missing}'`);
  const extra = found.open
    ? undefined
    : Object.keys(named).find(
        (name) => name !== 'context' && !found.parameters.some((parameter) => parameter.name === name),
      );
  if (extra !== undefined) throw unprocessable(`got an unexpected keyword argument '${extra}'`);
}

function methodOf(
  dispatcher: Dispatcher,
  model: Parameters<Dispatcher['method']>[0],
  name: string,
): ReturnType<Dispatcher['method']> {
  try {
    return dispatcher.method(model, name);
  } catch (error) {
    if (error instanceof OdooError && error.pythonName === 'builtins.AttributeError') throw notFound(error.message);
    throw error;
  }
}
