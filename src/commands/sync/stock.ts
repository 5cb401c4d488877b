import { SyncCommand, type SyncLibrary } from '../../lib/ui/sync-command.js';

export default class SyncStock extends SyncCommand {
  static override summary = 'Send the stock that differs from what Cartona last confirmed.';
  static override description = `The stock of a mapped product is summed over the chosen warehouses or locations (settings stock.warehouses,
stock.locations): free (default), on hand or forecast (setting stock.measure), less what Cartona's orders that are not yet
confirmed in Odoo have taken. Whole units, never below zero. Archived products and those not for sale have none.
When more than a set share of the catalogue falls to zero (setting brake.zeroStockSharePercent), that waits for a yes.`;
  static override examples = [
    '<%= config.bin %> sync stock --dry-run',
    '<%= config.bin %> sync stock',
    '<%= config.bin %> sync stock --yes --quiet',
  ];

  protected override async library(): Promise<SyncLibrary> {
    const [{ syncStock }, { productNames }] = await Promise.all([
      import('../../lib/catalog/sync.js'),
      import('../../lib/mapping/describe.js'),
    ]);
    return { sync: syncStock, productNames };
  }
}
