import type { z } from 'zod';

/** A field of an outside record that cannot be read, and the start of what stands in it, as JSON. */
export interface UnreadableField {
  readonly field: string;
  readonly value: string;
}

/** The fields that a schema refused, each once. A record in which something else is wrong is named as a whole. */
export function unreadableFields(record: unknown, { issues }: z.ZodError): UnreadableField[] {
  const fields = new Map(
    issues.map(({ path }) => {
      const value = path.reduce<unknown>((inner, key) => (isFields(inner) ? inner[String(key)] : undefined), record);
      return [path.join('.') || 'entry', excerpt(value)] as const;
    }),
  );
  return [...fields].map(([field, value]) => ({ field, value }));
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const EXCERPT = 60;
/** The start of what stands in a field, as JSON on one line. */
export function excerpt(value: unknown): string {
  const json = value === undefined ? 'missing' : JSON.stringify(value);
  return json.length > EXCERPT ? `${json.slice(0, EXCERPT)}…` : json;
}

const NOUNS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
};

/** What a schema wants of a value that it refused, for a person: `it must be at most 5`. */
export function requirementOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'it is not valid';
  const whose = typeof issue.path.at(-1) === 'number' ? 'each entry' : 'it';
  switch (issue.code) {
    case 'invalid_type':
      return `${whose} must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `${whose} must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `${whose} must ${bound(issue.origin)} ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `${whose} must ${bound(issue.origin)} ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    default:
      return issue.message.replace(/\.$/, '').replace(/^Invalid input: /, '');
  }
}

const bound = (origin: string): string => (origin === 'string' || origin === 'array' ? 'have' : 'be');
const unit = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');
