import { findZone } from '../kit/rollup/zone.ts';

/** In which order a date with slashes names day and month. */
export type DateOrder = 'MDY' | 'DMY';

const CLOCK = /(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?/i;
const DATE = /^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})/;
const OFFSET = /(?:(?:GMT|UTC|Z)?\s*([+-])(\d{1,2}):?(\d{2})?)$/i;

/** What survey tools write for a zone, in minutes ahead of UTC. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0, GMT: 0, Z: 0, WET: 0, WEST: 60, BST: 60, CET: 60, CEST: 120, MEZ: 60, MESZ: 120, EET: 120, EEST: 180, MSK: 180,
  EST: -300, EDT: -240, CST: -360, CDT: -300, MST: -420, MDT: -360, PST: -480, PDT: -420, AKST: -540, AKDT: -480, HST: -600,
  IST: 330, JST: 540, KST: 540, AEST: 600, AEDT: 660, NZST: 720, NZDT: 780,
};

/**
 * The moment of a timestamp as survey tools write it: `2020/01/29 3:02:25 pm CET`, `2019-06-25 06:59:49`,
 * `6/25/2019 13:45`, `25.06.2019 13:45`, RFC 3339. A time without a zone is one of `timeZone`.
 * @returns milliseconds since the epoch, or null where the text is no such time
 * @throws UNKNOWN_TIME_ZONE
 */
export function parseSurveyTime(text: string, timeZone: string, order: DateOrder): number | null {
  const date = DATE.exec(text.trim());
  if (!date) return null;
  const rest = text.trim().slice(date[0].length).replace(/^[T,]?\s*/i, '');
  const clock = CLOCK.exec(rest);
  if (!clock && rest !== '') return null;
  const day = toDay([date[1] ?? '', date[2] ?? '', date[3] ?? ''], text.includes('.') && !text.includes('/') ? 'DMY' : order);
  const time = toMinutesAndSeconds(clock);
  if (day === null || time === null) return null;
  const local = day + time;
  const zone = clock ? rest.slice(clock.index + clock[0].length).trim() : '';
  const offset = toOffset(zone);
  if (offset !== null) return local - offset * 60_000;
  return zone === '' ? toInstant(local, timeZone) : null;
}

/** Which order the dates of a column have: the day first where some first number is no month. */
export function dateOrderOf(texts: Iterable<string>): DateOrder {
  for (const text of texts) {
    const [, first = '', , third = ''] = DATE.exec(text.trim()) ?? [];
    if (first.length <= 2 && third.length === 4 && Number(first) > 12) return 'DMY';
  }
  return 'MDY';
}

function toDay([first, second, third]: readonly [string, string, string], order: DateOrder): number | null {
  const ahead = first.length === 4;
  const year = Number(ahead ? first : third.length === 2 ? `20${third}` : third);
  const [month, day] = (ahead ? [second, third] : order === 'MDY' ? [first, second] : [second, first]).map(Number);
  const ms = Date.UTC(year, (month ?? 0) - 1, day);
  const made = new Date(ms);
  return made.getUTCMonth() + 1 === month && made.getUTCDate() === day && year >= 1970 ? ms : null;
}

function toMinutesAndSeconds(clock: RegExpExecArray | null): number | null {
  if (!clock) return 0;
  const [, hours = '', minutes = '', seconds = '0', half] = clock;
  const written = Number(hours);
  if (half !== undefined && (written < 1 || written > 12)) return null;
  const hour = half === undefined ? written : (written % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 60) return null;
  return ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** Minutes ahead of UTC; null where the text names no zone. */
function toOffset(zone: string): number | null {
  const named = ZONES[zone.replace(/[()]/g, '').toUpperCase()];
  if (named !== undefined) return named;
  const match = OFFSET.exec(zone);
  if (!match || match[0].length !== zone.length) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

function toInstant(local: number, timeZone: string): number {
  const zone = findZone(timeZone);
  const guess = local - zone.offset(local);
  return local - zone.offset(guess);
}
