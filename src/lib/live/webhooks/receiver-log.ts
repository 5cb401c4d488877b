import type { Log } from '../events.js';
import { Throttle } from '../throttle.js';
import type { ReceiverEvent } from './receiver.js';

/** Of what a stranger can cause at will one line for each reason is logged in so long. */
const THROTTLE_MS = 10_000;

/**
 * Logs what happens at the receiver. Whoever floods the service does not flood its log: everything but a message that
 * was kept, which needs credentials, is throttled by its reason.
 */
export function receiverLog(log: Log, now: () => number): (event: ReceiverEvent) => void {
  const throttle = new Throttle(THROTTLE_MS);
  const common = { direction: 'in', event: 'webhook' } as const;
  return (event) => {
    switch (event.kind) {
      case 'received': {
        const names = event.hashedIds.length > 3 ? `${event.hashedIds.length} orders` : event.hashedIds.join(', ');
        return log({
          ...common,
          level: 'info',
          message: `${event.route} ${names}${event.repeats > 0 ? ` (${event.repeats} known already)` : ''}`,
        });
      }
      case 'refused':
        // That nothing could be kept is an error, and logged as one.
        if (event.reason === 'not-kept' || !throttle.allow(event.reason, now())) return;
        return log({
          ...common,
          level: 'warn',
          message: `refused with ${event.status} from ${event.address}: ${event.message}`,
          details: { status: event.status, reason: event.reason },
        });
      case 'not-kept':
      case 'fault':
        if (!throttle.allow(event.kind, now())) return;
        return log({
          ...common,
          level: 'error',
          message: `${event.kind === 'fault' ? 'a fault of the program' : 'not kept, the sender tries again'}: ${event.error instanceof Error ? event.error.message : String(event.error)}`,
        });
    }
  };
}
