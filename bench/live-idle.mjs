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

export async function run({ products = 10_000, seconds = Number(process.env.CARTONA_BENCH_SECONDS ?? 60) } = {}) {
  const odoo = await openOdoo({ products });
  const mapped = await mappedProducts(odoo);
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace);
  const service = await startService(home.env, home.dataFile);
  try {
    // Past the first comparison and the quick pace after it.
    await sleep(50_000);
    const read = async () => ({ text: await (await fetch(`${service.url}/metrics`)).text(), at: performance.now(), ...usage(service.child.pid) });
    const before = await read();
    await sleep(seconds * 1000);
    const after = await read();
    const elapsed = (after.at - before.at) / 1000;
    const polling = metric(after.text, 'cartona_poll_seconds_sum') - metric(before.text, 'cartona_poll_seconds_sum');
    const polls = metric(after.text, 'cartona_poll_seconds_count') - metric(before.text, 'cartona_poll_seconds_count');
    return {
      name: `serve, nothing changes for ${seconds} s, ${mapped.length} products, ${odoo.name}; the sweep goes on`,
      rows: [
        ['polls', `${polls}, ${((polling / polls) * 1000).toFixed(0)} ms each`],
        ['time of one worker of Odoo for them', `${((polling / elapsed) * 100).toFixed(1)} %`, 'at most 5 %'],
        ['CPU of the service', `${(((after.cpu - before.cpu) / elapsed) * 100).toFixed(2)} %`, 'under 1 %'],
        ['memory', `${after.mb.toFixed(0)} MB`, 'under 120 MB'],
      ],
    };
  } finally {
    await service.stop();
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run({}), undefined, 1));
