// `cartona serve` while nothing changes: what it costs Odoo, and what it takes of this machine.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome, mappedProducts, openMarketplace, openOdoo } from './ground.mjs';
import { startService } from './live-latency.mjs';

/** CPU seconds and resident megabytes of a process, as the kernel counts them. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, mb: Number(memory) / 1024 };
}

const metric = (text, name) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);

/** A service on its own for so many seconds, past its first comparison and the quick pace after it. */
async function idle(odoo, mapped, seconds, serve) {
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace, { serve });
  const service = await startService(home.env, home.dataFile);
  try {
    await sleep(50_000);
    const read = async () => ({
      text: await (await fetch(service.metricsUrl)).text(),
      at: performance.now(),
      ...usage(service.child.pid),
    });
    const before = await read();
    await sleep(seconds * 1000);
    const after = await read();
    const elapsed = (after.at - before.at) / 1000;
    const polling = metric(after.text, 'cartona_poll_seconds_sum') - metric(before.text, 'cartona_poll_seconds_sum');
    const polls = metric(after.text, 'cartona_poll_seconds_count') - metric(before.text, 'cartona_poll_seconds_count');
    return {
      polls,
      each: (polling / polls) * 1000,
      share: (polling / elapsed) * 100,
      cpu: ((after.cpu - before.cpu) / elapsed) * 100,
      mb: after.mb,
    };
  } finally {
    await service.stop();
    await home.remove();
    await marketplace.close();
  }
}

export async function run({ products = 10_000, seconds = Number(process.env.CARTONA_BENCH_SECONDS ?? 60) } = {}) {
  const odoo = await openOdoo({ products });
  try {
    const mapped = await mappedProducts(odoo);
    const still = await idle(odoo, mapped, seconds, { sweepMinutes: 1440 });
    const sweeping = await idle(odoo, mapped, seconds, {});
    return {
      name: `serve, nothing changes for ${seconds} s, ${mapped.length} products, ${odoo.name}`,
      rows: [
        ['polls', `${still.polls}, ${still.each.toFixed(0)} ms each`],
        ['time of one worker of Odoo for them', `${still.share.toFixed(1)} %`, 'at most 5 %'],
        [
          'CPU of the service',
          `${still.cpu.toFixed(2)} %; ${sweeping.cpu.toFixed(2)} % while it sweeps, as it always does`,
          'under 1 %, the sweep apart',
        ],
        ['memory', `${still.mb.toFixed(0)} MB; ${sweeping.mb.toFixed(0)} MB`, 'under 120 MB'],
      ],
    };
  } finally {
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run({}), undefined, 1));
