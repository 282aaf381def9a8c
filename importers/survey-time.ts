import { findZone } from '../kit/rollup/zone.ts';

/** In which order a date with slashes names day and month. */
export type DateOrder = 'MDY' | 'DMY';

const CLOCK = /(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?\s?m\.?(?![a-z]))?/i;
const DATE = /^(\d{1,4})([-/.])\s?(\d{1,2})\2\s?(\d{1,4})(?!\d)/;
/** `29 Jan 2020`, `29-Jan-20`, `Jan 29, 2020`, `Wed, January 29 2020`: the month by its English name. */
const NAMED = /^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?(?:(\d{1,2})[\s-]([a-z]{3,9})\.?,?[\s-](\d{4}|\d{2})|([a-z]{3,9})\.?\s(\d{1,2}),?\s(\d{4}))(?!\d)/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const OFFSET = /(?:(?:GMT|UTC|Z)?\s*([+\-−])(\d{1,2}):?(\d{2})?)$/i;

/** What survey tools write for a zone, in minutes ahead of UTC; of two zones of one name the more usual first. */
const ZONES: Readonly<Record<string, readonly number[]>> = {
  UTC: [0], GMT: [0], Z: [0], WET: [0], WEST: [60], WEZ: [0], WESZ: [60], BST: [60, 360], CET: [60], CEST: [120], MEZ: [60], MESZ: [120],
  EET: [120], EEST: [180], OEZ: [120], OESZ: [180], MSK: [180], TRT: [180], SAST: [120], CAT: [120], WAT: [60], EAT: [180], IDT: [180],
  NST: [-210], NDT: [-150], AST: [-240, 180], ADT: [-180], EST: [-300], EDT: [-240], CST: [-360, 480], CDT: [-300], MST: [-420, 480],
  MDT: [-360], PST: [-480, 480], PDT: [-420], AKST: [-540], AKDT: [-480], HST: [-600], BRT: [-180], ART: [-180], CLT: [-240], CLST: [-180],
  COT: [-300], PET: [-300], IST: [330, 120, 60], PKT: [300], NPT: [345], GST: [240], ICT: [420], WIB: [420], SGT: [480], HKT: [480],
  PHT: [480], AWST: [480], JST: [540], KST: [540], ACST: [570], ACDT: [630], AEST: [600], AEDT: [660], NZST: [720], NZDT: [780],
};

/**
 * The moment of a timestamp as survey tools write it: `2020/01/29 3:02:25 pm CET`, `2019-06-25 06:59:49`,
 * `6/25/2019 13:45`, `25.06.2019 13:45`, `Jan 29, 2020 3:02 PM`, RFC 3339. A time without a zone is one of `timeZone`; of two
 * zones of one short name (`CST`) the one that `timeZone` then keeps is meant, else the more usual.
 * @returns milliseconds since the epoch, or null where the text is no such time
 * @throws UNKNOWN_TIME_ZONE
 */
export function parseSurveyTime(text: string, timeZone: string, order: DateOrder): number | null {
  const trimmed = text.replace(/[\s\u200e]+/g, ' ').trim();
  const date = readDate(trimmed, order);
  if (!date) return null;
  const rest = trimmed.slice(date.length).replace(/^(?:T|,|\sat)?\s*/i, '');
  const clock = CLOCK.exec(rest);
  if ((!clock && rest !== '') || (clock && clock.index > 0)) return null;
  const time = toMinutesAndSeconds(clock);
  if (date.day === null || time === null) return null;
  const local = date.day + time;
  const zone = clock ? rest.slice(clock[0].length).trim() : '';
  if (zone === '') return toInstant(local, timeZone);
  const offsets = toOffsets(zone);
  if (offsets.length === 0) return null;
  const kept = (local - toInstant(local, timeZone)) / 60_000;
  return local - (offsets.find((each) => each === kept) ?? offsets[0] ?? 0) * 60_000;
}

/** The date that a text begins with, and how long it is; `day` is null where no calendar has it. */
function readDate(text: string, order: DateOrder): { readonly day: number | null; readonly length: number } | null {
  const date = DATE.exec(text);
  if (date) {
    const [whole, first = '', mark, second = '', third = ''] = date;
    return { day: toDay([first, second, third], mark === '.' ? 'DMY' : order), length: whole.length };
  }
  const named = NAMED.exec(text);
  if (!named) return null;
  const [whole, day = named[5] ?? '', name = named[4] ?? '', year = named[6] ?? ''] = named;
  const month = MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  return { day: month === 0 ? null : toDay([day, String(month), year], 'DMY'), length: whole.length };
}

/** Which order the dates of a column have: the day first where some first number is no month. */
export function dateOrderOf(texts: Iterable<string>): DateOrder {
  for (const text of texts) {
    const [, first = '', , , third = ''] = DATE.exec(text.trim()) ?? [];
    if (first.length <= 2 && (third.length === 4 || third.length === 2) && Number(first) > 12) return 'DMY';
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

/** Minutes ahead of UTC that a zone's text can mean; none where it names no zone. */
function toOffsets(zone: string): readonly number[] {
  const named = ZONES[zone.replace(/[()]/g, '').toUpperCase()];
  if (named !== undefined) return named;
  const match = OFFSET.exec(zone);
  if (!match || match[0].length !== zone.length) return [];
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return [match[1] === '+' ? minutes : -minutes];
}

function toInstant(local: number, timeZone: string): number {
  const zone = findZone(timeZone);
  const guess = local - zone.offset(local);
  return local - zone.offset(guess);
}
