// Peak memory of `sync prices` at 10,000 and at 100,000 products: on the simulated Odoo unless the real one holds that
// many.
import { run as syncPrices } from './sync-prices.mjs';

export async function run({ small = 10_000, large = 100_000 } = {}) {
  const at = {
    small: await syncPrices({ products: small, runs: 3 }),
    large: await syncPrices({ products: large, runs: 3 }),
  };
  return {
    name: 'peak memory of sync prices',
    rows: [
      [`${small} products`, `${at.small.peakMb.toFixed(0)} MB`, 'at most 150 MB'],
      [`${large} products`, `${at.large.peakMb.toFixed(0)} MB`, 'at most 150 MB'],
      ['growth', `${(at.large.peakMb / at.small.peakMb).toFixed(2)} ×`, 'at most 1.3 ×'],
    ],
  };
}
