import { refuse } from '../graph/errors.ts';
import { startOfLocalDay } from './calendar.ts';
import type { Zone } from './zone.ts';

/** One edge of a window: which, what was written, and its instant in milliseconds. */
export interface Edge {
  readonly name: 'from' | 'to';
  readonly text: string;
  readonly at: number;
}

const date = /^(\d{4})-(\d\d)-(\d\d)$/;
const instant = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * Reads an RFC 3339 instant, or a date, which is the first moment of that day in the zone. A fraction finer than a
 * millisecond keeps the edge off a whole millisecond, so that it is refused rather than dropped.
 * @throws BAD_ARGUMENT
 */
export function parseEdge(name: 'from' | 'to', text: string, zone: Zone): Edge {
  if (date.test(text) && isDate(text)) return { name, text, at: startOfLocalDay(zone, Date.parse(text)) };
  const match = instant.exec(text);
  if (match) {
    const [, day = '', time = '', fraction = '', offset = ''] = match;
    const seconds = isDate(day) ? Date.parse(`${day}T${time}${offset.toUpperCase()}`) : Number.NaN;
    if (!Number.isNaN(seconds)) return { name, text, at: seconds + toMilliseconds(fraction) };
  }
  throw refuse(
    'BAD_ARGUMENT',
    `Expected \`${name}\` to be an instant with its offset such as "2024-11-17T00:00:00Z", or a date such as "2024-11-17", got ${JSON.stringify(text.slice(0, 100))}.`,
  );
}

/** Date.parse takes 30 February for 1 March. */
function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** What is finer than a millisecond is half of one: a double has no room for the digits. */
function toMilliseconds(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0')) + (/[1-9]/.test(fraction.slice(3)) ? 0.5 : 0);
}
