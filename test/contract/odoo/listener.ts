import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const hint = z.looseObject({ _action: z.string(), _id: z.number(), _model: z.string() });
export type Hint = z.infer<typeof hint>;

export interface Listener {
  readonly url: string;
  /** What came, with the path it came to, oldest first. */
  readonly hints: { readonly path: string; readonly body: Hint }[];
  /** Called when a hint has come and before it is answered. */
  onHint: (body: Hint) => Promise<void>;
  close(): Promise<void>;
}

/** A place that Odoo can send its hints to, as long as it is on this machine. */
export async function listenForHints(): Promise<Listener> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = hint.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      listener.hints.push({ path: request.url ?? '', body });
      await listener.onHint(body);
      response.writeHead(204).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const listener: Listener = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hints: [],
    onHint: () => Promise.resolve(),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return listener;
}
