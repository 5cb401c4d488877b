/** The Odoo versions the sandbox can be. */
export const ODOO_VERSIONS = [16, 18, 19] as const;
export type OdooVersion = (typeof ODOO_VERSIONS)[number];

/** A translatable text that differs between languages; `en_US` is always there. */
export type Translated = Readonly<Record<string, string>>;

/** What a record keeps in a field. `false` is Odoo's word for nothing; relations are ids. */
export type FieldValue = string | number | boolean | readonly number[] | Translated;

/**
 * A record as it is kept. A field that is left out has its default. Instants are UTC text, `write_date` to the
 * microsecond.
 */
export interface Row {
  id: number;
  [field: string]: FieldValue | undefined;
}

/** An object that came over the wire, its values unchecked. */
export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Python's truth: what an import cell must be to count as filled. */
export function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== '' && value !== 0 && value !== false && value !== null && value !== undefined;
}

/**
 * The ids in an argument that may be one id or several; anything else is left out, as Odoo's `browse` would choke on it
 * later.
 */
export function idList(value: unknown): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((id): id is number => typeof id === 'number' && Number.isInteger(id));
}

/** A value as Python would show it in a message. */
export function pythonRepr(value: unknown): string {
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"')
      ? `"${value}"`
      : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  return plain(value);
}

/** Any value as text, for messages and comparisons. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || value === undefined
    ? String(value)
    : JSON.stringify(value);
}

/** The text of a value that should be text. */
export function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}
