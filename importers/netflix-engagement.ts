import type { PublishedReportEvent } from '../subgraphs/viewing/events.ts';
import { isCalendarDate } from '../kit/ingest/time.ts';
import { CellError, countIn, neededTextIn, shown, textIn, unknownIn, type Cells } from './cells.ts';
import { openDelimited } from './delimited.ts';
import { FileError, type Importer, type Parameters } from './importer.ts';
import { createOccurrences } from './occurrence.ts';
import { publishedAtOf } from './publication.ts';
import { toRows } from './rows.ts';

const KNOWN = new Set([
  'report', 'sheet', 'sheet_row', 'kind', 'title', 'available_globally', 'release_date', 'hours_viewed', 'views',
]);
const RUNTIMES = ['runtime_h_mm', 'runtime'];
/** Before the report, which splits the English title from the original one. */
const ORIGINAL_TITLE = ' // ';
/** The reports round hours to 100,000. */
const HOURS_ROUNDED_TO = 100_000;

const HALF_YEAR = /^(\d{4})[\s_-]*(?:(jan(?:uary)?\s*-\s*jun(?:e)?|h1)|(jul(?:y)?\s*-\s*dec(?:ember)?|h2))$/i;

/** The half-year that a report's name says, such as `2023Jan-Jun` or `2024H2`; null where it says none. */
export function halfYearOf(report: string): { from: string; to: string } | null {
  const match = HALF_YEAR.exec(report.trim());
  if (match === null) return null;
  const year = Number(match[1]);
  return match[2] === undefined
    ? { from: `${year}-07-01`, to: `${year + 1}-01-01` }
    : { from: `${year}-01-01`, to: `${year}-07-01` };
}

function kindIn(cells: Cells): 'FILM' | 'SERIES' | null {
  const said = (textIn(cells, 'kind') ?? textIn(cells, 'sheet') ?? '').toLowerCase();
  if (said === 'movie' || said === 'film' || said === 'movies' || said === 'films') return 'FILM';
  return said === 'show' || said === 'tv' || said === 'series' || said === 'shows' ? 'SERIES' : null;
}

function availabilityIn(cells: Cells): boolean | null {
  const text = textIn(cells, 'available_globally');
  if (text === null) return null;
  if (/^yes$/i.test(text)) return true;
  if (/^no$/i.test(text)) return false;
  throw new CellError('available_globally', `expected Yes or No, got ${shown(text)}`);
}

function releaseIn(cells: Cells): string | null {
  const text = textIn(cells, 'release_date');
  if (text !== null && !isCalendarDate(text)) {
    throw new CellError('release_date', `expected a date such as 2023-03-23, got ${shown(text)}`);
  }
  return text;
}

/** `1:25` as minutes. The reports mark a runtime that does not hold with `*`, alone or behind it: kept as written beside. */
function runtimeIn(cells: Cells, column: string): { minutes: number | null; note: string | null } {
  const text = textIn(cells, column);
  if (text === null) return { minutes: null, note: null };
  const match = /^(?:(\d+):([0-5]\d))?(\*?)$/.exec(text);
  if (match === null) throw new CellError(column, `expected hours and minutes such as 1:25, got ${shown(text)}`);
  const minutes = match[1] === undefined ? null : Number(match[1]) * 60 + Number(match[2]);
  return { minutes, note: match[3] === '' ? null : text };
}

function reportIn(cells: Cells, parameters: Parameters): { report: string; period: { from: string; to: string } } {
  const report = parameters['report'] ?? neededTextIn(cells, 'report');
  const period = halfYearOf(report);
  if (period === null) throw new CellError('report', `expected a half-year such as 2023Jan-Jun, got ${shown(report)}`);
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
    kind: kindIn(cells),
    matchTitle: title.split(ORIGINAL_TITLE, 1)[0]?.trim() || title,
    period,
    hoursViewed,
    hoursRoundedTo: HOURS_ROUNDED_TO,
    views: countIn(cells, 'views'),
    runtimeMinutes: minutes,
    availableGlobally: availabilityIn(cells),
    releasedOn: releaseIn(cells),
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
    report: 'the half-year of the whole file, such as 2025Jan-Jun; the column report of each row',
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
      needed: () => [...(report === undefined ? ['report'] : []), 'title', 'hours_viewed'],
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
