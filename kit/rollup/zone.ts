import { refuse } from '../graph/errors.ts';
import { DAY_MS } from '../ingest/time.ts';

/** A time zone's clock. Instants and offsets are in milliseconds; a local time is written as the UTC instant of the same reading. */
export interface Zone {
  readonly name: string;
  /** How far the local clock is ahead of UTC at an instant. */
  offset(instant: number): number;
  /** When the offset last changed in (from, to], which is at most a day and a half; null where it is the same at both. */
  change(from: number, to: number): number | null;
}

/** The offsets at the midnights of UTC that were asked for, by zone; about 40 bytes each. */
const MOST_OFFSETS = 500_000;
const zones = new Map<string, Zone>();
let known = 0;

/**
 * The zone of an IANA name, in any case; built once, its offsets kept.
 * @throws UNKNOWN_TIME_ZONE
 */
export function findZone(name: string): Zone {
  const key = name.toLowerCase();
  const found = zones.get(key);
  if (found && known < MOST_OFFSETS) return found;
  if (known >= MOST_OFFSETS) {
    zones.clear();
    known = 0;
  }
  const zone = createZone(name);
  zones.set(key, zone);
  return zone;
}

function createZone(name: string): Zone {
  const format = createFormat(name);
  if (format.resolvedOptions().timeZone === 'UTC') return { name, offset: () => 0, change: () => null };
  const atMidnight = new Map<number, number>();
  const changeOnDay = new Map<number, number>();

  function ofDay(day: number): number {
    let offset = atMidnight.get(day);
    if (offset === undefined) {
      offset = readOffset(format, day * DAY_MS);
      atMidnight.set(day, offset);
      known++;
    }
    return offset;
  }

  /** No zone has changed its offset twice within a day of UTC and come back. */
  function changeOf(day: number): number {
    const found = changeOnDay.get(day);
    if (found !== undefined) return found;
    const before = ofDay(day);
    let [low, high] = [day * DAY_MS, (day + 1) * DAY_MS];
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (readOffset(format, middle) === before) low = middle;
      else high = middle;
    }
    changeOnDay.set(day, high);
    return high;
  }

  function offset(instant: number): number {
    const day = Math.floor(instant / DAY_MS);
    const [start, end] = [ofDay(day), ofDay(day + 1)];
    return start === end || instant < changeOf(day) ? start : end;
  }

  function change(from: number, to: number): number | null {
    if (offset(from) === offset(to)) return null;
    for (let day = Math.floor(to / DAY_MS); ; day--) {
      if (ofDay(day) !== ofDay(day + 1) && changeOf(day) <= to) return changeOf(day);
    }
  }

  return { name, offset, change };
}

function createFormat(name: string): Intl.DateTimeFormat {
  // Newer versions of Node take offsets such as +05:30 too; an answer must not depend on the version.
  if (/^[A-Za-z]/.test(name)) {
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw refuse('UNKNOWN_TIME_ZONE', `Expected an IANA time zone such as "UTC" or "Asia/Kolkata", got ${JSON.stringify(name.slice(0, 100))}. Offsets such as "+05:30" are not zones: name the place.`);
}

/** Reads `…, GMT`, `…, GMT-03:00` or, of times before standard time, `…, GMT-00:44:30`. */
function readOffset(format: Intl.DateTimeFormat, instant: number): number {
  const text = format.format(instant);
  const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!match) throw new Error(`Expected a date that ends in an offset such as GMT+05:30, got ${JSON.stringify(text)}.`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}
