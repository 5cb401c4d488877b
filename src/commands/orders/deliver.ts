import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import type { StateSet } from '../../lib/orders/states/set-state.js';
import { OrderCommand } from '../../lib/ui/order-command.js';
import { askSecret, readStdinLines } from '../../lib/ui/prompts/prompt.js';

const ORDER = "The order's id at Cartona (hashed_id), or the name of the sale order in Odoo.";
const CODE = /^[\p{L}\p{N}-]{1,32}$/u;

export default class OrdersDeliver extends OrderCommand<typeof OrdersDeliver> {
  static override summary = "Deliver an order, with the retailer's OTP where it needs one.";
  static override description = `Asks Cartona first; only when it accepted are the goods handed over in Odoo too (confirmed, delivery validated,
locked). Nothing is done before the code is known. A wrong code delivers nothing; a pending order is approved on the way
to it, and the error says so. Should Cartona's answer get lost, run the same command again: it
looks before it asks. The code is sent to Cartona and kept nowhere.
Without --otp the code is asked for on a terminal, or read from standard input, where the order needs one.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> 8f3k2m9x0q1w7e5r4t6y --otp 4821',
    'printf 4821 | <%= config.bin %> <%= command.id %> S00042 --otp -',
    '<%= config.bin %> <%= command.id %> S00042',
  ];
  static override args = { id: Args.string({ required: true, description: ORDER }) };
  static override flags = {
    otp: Flags.string({ summary: "The retailer's code; - reads it from standard input.", helpValue: 'CODE' }),
  };

  async run(): Promise<StateSet> {
    return this.withSession(async (session) => {
      const { setState } = await import('../../lib/orders/states/set-state.js');
      const result = await setState(session, 'orders deliver', this.args.id, {
        status: 'delivered',
        otp: () => this.code(),
      });
      this.show(result, 'delivered');
      return result;
    });
  }

  private async code(): Promise<string> {
    const { otp } = this.flags;
    const code = otp !== undefined && otp !== '-' ? otp.trim() : await this.askCode(otp === undefined);
    if (!CODE.test(code))
      throw new CartonaError(
        'usage',
        "That is no OTP: it is a few letters or digits, as the retailer's app shows them.",
      );
    this.redactor.add(code);
    return code;
  }

  private async askCode(mayAsk: boolean): Promise<string> {
    if (mayAsk && this.canAsk()) return askSecret(`The retailer's OTP for order ${this.args.id}:`);
    const [code = ''] = await readStdinLines(1, "the retailer's OTP");
    return code;
  }
}
