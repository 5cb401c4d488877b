import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requirementOf, unreadableFields } from '../../../../src/lib/common/http/unreadable.js';

describe('what a schema refused', () => {
  it.each([
    [z.number(), 'x', 'it must be a number'],
    [z.number().int(), 1.5, 'it must be a whole number'],
    [z.number().min(1), 0, 'it must be at least 1'],
    [z.number().positive(), 0, 'it must be more than 0'],
    [z.number().max(5), 9, 'it must be at most 5'],
    [z.string().min(1), '', 'it must have at least 1 characters'],
    [z.boolean(), 'x', 'it must be true or false'],
    [z.enum(['a', 'b']), 'c', 'it must be one of a, b'],
    [z.array(z.number()), [1, 'x'], 'each entry must be a number'],
    [z.object({ a: z.string() }), 3, 'it must be an object with fields'],
    [z.string().refine(() => false, 'must begin with x.'), 'y', 'must begin with x'],
  ])('is told in plain words: %#', (schema, value, words) => {
    expect(requirementOf(schema.safeParse(value).error?.issues[0])).toBe(words);
  });

  it('is named with what stands there', () => {
    const schema = z.array(z.object({ id: z.number(), name: z.string() }));
    const record = [{ id: 1, name: 'a' }, { id: '1,250.00' }];
    const { error } = schema.safeParse(record);
    expect(error && unreadableFields(record, error)).toEqual([
      { field: '1.id', value: '"1,250.00"' },
      { field: '1.name', value: 'missing' },
    ]);
  });
});
