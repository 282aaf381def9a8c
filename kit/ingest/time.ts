/** An hour, in milliseconds. */
export const HOUR_MS = 3_600_000;
/** A day of UTC, in milliseconds. */
export const DAY_MS = 86_400_000;

/** A moment of an event. */
export interface Instant {
  /** Milliseconds since the epoch; finer digits are dropped, never rounded up. */
  readonly ms: number;
  /** UTC with nine digits of fraction: compares as text in the order of time. */
  readonly precise: string;
}

const FORM = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/+:-]+\])?$/;

/**
 * Reads RFC 3339 as emitters write it: any number of fraction digits, any offset, also of hours alone or with the zone's
 * name in brackets behind it, as Java has it, and UTC where none is given.
 * Null where the text is no moment that exists.
 */
export function parseInstant(text: string): Instant | null {
  // A field is read where it is checked, where it is compared with the present, and where it is kept.
  if (text !== lastText) [lastText, lastInstant] = [text, readInstant(text)];
  return lastInstant;
}

let lastText = '';
let lastInstant: Instant | null = null;

function readInstant(text: string): Instant | null {
  const match = FORM.exec(text.trim());
  if (!match) return null;
  const [, date = '', minutes = '', seconds = '00', fraction = '', zone = 'Z'] = match;
  // Ends of leap seconds are written as :60, which JavaScript refuses; they are counted in the second before.
  const whole = seconds === '60' ? '59' : seconds;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.length === 3 ? `${zone}:00` : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const wholeMs = Date.parse(`${date}T${minutes}:${whole}${offset}`);
  // Every month has 28 days; of later ones only the calendar knows.
  if (Number.isNaN(wholeMs) || (date.slice(8) > '28' && !isCalendarDate(date))) return null;
  const digits = fraction.slice(0, 9).padEnd(9, '0');
  return {
    ms: wholeMs + Number(digits.slice(0, 3)),
    precise: `${new Date(wholeMs).toISOString().slice(0, 19)}.${digits}Z`,
  };
}

/** True for a date that the calendar has, such as `2024-02-29` and not `2023-02-29`. */
export function isCalendarDate(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The date some days later, as `YYYY-MM-DD`. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Events dated more than a day ahead of receipt are set aside: clocks differ by less. */
export const FUTURE_ALLOWANCE_MS = DAY_MS;
