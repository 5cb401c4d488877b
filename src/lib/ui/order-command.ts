import type { Command } from '@oclif/core';
import type { StateSet } from '../orders/states/set-state.js';
import { BaseCommand } from './base-command.js';

/** What the commands share that set one order's state. */
export abstract class OrderCommand<T extends typeof Command> extends BaseCommand<T> {
  protected show({ hashedId, odooName, from, told, done, waits }: StateSet, status: string): void {
    const cartona =
      told.length === 0 ? `Cartona has it as ${status} already` : `Cartona: ${[from, ...told].join(' -> ')}`;
    const odoo =
      odooName === undefined
        ? 'not in Odoo'
        : `${odooName} in Odoo: ${done.join(', ') || (waits === undefined ? 'nothing to do' : 'waits')}`;
    this.say(`Order ${hashedId}: ${cartona}; ${odoo}.`);
    if (waits === undefined) return;
    this.warn(`Odoo does not follow by itself: ${waits}`);
    this.endPartial();
  }
}
