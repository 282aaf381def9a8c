import { DAY_MS, HOUR_MS } from '../ingest/time.ts';
import { QUARTER_HOUR_MS, startOfBucket, endOfBucket } from './bucket.ts';
import type { Zone } from './zone.ts';

/** A way to cut time. Edges ascend; each instant lies in exactly one stretch between two of them. */
export interface Cut {
  /** The last edge at or before an instant. */
  floor(instant: number): number;
  /** The first edge after an edge. */
  next(edge: number): number;
}

/** No offset is larger; a local reading is within this of the instants that show it. */
const LARGEST_OFFSET = 16 * HOUR_MS;

interface Unit {
  readonly floor: (local: number) => number;
  readonly next: (local: number) => number;
}

/** Units of days, on local readings. 1970-01-01 was a Thursday. */
export const units = {
  DAY: { floor: (local) => Math.floor(local / DAY_MS) * DAY_MS, next: (start) => start + DAY_MS },
  WEEK: { floor: (local) => Math.floor((local + 3 * DAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS - 3 * DAY_MS, next: (start) => start + 7 * DAY_MS },
  MONTH: { floor: (local) => startOfBucket('M', local), next: (from) => endOfBucket({ level: 'M', from }) },
} as const satisfies Record<string, Unit>;

/**
 * The first moment of a local day: of a midnight that the clock shows twice, the earlier; where it is skipped, the moment it
 * was skipped. A day that does not exist at all (Apia, 2011-12-30) has the first moment of the next.
 */
export function startOfLocalDay(zone: Zone, midnight: number): number {
  const before = zone.offset(midnight - LARGEST_OFFSET);
  const after = zone.offset(midnight + LARGEST_OFFSET);
  const earlier = midnight - before;
  if (before === after || zone.offset(earlier) === before) return earlier;
  const later = midnight - after;
  if (zone.offset(later) === after) return later;
  return zone.change(Math.min(earlier, later) - 1, Math.max(earlier, later)) ?? later;
}

/** Cuts at the first moments of local days, weeks or months. A unit that a zone skipped whole is no stretch. */
export function cutByDays(zone: Zone, unit: Unit): Cut {
  // The walk keeps the local start of the edge it stands on, since a skipped or repeated midnight does not show it.
  let at = { edge: Number.NaN, local: 0 };

  function floor(instant: number): number {
    let local = unit.floor(instant + zone.offset(instant));
    let edge = startOfLocalDay(zone, local);
    for (;;) {
      const nextLocal = unit.next(local);
      const next = startOfLocalDay(zone, nextLocal);
      if (next > instant) break;
      [local, edge] = [nextLocal, next];
    }
    at = { edge, local };
    return edge;
  }

  function next(edge: number): number {
    if (at.edge !== edge) floor(edge);
    let { local } = at;
    let found = edge;
    while (found <= edge) {
      local = unit.next(local);
      found = startOfLocalDay(zone, local);
    }
    at = { edge: found, local };
    return found;
  }

  return { floor, next };
}

/**
 * Cuts at the full hours of the local clock, and where the clock is put into another hour, if that is on a quarter of one. So
 * an hour is 30 or 90 minutes where the clock moves by half an hour (Lord Howe), and 45 and 15 where it goes back from 03:45 to
 * 02:45 (Chatham).
 */
export function cutByHours(zone: Zone): Cut {
  function next(edge: number): number {
    let from = edge;
    for (;;) {
      const full = from + HOUR_MS - mod(from + zone.offset(from), HOUR_MS);
      const change = zone.change(from, full);
      if (change === null) return full;
      if (isHourEdge(zone, change)) return change;
      from = change;
    }
  }

  function floor(instant: number): number {
    // Two hours before, there is an edge; from there the walk is at most four steps.
    let edge = instant - 2 * HOUR_MS;
    for (;;) {
      const following = next(edge);
      if (following > instant) return edge;
      edge = following;
    }
  }

  return { floor, next };
}

function isHourEdge(zone: Zone, change: number): boolean {
  const local = change + zone.offset(change);
  if (mod(local, HOUR_MS) === 0) return true;
  const before = change - 1 + zone.offset(change - 1);
  return change % QUARTER_HOUR_MS === 0 && Math.floor(local / HOUR_MS) !== Math.floor(before / HOUR_MS);
}

/** Cuts at quarters of an hour, the same in every zone whose offset is a multiple of them. */
export const quarterHours: Cut = {
  floor: (instant) => startOfBucket('Q', instant),
  next: (edge) => edge + QUARTER_HOUR_MS,
};

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
