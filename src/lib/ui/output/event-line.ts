import { harmlessJson, oneLine } from '../../common/plain-text.js';
import type { LiveEvent } from '../../live/events.js';

const ARROWS = { out: '-->', in: '<--' } as const;

/** An event of the service as one line: for people, or as a JSON object for programs. */
export function eventLine(event: LiveEvent, format: 'text' | 'json', at: Date): string {
  const { level, direction, event: name, message, details } = event;
  if (format === 'json')
    return harmlessJson(
      JSON.stringify({
        time: at.toISOString(),
        level,
        ...(direction ? { direction } : {}),
        event: name,
        message,
        ...details,
      }),
    );
  const mark = level === 'info' ? '' : `${level === 'warn' ? 'Warning' : 'Error'}: `;
  return oneLine(
    `${at.toISOString().slice(11, 19)} ${direction ? ARROWS[direction] : '   '} ${name.padEnd(7)} ${mark}${message}`,
  );
}
