import type { z } from 'zod';

/** The marketplace refuses a well-formed request; the message is what the caller is told. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  /**
   * @param status the HTTP status of the answer: 422, or 404 for a thing that does not exist, 413 for too much at once
   */
  constructor(
    message: string,
    readonly status: 404 | 413 | 422 = 422,
  ) {
    super(message);
  }
}

/** Parses input that must have exactly the documented form. @throws Refusal naming the first field that has not */
export function parseStrictly<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new Refusal(`${field === '' ? '' : `${field}: `}${issue?.message ?? 'invalid input'}`);
}

/** The text of a refusal; any other error is a bug of the simulator and goes on. */
export function refusalText(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  throw error;
}
