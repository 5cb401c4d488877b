import { valueError } from '../orm/errors.js';
import { pythonRepr, type OdooVersion } from '../orm/values.js';

/** One condition: `('name', '=', 'x')`. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly field: string;
  readonly operator: string;
  readonly value: unknown;
}

export type Condition =
  | Leaf
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

const OPERATORS = new Set([
  '=',
  '!=',
  '<>',
  '==',
  '=?',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
  'like',
  'not like',
  'ilike',
  'not ilike',
  '=like',
  '=ilike',
  'child_of',
  'parent_of',
  'any',
  'not any',
]);

/**
 * Reads a domain: terms in Polish notation with `&` between those that stand side by side.
 * @throws OdooError ValueError, in the words of the version
 */
export function parseDomain(version: OdooVersion, domain: unknown): Condition {
  if (domain === false || domain === null || domain === undefined) return { kind: 'all', of: [] };
  if (!Array.isArray(domain)) throw malformed(version, domain);
  const terms: readonly unknown[] = domain;
  const found: Condition[] = [];
  for (let position = 0; position < terms.length;) {
    const [condition, next] = parseTerm(version, terms, position);
    found.push(condition);
    position = next;
  }
  return found.length === 1 && found[0] ? found[0] : { kind: 'all', of: found };
}

function parseTerm(version: OdooVersion, terms: readonly unknown[], position: number): [Condition, number] {
  if (position >= terms.length) throw malformed(version, terms);
  const term = terms[position];
  if (term === '!') {
    const [of, next] = parseTerm(version, terms, position + 1);
    return [{ kind: 'not', of }, next];
  }
  if (term === '&' || term === '|') {
    const [left, middle] = parseTerm(version, terms, position + 1);
    const [right, next] = parseTerm(version, terms, middle);
    return [{ kind: term === '&' ? 'all' : 'any', of: [left, right] }, next];
  }
  return [parseLeaf(version, term), position + 1];
}

function parseLeaf(version: OdooVersion, term: unknown): Condition {
  if (!Array.isArray(term) || term.length !== 3)
    throw valueError(
      version >= 19 ? `Domain() invalid item in domain: ${pythonRepr(term)}` : `Invalid leaf ${pythonTuple(term)}`,
    );
  const [field, operator, value] = term as readonly unknown[];
  if (typeof field === 'number' && operator === '=' && typeof value === 'number')
    return field === value ? { kind: 'all', of: [] } : { kind: 'any', of: [] };
  if (typeof field !== 'string' || typeof operator !== 'string' || !isOperator(version, operator)) {
    throw valueError(
      version >= 19 ? `Invalid operator in condition ${pythonTuple(term)}` : `Invalid leaf ${pythonTuple(term)}`,
    );
  }
  return { kind: 'leaf', field, operator: operator.toLowerCase(), value };
}

function isOperator(version: OdooVersion, operator: string): boolean {
  const known = operator.toLowerCase();
  return OPERATORS.has(known) && (version >= 18 || !known.endsWith('any'));
}

function malformed(version: OdooVersion, domain: unknown): Error {
  return valueError(
    version >= 19
      ? `Domain() malformed domain ${pythonRepr(domain)}`
      : `Domain ${pythonRepr(domain)} is syntactically not correct.`,
  );
}

export function pythonTuple(term: unknown): string {
  return Array.isArray(term) ? `(${term.map(pythonRepr).join(', ')})` : pythonRepr(term);
}

/** Whether a condition says something about a field, wherever it stands. */
export function mentions(condition: Condition, field: string): boolean {
  if (condition.kind === 'leaf') return condition.field === field;
  if (condition.kind === 'not') return mentions(condition.of, field);
  return condition.of.some((part) => mentions(part, field));
}
