import { z } from 'zod';
import type { Session } from '../session.js';
import type { CatalogFlow } from '../store/store.js';

/** A complete dry run: when it ended (UTC ms), and how many values differed. */
export const reviewSchema = z.object({ at: z.number(), differs: z.number() });
export type ReviewEntry = z.output<typeof reviewSchema>;

/** Under which name the runtime state holds the last review of a flow. */
export const reviewName = (flow: CatalogFlow): string => `reviewed.${flow}`;

/** Records that somebody has seen everything that differs: going live rests on such a review of both flows. */
export const recordReviewed = (
  { store }: Pick<Session, 'store'>,
  flow: CatalogFlow,
  review: ReviewEntry,
): Promise<void> => store.runtimeState.put(reviewName(flow), JSON.stringify(review), review.at);
