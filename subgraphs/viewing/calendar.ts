import { startOfLocalDay } from '../../kit/rollup/calendar.ts';
import { findZone } from '../../kit/rollup/zone.ts';
import type { Span, Window } from '../../kit/rollup/window.ts';
import { addDays, DAY_MS } from '../../kit/ingest/time.ts';

/** Days that a publication counts together: `from` inclusive, `to` exclusive, as dates. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** No published period is longer; so a scan that begins this much earlier sees all that reach into a window. */
const LONGEST_PERIOD_DAYS = 400;

/** The dates between which a period may begin that overlaps the window; a day is added for zones ahead of UTC. */
export function periodBounds(window: Window): Period {
  const dateOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
  return { from: addDays(dateOf(window.from), -LONGEST_PERIOD_DAYS), to: addDays(dateOf(window.to), 1) };
}

/** Where a period lies in a window: `point` is null where no single point holds it. */
export interface Placement {
  readonly point: number | null;
  /** True where the window holds all of it. */
  readonly inside: boolean;
}

/** Places periods in a window's points, their days being days of the window's zone; null for one that does not overlap it. */
export function createPlacer(window: Window): (period: Period) => Placement | null {
  const zone = findZone(window.timeZone);
  const starts = new Map<string, number>();
  const startOf = (date: string): number => {
    const start = starts.get(date) ?? startOfLocalDay(zone, Date.parse(`${date}T00:00:00Z`));
    starts.set(date, start);
    return start;
  };
  return ({ from, to }) => {
    const span = { from: startOf(from), to: startOf(to) };
    if (span.to <= window.from || span.from >= window.to) return null;
    const point = findPoint(window.points, span);
    return { point, inside: span.from >= window.from && span.to <= window.to };
  };
}

function findPoint(points: readonly Span[], span: Span): number | null {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((points[middle]?.from ?? Number.POSITIVE_INFINITY) <= span.from) low = middle;
    else high = middle - 1;
  }
  const point = points[low];
  return point !== undefined && point.from <= span.from && span.to <= point.to ? low : null;
}

/** How many days a period has. */
function lengthInDays({ from, to }: Period): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** Of items whose periods overlap, those with the shorter ones, by period; equal periods stay together where `group` is equal too. */
export function keepShortest<T>(items: readonly T[], periodOf: (item: T) => Period, group: (item: T) => string): T[] {
  const groups = new Map<string, { period: Period; name: string; members: T[] }>();
  for (const item of items) {
    const period = periodOf(item);
    const name = group(item);
    const key = JSON.stringify([period.from, period.to, name]);
    const found = groups.get(key);
    if (found) found.members.push(item);
    else groups.set(key, { period, name, members: [item] });
  }
  const candidates = [...groups.values()].sort(
    (a, b) =>
      lengthInDays(a.period) - lengthInDays(b.period) ||
      (a.period.from < b.period.from ? -1 : a.period.from > b.period.from ? 1 : a.name < b.name ? -1 : 1),
  );
  const kept: typeof candidates = [];
  for (const candidate of candidates) {
    const place = firstAtOrAfter(kept, candidate.period.from);
    const before = kept[place - 1];
    const after = kept[place];
    const overlaps = (before !== undefined && before.period.to > candidate.period.from) || (after !== undefined && after.period.from < candidate.period.to);
    if (!overlaps) kept.splice(place, 0, candidate);
  }
  return kept.flatMap(({ members }) => members);
}

function firstAtOrAfter(kept: readonly { period: Period }[], from: string): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.period.from ?? '') < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
