/**
 * A whole number with its thousands set apart: `12,345`. (The platform's own formatter takes longer to load than a
 * short command to run.)
 */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** A number with its noun: `1 row`, `2,000 rows`. */
export const counted = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time (ms) in its two largest units, as `1 h 2 min`. */
export function duration(ms: number): string {
  let seconds = Math.round(ms / 1000);
  const largest = UNITS.findIndex(([, size]) => seconds >= size);
  const parts = UNITS.slice(Math.max(0, largest), Math.max(0, largest) + 2).map(([unit, size]) => {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ') || '0 s';
}
