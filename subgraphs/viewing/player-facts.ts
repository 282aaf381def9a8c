import { toId } from '../../kit/graph/id.ts';
import { hash } from '../../kit/ingest/canonical.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { isPersonalField, replacePersonal } from '../../kit/ingest/personal.ts';
import { DAY_MS, HOUR_MS, parseInstant } from '../../kit/ingest/time.ts';
import { LONGEST_MS } from './events.ts';
import type { Counters, StoredPlayerReport } from './player-documents.ts';
import { isPlayerName, type CmcdReportEvent } from './player-events.ts';
import { isState, type Sample } from './player-samples.ts';

type Report = Readonly<Record<string, unknown>>;

/** What one report says, in whole numbers. A value outside its bounds is ignored, that one alone, and named. */
export interface PlayerFacts {
  readonly stored: StoredPlayerReport;
  readonly content: string | null;
  readonly sample: Sample | null;
  readonly startupMs: number | null;
  readonly stalls: Counters;
  readonly stallMs: Counters;
  /** Durations of stalls that are over, in milliseconds. */
  readonly listed: readonly number[];
  readonly isStarved: boolean;
  /** The size of the media object that was received, from its bitrate and duration; null where there is none. */
  readonly bytes: number | null;
  readonly isError: boolean;
  readonly errorCodes: readonly string[];
  readonly saysState: boolean;
  readonly saysTime: boolean;
  /** Keys whose value cannot be. */
  readonly ignored: readonly string[];
}

/** Before streaming was: what a clock says that was never set, or that counts from the page's start. */
const EARLIEST = Date.parse('2000-01-01T00:00:00Z');
const MOST_KBPS = 1_000_000;
const MOST_STALLS = 1_000_000;
/** The largest media object whose size is believed, in bytes. */
const LARGEST_OBJECT = 1e10;

/** Bounds of numbers that are read, or that are known to lie (a `ttfb` counted from the epoch); inclusive. */
const BOUNDS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  ts: [EARLIEST, Number.MAX_SAFE_INTEGER],
  sn: [0, 1e15],
  msd: [0, HOUR_MS],
  d: [0, HOUR_MS],
  pt: [0, 1e15],
  pr: [0, 100],
  rc: [0, 999],
  ttfb: [0, HOUR_MS],
  ttfbb: [0, HOUR_MS],
  ttlb: [0, HOUR_MS],
  bsa: [0, MOST_STALLS],
  bsda: [0, LONGEST_MS],
  bsd: [0, DAY_MS],
  br: [0, MOST_KBPS],
  pb: [0, MOST_KBPS],
  ab: [0, MOST_KBPS],
};
const LISTS = new Set(['bsa', 'bsda', 'bsd', 'br', 'pb', 'ab']);
/** Media of an object that counts as delivered. */
const MEDIA = new Set(['v', 'a', 'av', 'c', 'tt']);

/** A number of a list with what it is of: `v`, `a`, `av`, or the empty text. */
interface Item {
  readonly value: number;
  readonly of: string;
}

/** Reads numbers by key, and remembers which of them cannot be. */
function createReader(report: Report) {
  const ignored = new Set<string>();
  const check = (key: string, value: unknown): number | null => {
    const [least = 0, most = Number.MAX_SAFE_INTEGER] = BOUNDS[key] ?? [];
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
    ignored.add(key);
    return null;
  };
  /** The items of a list, or of a single number in the place of one. */
  const list = (key: string): Item[] => {
    const given = report[key];
    if (given === undefined) return [];
    return (Array.isArray(given) ? given : [given]).flatMap((item: unknown) => {
      const parameters = isJsonObject(item) && isJsonObject(item['params']) ? item['params'] : {};
      const value = check(key, isJsonObject(item) ? item['value'] : item);
      const of = Object.keys(parameters).find((name) => parameters[name] === true && MEDIA.has(name)) ?? '';
      return value === null ? [] : [{ value: Math.round(value), of }];
    });
  };
  const number = (key: string): number | null => {
    const given = report[key];
    if (given === undefined) return null;
    return check(key, isJsonObject(given) ? given['value'] : given);
  };
  return { ignored, list, number, whole: (key: string) => mapNumber(number(key), Math.round) };
}

const mapNumber = (value: number | null, map: (value: number) => number): number | null => (value === null ? null : map(value));

function toCounters(items: readonly Item[]): Counters {
  const counters: Record<string, number> = {};
  for (const { value, of } of items) counters[of] = Math.max(counters[of] ?? 0, value);
  return counters;
}

/** The bitrate of what plays: the playhead's before the one selected, each medium once. */
function toKbps(read: ReturnType<typeof createReader>): number | null {
  for (const key of ['pb', 'br', 'ab']) {
    const counters = Object.values(toCounters(read.list(key)));
    if (counters.length > 0) return counters.reduce((sum, value) => sum + value, 0);
  }
  return null;
}

/** CMCD has no size of an object; its encoded bitrate and its duration make one. */
function toBytes(report: Report, read: ReturnType<typeof createReader>): number | null {
  const code = read.whole('rc');
  const medium = report['ot'];
  const duration = read.whole('d');
  if (report['e'] !== 'rr' || code === null || code < 200 || code > 299 || duration === null) return null;
  if (typeof medium !== 'string' || !MEDIA.has(medium)) return null;
  const rates = read.list('br');
  const rate = rates.find(({ of }) => of === medium) ?? (rates.length === 1 && rates[0]?.of === '' ? rates[0] : undefined);
  // Kilobits a second times milliseconds are bits.
  const bytes = rate === undefined ? null : Math.round((rate.value * duration) / 8);
  return bytes !== null && bytes <= LARGEST_OBJECT ? bytes : null;
}

/** The report without people and secrets: a custom key may name one behind its owner's name, a URL's query may hold a token. */
function redact(report: CmcdReportEvent['report'], pseudonym: (identifier: string) => string): Report {
  const withoutQueries = Object.entries(replacePersonal(report, pseudonym)).map(([key, value]): [string, unknown] => {
    const own = key.split(/[.-]/).map((_, index, parts) => parts.slice(index).join('')).find(isPersonalField);
    if (own !== undefined) return [key, Object.values(replacePersonal({ [own]: value }, pseudonym))[0]];
    return key === 'url' || key === 'nor' ? [key, stripQueries(value)] : [key, value];
  });
  return Object.fromEntries(withoutQueries);
}

function stripQueries(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[?#].*$/s, '?[removed]');
  if (Array.isArray(value)) return value.map(stripQueries);
  return isJsonObject(value) ? { ...value, value: stripQueries(value['value']) } : value;
}

/** Reads one report; `now` counts where nobody says when it came. @throws TypeError, RangeError for what no document can say */
export function toPlayerFacts({ source, receivedAt: received, report: given }: CmcdReportEvent, pseudonym: (identifier: string) => string, now: number): PlayerFacts {
  const receivedAt = parseInstant(received ?? '')?.ms ?? now;
  const report = redact(given, pseudonym);
  const read = createReader(report);
  for (const key of Object.keys(BOUNDS)) if (LISTS.has(key)) read.list(key);
  else read.number(key);
  const nameAt = (key: string): string | null => {
    if (report[key] === undefined) return null;
    if (isPlayerName(report[key])) return report[key];
    read.ignored.add(key);
    return null;
  };
  const sid = nameAt('sid');
  const number = read.whole('sn');
  const at = read.whole('ts') ?? receivedAt;
  if (report['sta'] !== undefined && !isState(report['sta'])) read.ignored.add('sta');
  const state = isState(report['sta']) ? report['sta'] : null;
  const playhead = read.whole('pt');
  const isResponse = report['e'] === 'rr';
  const codes: unknown[] = Array.isArray(report['ec']) ? report['ec'] : [report['ec']];
  return {
    stored: {
      id: toId('PlayerReport', source, sid, number, hash(report)),
      sessionId: sid === null ? null : toId('PlayerSession', source, sid),
      source, at, receivedAt, report,
    },
    content: nameAt('cid'),
    // What a response says of the player is of the moment of its request, or of its end: players differ.
    sample: isResponse || (state === null && playhead === null)
      ? null
      : { at, number, state, rate: Math.round((read.number('pr') ?? 1) * 100), playhead, kbps: toKbps(read) },
    startupMs: read.whole('msd'),
    stalls: toCounters(read.list('bsa')),
    stallMs: toCounters(read.list('bsda')),
    listed: read.list('bsd').map(({ value }) => value),
    isStarved: report['bs'] === true,
    bytes: toBytes(report, read),
    isError: report['e'] === 'e',
    errorCodes: codes.filter(isPlayerName),
    saysState: report['e'] === 'ps' && state !== null,
    saysTime: report['e'] === 't',
    ignored: [...read.ignored].sort(),
  };
}
