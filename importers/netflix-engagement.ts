import type { PublishedReportEvent } from '../subgraphs/viewing/events.ts';
import { CellError, countIn, dateIn, neededTextIn, presentIn, shown, textIn, unknownIn, type Cells } from './cells.ts';
import { openDelimited } from './delimited.ts';
import { FileError, type Importer, type Parameters } from './importer.ts';
import { createOccurrences } from './occurrence.ts';
import { publishedAtOf } from './publication.ts';
import { toRows } from './rows.ts';

const KNOWN = new Set([
  'report', 'sheet', 'sheet_row', 'kind', 'title', 'available_globally', 'release_date', 'hours_viewed', 'views',
]);
/** The columns that no report can do without. */
export const ENGAGEMENT_COLUMNS: readonly (readonly string[])[] = [['title', 'hours_viewed']];
const RUNTIMES = ['runtime_h_mm', 'runtime'];
/** Before the report, which splits the English title from the original one. */
const ORIGINAL_TITLE = ' // ';
/** The reports round hours to 100,000. */
const HOURS_ROUNDED_TO = 100_000;

const HALF_YEAR = /(?<!\d)(\d{4})[\s_-]*(?:(jan(?:uary)?\s*[-–_]\s*jun(?:e)?|h1)|(jul(?:y)?\s*[-–_]\s*dec(?:ember)?|h2))(?![a-z0-9])/gi;

/**
 * The half-year that a report's name says, alone or in a file's name: `2023Jan-Jun`, `2024H2`,
 * `What_We_Watched_A_Netflix_Engagement_Report_2023Jul-Dec.xlsx`; null where it says none or more than one.
 */
function halfYearIn(name: string): string | null {
  const [found, another] = [...name.matchAll(HALF_YEAR)];
  return found === undefined || another !== undefined ? null : found[0];
}

/** The days of the half-year that a report's name says, see `halfYearIn`. */
export function halfYearOf(report: string): { from: string; to: string } | null {
  const match = [...(halfYearIn(report) ?? '').matchAll(HALF_YEAR)][0];
  if (match === undefined) return null;
  const year = Number(match[1]);
  return match[2] === undefined
    ? { from: `${year}-07-01`, to: `${year + 1}-01-01` }
    : { from: `${year}-01-01`, to: `${year}-07-01` };
}

/** By the row's kind or sheet; where the file has neither column, by a file's name such as `shows.csv`. */
function kindIn(cells: Cells, { fileName = '' }: Parameters): 'FILM' | 'SERIES' | null {
  if (!('kind' in cells) && !('sheet' in cells)) {
    const [isFilm, isSeries] = [/(?:^|[^a-z])(?:movie|film)s?(?![a-z])/i.test(fileName), /(?:^|[^a-z])(?:show|tv|series)s?(?![a-z])/i.test(fileName)];
    return isFilm === isSeries ? null : isFilm ? 'FILM' : 'SERIES';
  }
  const said = (presentIn(cells, 'kind') ?? presentIn(cells, 'sheet') ?? '').toLowerCase();
  if (said === 'movie' || said === 'film' || said === 'movies' || said === 'films') return 'FILM';
  return said === 'show' || said === 'tv' || said === 'series' || said === 'shows' ? 'SERIES' : null;
}

function availabilityIn(cells: Cells): boolean | null {
  const text = presentIn(cells, 'available_globally');
  if (text === null) return null;
  if (/^(?:yes|true)$/i.test(text)) return true;
  if (/^(?:no|false)$/i.test(text)) return false;
  throw new CellError('available_globally', `expected Yes or No, got ${shown(text)}`);
}

/** Hours, minutes and perhaps seconds: `1:25`, `1:25:00`, and as R's lubridate writes them, `1H 25M 0S` or `42M 0S`. */
const CLOCK = /^(?:(\d+):([0-5]\d)(?::([0-5]\d))?)?(\*?)$/;
const PERIOD = /^(?:(\d+)d)?\s*(?:(\d+)H)?\s*(?:(\d+)M)?\s*(?:(\d+)(?:\.\d+)?S)?$/;

/** A runtime in minutes. The reports mark a runtime that does not hold with `*`, alone or behind it: kept as written beside. */
function runtimeIn(cells: Cells, column: string): { minutes: number | null; note: string | null } {
  const text = presentIn(cells, column);
  if (text === null) return { minutes: null, note: null };
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds = 0, mark] = clock;
    return { minutes: hours === undefined ? null : Number(hours) * 60 + Number(minutes) + Math.round(Number(seconds) / 60), note: mark === '' ? null : text };
  }
  const period = PERIOD.exec(text);
  if (period === null) throw new CellError(column, `expected hours and minutes such as 1:25 or 1H 25M 0S, got ${shown(text)}`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = period.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return { minutes: days * 1_440 + hours * 60 + minutes + Math.round(seconds / 60), note: null };
}

function reportIn(cells: Cells, parameters: Parameters): { report: string; period: { from: string; to: string } } {
  const said = parameters['report'] ?? ('report' in cells ? neededTextIn(cells, 'report') : (halfYearIn(parameters['fileName'] ?? '') ?? ''));
  const report = halfYearIn(said);
  const period = halfYearOf(said);
  if (report === null || period === null) throw new CellError('report', `expected a half-year such as 2023Jan-Jun, got ${shown(said)}`);
  // The half-year names the report, however much else stands around it, so that the same report has one name.
  return { report, period };
}

function toEvent(cells: Cells, parameters: Parameters): PublishedReportEvent {
  const { report, period } = reportIn(cells, parameters);
  const title = neededTextIn(cells, 'title');
  const hoursViewed = countIn(cells, 'hours_viewed');
  if (hoursViewed === null) throw new CellError('hours_viewed', 'expected a whole number, got an empty cell');
  const namespace = parameters['namespace'] ?? 'netflix-engagement';
  const runtimeColumn = RUNTIMES.find((column) => column in cells) ?? 'runtime';
  const { minutes, note } = runtimeIn(cells, runtimeColumn);
  const sheet = textIn(cells, 'sheet');
  const sheetRow = countIn(cells, 'sheet_row');
  return {
    namespace,
    report,
    title,
    kind: kindIn(cells, parameters),
    matchTitle: title.split(ORIGINAL_TITLE, 1)[0]?.trim() || title,
    period,
    hoursViewed,
    hoursRoundedTo: HOURS_ROUNDED_TO,
    views: countIn(cells, 'views'),
    runtimeMinutes: minutes,
    availableGlobally: availabilityIn(cells),
    releasedOn: dateIn(cells, 'release_date'),
    dataset: { namespace, name: parameters['dataset'] ?? `What We Watched ${report}` },
    place: { ...(sheet === null ? {} : { sheet }), ...(sheetRow === null ? {} : { row: sheetRow }) },
    extra: {
      ...unknownIn(cells, new Set([...KNOWN, runtimeColumn])),
      ...(note === null ? {} : { [runtimeColumn]: note }),
    },
  };
}

/** Netflix's half-yearly "What We Watched" engagement reports, several in one file or one whose half-year is a parameter. */
export const netflixEngagement: Importer = {
  kind: 'netflix-engagement',
  description: 'Netflix "What We Watched": hours viewed per title and half-year, comma- or tab-separated',
  parameters: {
    report: "the half-year of the whole file, such as 2025Jan-Jun; the column report of each row, else the file's name",
    fileName: "the file's name, which may say the half-year or, as shows.csv, the kind; the command line knows it",
    namespace: 'the namespace of its shows and its datasets; netflix-engagement',
    dataset: 'the dataset that holds the rows; What We Watched and the report',
    'published-at': 'when the report was published, an RFC 3339 instant; the moment of the import',
  },
  async *read(bytes, parameters) {
    const publishedAt = publishedAtOf(parameters);
    const { report } = parameters;
    if (report !== undefined && halfYearOf(report) === null) {
      throw new FileError('FILE_BAD_PARAMETER', `report: expected a half-year such as 2025Jan-Jun, got ${shown(report)}`);
    }
    const { rows } = await openDelimited(bytes, {
      expected: 'a Netflix engagement report',
      needed: () => [...(report === undefined && halfYearIn(parameters['fileName'] ?? '') === null ? ['report'] : []), 'title', 'hours_viewed'],
    });
    const occurrenceOf = createOccurrences();
    yield* toRows(rows, 'published-report', (cells) => {
      const event = toEvent(cells, parameters);
      const { place: _, ...content } = event;
      const key = [event.report, event.title, event.kind, event.releasedOn];
      return { ...event, publishedAt, occurrence: occurrenceOf(key, content) };
    });
  },
};
