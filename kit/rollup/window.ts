import { refuse } from '../graph/errors.ts';
import { DAY_MS, HOUR_MS } from '../ingest/time.ts';
import { QUARTER_HOUR_MS, type Span } from './bucket.ts';
import { type Cut, cutByDays, cutByHours, quarterHours, units } from './calendar.ts';
import { type Edge, parseEdge } from './edge.ts';
import { findZone, type Zone } from './zone.ts';

export type { Span } from './bucket.ts';

export type Granularity = 'QUARTER_HOUR' | 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'WHOLE';

/** A window as a client asks for it; the defaults are those of the schema: UTC, DAY. */
export interface WindowInput {
  readonly from: string;
  readonly to: string;
  readonly timeZone?: string | null | undefined;
  readonly granularity?: Granularity | null | undefined;
}

/** A window that holds. Instants in milliseconds; the points are in order and tile [from, to); every edge is on a quarter of an hour of UTC. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  readonly granularity: Granularity;
  readonly points: readonly Span[];
}

/** The most points of a window. */
const MOST_POINTS = 10_000;

/** About how long a point is, to say how many there would be. */
const nominal = { QUARTER_HOUR: QUARTER_HOUR_MS, HOUR: HOUR_MS, DAY: DAY_MS, WEEK: 7 * DAY_MS, MONTH: 30.436875 * DAY_MS } as const;

const names = { QUARTER_HOUR: 'a quarter of an hour', HOUR: 'an hour', DAY: 'a day', WEEK: 'a week (Monday)', MONTH: 'a month' } as const;

/** Every parent of a list asks for the same window; the last few are kept, 0.5 MB each at the most. */
const MOST_PARSED = 16;
const parsed = new Map<string, Window>();

/**
 * Reads a window and cuts it into points. The same input gives the same object while it is among the last few asked for.
 * @throws BAD_ARGUMENT for an edge that is neither a date nor an instant, UNKNOWN_TIME_ZONE, WINDOW_REVERSED,
 * WINDOW_OFF_GRANULARITY for an edge inside a point or a zone whose clock was not on a quarter of an hour then, WINDOW_TOO_MANY_POINTS.
 */
export function parseWindow(input: WindowInput): Window {
  const key = JSON.stringify([input.from, input.to, input.timeZone, input.granularity]);
  const window = parsed.get(key) ?? readWindow(input);
  parsed.delete(key);
  parsed.set(key, window);
  for (const oldest of parsed.keys()) {
    if (parsed.size <= MOST_PARSED) break;
    parsed.delete(oldest);
  }
  return window;
}

function readWindow(input: WindowInput): Window {
  const timeZone = input.timeZone ?? 'UTC';
  const granularity = input.granularity ?? 'DAY';
  const zone = findZone(timeZone);
  const from = parseEdge('from', input.from, zone);
  const to = parseEdge('to', input.to, zone);
  if (to.at <= from.at) {
    throw refuse('WINDOW_REVERSED', `Expected \`to\` to be later than \`from\`, got from ${show(from.at)} to ${show(to.at)}. Swap the edges, or move one.`);
  }
  if (granularity === 'WHOLE') {
    for (const edge of [from, to]) requireEdge(edge, quarterHours, 'a quarter of an hour (granularity WHOLE)', zone);
    return Object.freeze({ from: from.at, to: to.at, timeZone, granularity, points: [{ from: from.at, to: to.at }] });
  }
  for (const { at } of [from, to]) if (isOff(zone.offset(at))) throw refuseClock(at, zone);
  const cut = granularity === 'QUARTER_HOUR' ? quarterHours : granularity === 'HOUR' ? cutByHours(zone) : cutByDays(zone, units[granularity]);
  for (const edge of [from, to]) requireEdge(edge, cut, `${names[granularity]} in ${timeZone} (granularity ${granularity})`, zone);
  const points: Span[] = [];
  for (let edge = cut.floor(from.at); edge < to.at; ) {
    if (points.length === MOST_POINTS) {
      const count = Math.round((to.at - from.at) / nominal[granularity]);
      throw refuse('WINDOW_TOO_MANY_POINTS', `Expected at most ${MOST_POINTS} points, got about ${count} of granularity ${granularity}. Ask for a coarser granularity or a shorter window.`);
    }
    const next = cut.next(edge);
    if (isOff(edge)) throw refuseClock(edge, zone);
    if (isOff(next) || isOff(zone.offset(next))) throw refuseClock(next, zone);
    points.push({ from: edge, to: next });
    edge = next;
  }
  return Object.freeze({ from: from.at, to: to.at, timeZone, granularity, points });
}

function requireEdge(edge: Edge, cut: Cut, what: string, zone: Zone): void {
  const before = cut.floor(edge.at);
  if (before === edge.at) return;
  throw refuse(
    'WINDOW_OFF_GRANULARITY',
    `Expected \`${edge.name}\` at the start of ${what}, got ${JSON.stringify(edge.text)}. ` +
      `The nearest are ${showLocal(before, zone)} and ${showLocal(cut.next(before), zone)}: take one of them, or a finer granularity.`,
  );
}

function isOff(time: number): boolean {
  return time % QUARTER_HOUR_MS !== 0;
}

/** Buckets begin on quarters of an hour of UTC, as every clock of today does; local mean times before standard time, and Monrovia's until 1972, do not. */
function refuseClock(at: number, zone: Zone): Error {
  return refuse(
    'WINDOW_OFF_GRANULARITY',
    `Expected a clock that is whole quarters of an hour from UTC, got that of ${zone.name} at ${showLocal(at, zone)}. Ask for this window in UTC, or for later years.`,
  );
}

function show(at: number): string {
  return new Date(at).toISOString();
}

/** An instant with what the local clock showed, such as `2024-03-11T04:00:00.000Z (2024-03-11 00:00 there)`. */
function showLocal(at: number, zone: Zone): string {
  const offset = zone.offset(at);
  if (offset === 0) return show(at);
  const local = show(at + offset).replace('T', ' ').replace(/(:00)?\.000Z$/, '');
  return `${show(at)} (${local} there)`;
}
