/** Cartona's verdict on one item of a bulk call. */
export type ItemOutcome = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: string };

/** The ways in which an answer may name an item: its position and any of its ids. */
export interface ItemNames {
  readonly ids: readonly string[];
}

/**
 * What a bulk answer says:
 * - `items`: refusals by position; whatever is not in it was accepted (in a 2xx) or not judged (in a 4xx)
 * - `whole`: the answer refuses the batch without naming an item
 */
export type BulkVerdict =
  | { readonly kind: 'items'; readonly refused: ReadonlyMap<number, string> }
  | { readonly kind: 'whole'; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

const ID_KEYS = [
  'supplier_product_id',
  'suppler_prodcut_id',
  'internal_product_id',
  'base_product_id',
  'hashed_id',
  'id',
  'product_id',
];
const INDEX_KEYS = ['index', 'item_index', 'row', 'position'];
const LIST_KEYS = ['results', 'errors', 'details', 'failed', 'failed_items', 'items', 'products', 'data'];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads an answer of a bulk call. The shape is not documented; seen are `{}`, `[]`, an array of results,
 * `{success:false,error}` and `{error, details}`. Per-item errors are recognised wherever an entry names an item by
 * index or by any of its ids; an entry of a plain results array as long as the batch stands for the item at its
 * position.
 * @param answer the parsed JSON
 * @param items the names of the batch's items, in the order sent
 */
export function readBulkAnswer(answer: unknown, items: readonly ItemNames[]): BulkVerdict {
  const refused = new Map<number, string>();
  if (Array.isArray(answer)) {
    readEntries(answer, items, refused, false);
  } else if (isObject(answer)) {
    const before = refused.size;
    for (const key of LIST_KEYS) {
      const list = answer[key];
      const named = key === 'errors' || key === 'details' || key === 'failed' || key === 'failed_items';
      if (Array.isArray(list)) readEntries(list, items, refused, named);
      else if (isObject(list)) readKeyed(list, items, refused);
    }
    if (refused.size === before && isRefusal(answer)) return { kind: 'whole', reason: reasonOf(answer) };
  }
  return { kind: 'items', refused };
}

/** The reason in a refusal's body, in Cartona's own words, bounded. */
export function refusalReason(answer: unknown): string {
  if (isObject(answer)) return reasonOf(answer);
  if (typeof answer === 'string' && answer.trim() !== '') return bounded(answer.trim());
  return 'no reason given';
}

/** @param namedMeansRefused in a list that holds errors only, being named is being refused */
function readEntries(
  list: readonly unknown[],
  items: readonly ItemNames[],
  refused: Map<number, string>,
  namedMeansRefused: boolean,
): void {
  list.forEach((entry, at) => {
    if (!isObject(entry)) return;
    if (!namedMeansRefused && !isRefusal(entry)) return;
    const index = indexOf(entry, items) ?? (!namedMeansRefused && list.length === items.length ? at : undefined);
    if (index !== undefined) refused.set(index, reasonOf(entry));
  });
}

/** `{"errors": {"<index or id>": "reason" | [...]}}` */
function readKeyed(map: Json, items: readonly ItemNames[], refused: Map<number, string>): void {
  for (const [key, value] of Object.entries(map)) {
    const byId = items.findIndex((item) => item.ids.includes(key));
    const index = byId >= 0 ? byId : /^\d+$/.test(key) && Number(key) < items.length ? Number(key) : undefined;
    if (index !== undefined)
      refused.set(
        index,
        isObject(value) ? reasonOf(value) : bounded(Array.isArray(value) ? value.join('; ') : String(value)),
      );
  }
}

function indexOf(entry: Json, items: readonly ItemNames[]): number | undefined {
  for (const key of ID_KEYS) {
    const id = entry[key];
    if (typeof id !== 'string' && typeof id !== 'number') continue;
    const index = items.findIndex((item) => item.ids.includes(String(id)));
    if (index >= 0) return index;
  }
  for (const key of INDEX_KEYS) {
    const index = entry[key];
    if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < items.length) return index;
  }
  return undefined;
}

function isRefusal(entry: Json): boolean {
  if (entry['success'] === false || entry['ok'] === false) return true;
  const status = entry['status'];
  if (typeof status === 'string' && /^(error|failed|failure|rejected|invalid)$/i.test(status)) return true;
  if (typeof status === 'number' && status >= 400) return true;
  const error = entry['error'] ?? entry['errors'];
  return (
    error !== undefined &&
    error !== null &&
    error !== false &&
    error !== '' &&
    !(Array.isArray(error) && error.length === 0)
  );
}

function reasonOf(entry: Json): string {
  for (const key of ['error', 'message', 'reason', 'errors', 'details']) {
    const value = entry[key];
    if (typeof value === 'string' && value.trim() !== '') return bounded(value.trim());
    if (Array.isArray(value) && value.length > 0)
      return bounded(value.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('; '));
    if (isObject(value))
      return typeof value['message'] === 'string' ? bounded(value['message']) : bounded(JSON.stringify(value));
  }
  return 'no reason given';
}

const bounded = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text);
