import { BoundedLog } from '../bounded-log.js';

/** One request to the marketplace's API; control requests are not logged. */
export interface LoggedRequest {
  at: Date;
  method: string;
  /** Without the query string. */
  path: string;
  query: Record<string, unknown>;
  /** The parsed body; undefined where none was read, as when the token was refused. */
  body: unknown;
  /** Whether the token was accepted; false also where the request never got so far. */
  auth: boolean;
  /** Of the answer that left; null while there is none, and for ever where the connection was cut. */
  status: number | null;
  /** The kind of the injected fault that it met. */
  fault: string | null;
}

/** The last requests. */
export class RequestLog extends BoundedLog<LoggedRequest> {
  /** The kept requests, oldest first; with a text, only those whose path contains it. */
  list(pathPart = ''): LoggedRequest[] {
    return this.kept().filter((entry) => entry.path.includes(pathPart));
  }
}
