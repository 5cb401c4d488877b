import type { OdooFaults } from './faults.js';
import type { Services } from './services.js';

/** What every request passes through. */
export interface Traffic {
  readonly services: Services;
  readonly faults: OdooFaults;
  /** Added to every call. */
  readonly latencyMs: number;
  /** While it is set requests are taken and not answered; they go on when it is kept. */
  paused: Promise<void> | undefined;
}
