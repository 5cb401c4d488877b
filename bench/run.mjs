// `npm run bench`: every benchmark, and the machine they ran on. Against the real server that CARTONA_TEST_ODOO_URL
// (with _DB, _LOGIN, _KEY and, for set-up, _ADMIN_LOGIN and _ADMIN_KEY) names, else against the simulated one. Figures
// are ratios against a baseline of the same run wherever the machine's own speed would decide.
import Table from 'cli-table3';
import { machine } from './ground.mjs';

const BENCHMARKS = [
  'sync-prices',
  'sync-memory',
  'map-import',
  'orders-pull',
  'webhooks',
  'live-latency',
  'live-mass',
  'live-idle',
  'live-save',
  'live-orders',
  'live-soak',
];
const only = process.argv.slice(2);

console.log(machine());
for (const name of BENCHMARKS.filter((candidate) => only.length === 0 || only.includes(candidate))) {
  const { run } = await import(`./${name}.mjs`);
  const result = await run();
  const table = new Table({ head: [result.name, 'measured', 'wanted'], style: { head: [], border: [] } });
  for (const [what, measured, wanted = ''] of result.rows) table.push([what, measured, wanted]);
  console.log(table.toString());
}
