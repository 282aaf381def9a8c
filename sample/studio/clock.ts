export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** RFC 3339 in UTC with milliseconds. */
export function toInstant(at: number): string {
  return new Date(at).toISOString();
}

/** The UTC day of a moment, such as `2026-01-05`. */
export function toDay(at: number): string {
  return toInstant(at).slice(0, 10);
}

/**
 * The first moment of a UTC day, in milliseconds since the epoch.
 * @throws RangeError where the text is not a day of the calendar.
 */
export function parseDay(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00.000Z`) : Number.NaN;
  if (Number.isNaN(at) || toDay(at) !== text) throw new RangeError(`start: expected a day such as 2026-01-05, came ${text}`);
  return at;
}
