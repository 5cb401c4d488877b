import type { OdooFaults } from './faults.js';
import type { Services } from './services.js';

/** What every request passes through. */
export interface Traffic {
  readonly services: Services;
  readonly faults: OdooFaults;
  /** Added to every call. */
  readonly latencyMs: number;
}
