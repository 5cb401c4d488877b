import { SyncCommand, type SyncLibrary } from '../../lib/ui/sync-command.js';

export default class SyncPrices extends SyncCommand {
  static override summary = 'Send the prices that differ from what Cartona last confirmed.';
  static override description = `The price of a mapped product is its sales price in Odoo (with the variant's extras), in EGP.
A price that changes by more than the set percentage (setting brake.priceChangePercent) waits for a yes.`;
  static override examples = [
    '<%= config.bin %> sync prices --dry-run',
    '<%= config.bin %> sync prices',
    '<%= config.bin %> sync prices --product SKU-0042 --all',
  ];

  protected override async library(): Promise<SyncLibrary> {
    const [{ syncPrices }, { productNames }] = await Promise.all([
      import('../../lib/catalog/sync.js'),
      import('../../lib/mapping/describe.js'),
    ]);
    return { sync: syncPrices, productNames };
  }
}
