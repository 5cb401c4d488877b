import type { AnswerShape } from '../behaviour.js';

/**
 * What became of one item of a bulk call: the ids by which it named itself, and why it was refused (null: it was not).
 */
export interface ItemOutcome {
  index: number;
  ids: Record<string, unknown>;
  error: string | null;
}

/**
 * The answer of a bulk call. Partial batches answer 200 whatever failed, and some shapes say nothing of the failures.
 * An atomic batch with a refused item answers 422 and names no item that was good.
 */
export function shapeAnswer(
  shape: AnswerShape,
  outcomes: readonly ItemOutcome[],
  atomic: boolean,
): { status: number; body: unknown } {
  const failed = outcomes.filter((outcome) => outcome.error !== null);
  const refused = atomic && failed.length > 0;
  return { status: refused ? 422 : 200, body: bodyOf(shape, refused ? failed : outcomes, failed) };
}

function bodyOf(shape: AnswerShape, told: readonly ItemOutcome[], failed: readonly ItemOutcome[]): unknown {
  const error = `${failed.length} item(s) failed: ${failed[0]?.error ?? ''}`;
  switch (shape) {
    case 'results':
      return told.map(({ ids, error: reason }) =>
        reason === null ? { ...ids, success: true } : { ...ids, success: false, error: reason },
      );
    case 'empty-object':
      return {};
    case 'empty-array':
      return [];
    case 'success-flag':
      return failed.length === 0 ? { success: true } : { success: false, error };
    case 'details-by-index':
      return failed.length === 0
        ? {}
        : { error, details: failed.map((item) => ({ index: item.index, error: item.error })) };
    case 'details-by-id':
      return failed.length === 0 ? {} : { error, details: failed.map((item) => ({ ...item.ids, error: item.error })) };
  }
}
