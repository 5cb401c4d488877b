import { describe, expect, it } from 'vitest';
import { readBulkAnswer } from '../../../src/lib/cartona/outcomes.js';

const items = ['A', 'B', 'C'].map((id) => ({ ids: [id] }));
const refused = (answer: unknown): [number, string][] | string => {
  const verdict = readBulkAnswer(answer, items);
  return verdict.kind === 'whole' ? verdict.reason : [...verdict.refused];
};

describe("reading a bulk call's answer", () => {
  it.each([
    ['an empty object', {}, []],
    ['an empty array', [], []],
    ['a word of success', { success: true }, []],
    [
      'an array of results',
      [
        { internal_product_id: 'A', success: true },
        { internal_product_id: 'B', success: false, error: 'unknown' },
      ],
      [[1, 'unknown']],
    ],
    [
      'results that name no id, by position',
      [{ success: true }, { success: true }, { status: 'error', message: 'bad price' }],
      [[2, 'bad price']],
    ],
    ['results that wrap a status code', [{ id: 'C', status: 422, error: { message: 'too dear' } }], [[2, 'too dear']]],
    ['details by index', { error: 'some failed', details: [{ index: 0, message: 'no' }] }, [[0, 'no']]],
    [
      'details by a numeric id',
      { success: false, errors: [{ internal_product_id: 'B', message: 'gone' }] },
      [[1, 'gone']],
    ],
    ['errors keyed by id', { errors: { C: ['not yours', 'archived'] } }, [[2, 'not yours; archived']]],
    ['a misspelt id', { failed: [{ suppler_prodcut_id: 'A', reason: 'x' }] }, [[0, 'x']]],
  ])('finds the refused items in %s', (_, answer, expected) => {
    expect(refused(answer)).toEqual(expected);
  });

  it.each([
    ['success: false', { success: false, error: 'maintenance' }, 'maintenance'],
    ['an error', { error: 'invalid body' }, 'invalid body'],
  ])('takes %s that names nobody for a refusal of the whole', (_, answer, reason) => {
    expect(refused(answer)).toBe(reason);
  });

  it('bounds what it repeats', () => {
    expect(refused({ error: 'x'.repeat(10_000) })).toHaveLength(300);
  });
});
