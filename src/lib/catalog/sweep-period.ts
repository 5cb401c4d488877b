/** The catalogue that the sweep's period is meant for; of a larger one it takes longer in proportion. */
const SWEEP_SIZE = 10_000;

/** How long one walk over a catalogue of so many variants takes, ms. */
export const sweepPeriodMs = (sweepMinutes: number, variants: number): number =>
  sweepMinutes * 60_000 * Math.max(1, variants / SWEEP_SIZE);
