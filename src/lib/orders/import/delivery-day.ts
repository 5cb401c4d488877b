/**
 * A delivery day as Odoo takes an instant: naive UTC. A day without a time is noon in Cairo (10:00 UTC is 12:00 or
 * 13:00 there), so that it shows as that day in Egypt, whatever the season. A time without an offset says no instant:
 * its day counts.
 * @returns `undefined` for what is no date
 */
export function deliveryInstant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const withOffset = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(text)?.[0];
  if (day === undefined) return undefined;
  const instant = new Date(withOffset ? text.replace(' ', 'T') : `${day}T10:00:00Z`);
  // A day that the month does not have would roll over into the next one.
  if (Number.isNaN(instant.getTime()) || (!withOffset && !instant.toISOString().startsWith(day))) return undefined;
  return instant.toISOString().slice(0, 19).replace('T', ' ');
}
