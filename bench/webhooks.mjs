// Signed orders at a fixed rate into the webhook receiver with its SQLite file, and into a bare fastify server that
// keeps nothing. Receiver and sender are processes of their own. The load is open: a request leaves at its time whether
// or not the earlier ones were answered, and its latency counts from that time. `CARTONA_BENCH_SECONDS=60` for a whole
// minute.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';

export const SECRET = `whsec_${Buffer.from("a benchmark's key, of 32 bytes..").toString('base64')}`;
const ROLES = { receiver, bare, sender };

async function receiver({ dataFile }) {
  const [{ startReceiver }, { openSqliteStore }, { profileSchema }] = await Promise.all([
    import('../dist/lib/live/webhooks/receiver.js'),
    import('../dist/lib/store/sqlite/sqlite-store.js'),
    import('../dist/lib/settings/profile.js'),
  ]);
  const settings = { ...profileSchema.shape.webhooks.parse({}), requestsPerSecond: 0 };
  const store = openSqliteStore(dataFile, 'bench');
  let commits = 0;
  const keep = (events) => {
    commits += 1;
    return store.events.keep(events, Date.now());
  };
  const running = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    settings,
    signingSecrets: [SECRET],
    keep,
    onKept: () => undefined,
  });
  process.send({ url: running.url });
  process.once('message', async () => {
    await running.close(5000);
    const { count } = await store.events.backlog();
    process.send({ kept: count, commits, cpu: process.cpuUsage(), peakMb: process.resourceUsage().maxRSS / 1024 }, () =>
      process.exit(),
    );
  });
}

async function bare() {
  const app = Fastify();
  app.post('/cartona_integration/webhook/orders', async () => ({ received: 1 }));
  process.send({ url: await app.listen({ host: '127.0.0.1', port: 0 }) });
  process.once('message', () => process.send({ cpu: process.cpuUsage() }, () => process.exit()));
}

async function sender({ url, perSecond, seconds, warmUp, seed }) {
  const [{ webhookRequests }, { makeSupplier }] = await Promise.all([
    import('../dist/sandbox/marketplace/webhooks/webhook-requests.js'),
    import('../dist/sandbox/supplier/supplier.js'),
  ]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
  const { hostname, port } = new URL(url);
  const count = perSecond * (seconds + warmUp);
  const { products, marketplaceProducts } = makeSupplier(SUPPLIER);
  // An order of a product that is archived in Odoo waits for a person.
  const sold = new Set(products.filter(({ active }) => active).map(({ cartonaId }) => cartonaId));
  const requests = webhookRequests(
    { marketplaceProducts: marketplaceProducts.filter(({ internalProductId }) => sold.has(internalProductId)) },
    count,
    { signing: { secrets: [SECRET] }, seed },
  );
  const latencies = [];
  let answered = 0;
  let failed = 0;
  let sent = 0;
  const started = performance.now();
  // After the warm-up a second's rest: what a cold process could not answer at once does not wait in the measured load.
  const dueAt = (at) => started + (at * 1000) / perSecond + (at < perSecond * warmUp ? 0 : 1000);
  const done = new Promise((resolve) => {
    const end = (due, good, at) => {
      if (at >= perSecond * warmUp) latencies.push(performance.now() - due);
      if (good) answered += 1;
      else failed += 1;
      if (answered + failed === count) resolve();
    };
    const send = (due, at) => {
      const { value } = requests.next();
      const request = http.request(
        {
          agent,
          hostname,
          port,
          path: value.path,
          method: 'POST',
          headers: { ...value.headers, 'content-length': Buffer.byteLength(value.body) },
        },
        (answer) => {
          answer.resume().on('end', () => end(due, answer.statusCode === 200, at));
        },
      );
      request.on('error', () => end(due, false, at)).end(value.body);
    };
    const tick = () => {
      for (const now = performance.now(); sent < count && dueAt(sent) <= now; sent += 1) send(dueAt(sent), sent);
      if (sent < count) setTimeout(tick, 1);
    };
    tick();
  });
  await done;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  process.send(
    { answered, failed, seconds: (performance.now() - started) / 1000, p50: at(0.5), p99: at(0.99), max: at(1) },
    () => process.exit(),
  );
}

/** The supplier whose orders are sent. */
export const SUPPLIER = { seed: 1, products: 500, orders: 0 };

/** A process in one of the roles; `told()` is its next message. */
export function start(role, options) {
  const child = spawn(process.execPath, [import.meta.filename, role, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const told = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the ${role} ended with ${code}`)));
    });
  return { child, told };
}

async function measure(role, load, options) {
  const server = start(role, options);
  const { url } = await server.told();
  const result = await start('sender', { url, ...load }).told();
  const ending = server.told();
  server.child.send('end');
  return { ...result, server: await ending };
}

/** @param seconds of the measured load, after two in which nothing is measured */
export async function run({ perSecond = 1000, seconds = Number(process.env.CARTONA_BENCH_SECONDS ?? 10) } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'cartona-bench-'));
  const load = { perSecond, seconds, warmUp: 2, seed: 1 };
  try {
    const baseline = await measure('bare', load, {});
    const measured = await measure('receiver', load, { dataFile: join(directory, 'data.sqlite') });
    const { kept, commits, cpu, peakMb } = measured.server;
    const milliseconds = ({ p50, p99, max }) => `${p50.toFixed(1)} / ${p99.toFixed(1)} / ${max.toFixed(1)} ms`;
    const share = (usage) => `${((usage.user + usage.system) / 1e4 / (seconds + load.warmUp)).toFixed(0)} % of a core`;
    return {
      name: `webhooks, ${perSecond} signed orders a second for ${seconds} s`,
      rows: [
        [
          'latency p50 / p99 / max, bare server that keeps nothing',
          `${milliseconds(baseline)}, ${share(baseline.server.cpu)}`,
          'baseline',
        ],
        ['latency p50 / p99 / max, every one durable', `${milliseconds(measured)}, ${share(cpu)}`, 'p99 at most 50 ms'],
        [
          'accepted / in the file / refused',
          `${measured.answered} / ${kept} / ${measured.failed}`,
          'the same / the same / 0',
        ],
        ['orders in one commit', (kept / commits).toFixed(1), 'reported'],
        ['peak memory', `${peakMb.toFixed(0)} MB`, 'reported'],
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [role, options] = process.argv.slice(2);
if (import.meta.filename === process.argv[1]) {
  if (role in ROLES) await ROLES[role](JSON.parse(options));
  else console.log(await run());
}
