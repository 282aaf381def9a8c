import type { PublishedReportEvent } from '../subgraphs/viewing/events.ts';
import { addDays } from '../kit/ingest/time.ts';
import { CellError, countIn, dateIn, neededTextIn, numberIn, presentIn, shown, textIn, unknownIn, type Cells } from './cells.ts';
import { openDelimited } from './delimited.ts';
import type { Importer, Parameters } from './importer.ts';
import { qualifierOf } from './netflix-namesakes.ts';
import { createOccurrences } from './occurrence.ts';
import { publishedAtOf } from './publication.ts';
import { toRows } from './rows.ts';

/** What differs between the three files that Netflix publishes; each is told by its columns. */
interface Shape {
  readonly report: string;
  /** The file's name, which is its dataset's. */
  readonly dataset: string;
  readonly needed: readonly string[];
}

const GLOBAL: Shape = {
  report: 'Netflix Top 10 Global',
  dataset: 'all-weeks-global.tsv',
  needed: ['week', 'category', 'weekly_rank', 'show_title', 'season_title', 'weekly_hours_viewed'],
};
const COUNTRIES: Shape = {
  report: 'Netflix Top 10 Countries',
  dataset: 'all-weeks-countries.tsv',
  needed: ['week', 'category', 'weekly_rank', 'show_title', 'season_title'],
};
const MOST_POPULAR: Shape = {
  report: 'Netflix Top 10 Most Popular',
  dataset: 'most-popular.tsv',
  needed: ['category', 'rank', 'show_title', 'season_title'],
};
/** The columns that each of the files cannot do without. */
export const TOP10_COLUMNS: readonly (readonly string[])[] = [GLOBAL.needed, COUNTRIES.needed, MOST_POPULAR.needed];

const FIRST_DAYS = /^hours_viewed_first_(\d+)_days$/;

const KNOWN = new Set([
  'week', 'category', 'weekly_rank', 'rank', 'show_title', 'season_title', 'weekly_hours_viewed', 'runtime',
  'weekly_views', 'cumulative_weeks_in_top_10', 'country_name', 'country_iso2',
]);

/** Netflix publishes weekly hours in tens of thousands at the finest. */
const HOURS_ROUNDED_TO = 10_000;

function shapeOf(columns: ReadonlySet<string>): Shape {
  if (columns.has('country_name') || columns.has('country_iso2')) return COUNTRIES;
  const popular = [...columns].some((column) => FIRST_DAYS.test(column));
  return popular ? MOST_POPULAR : GLOBAL;
}

function kindOf(category: string): 'FILM' | 'SERIES' | null {
  if (/^films?\b/i.test(category)) return 'FILM';
  return /^tv\b/i.test(category) ? 'SERIES' : null;
}

/** A week is named by the Sunday that ends it. */
function weekIn(cells: Cells): { from: string; to: string } {
  const text = neededTextIn(cells, 'week');
  const sunday = dateIn(cells, 'week');
  if (sunday === null || new Date(`${sunday}T00:00:00Z`).getUTCDay() !== 0) {
    throw new CellError('week', `expected the Sunday that ends the week, such as 2024-11-17, got ${shown(text)}`);
  }
  return { from: addDays(sunday, -6), to: addDays(sunday, 1) };
}

/** Namibia's code is NA, so no mark of absence is looked for; without a code the country's name stands. */
function countryIn(cells: Cells): string {
  return textIn(cells, 'country_iso2') ?? neededTextIn(cells, 'country_name');
}

/** Which of the columns that count first days holds this row's hours: the first that is filled. */
function daysOf(cells: Cells, counted: readonly number[]): number | null {
  return counted.find((days) => presentIn(cells, `hours_viewed_first_${days}_days`) !== null) ?? counted[0] ?? null;
}

function toEvent(cells: Cells, shape: Shape, days: number | null, parameters: Parameters): PublishedReportEvent {
  const category = neededTextIn(cells, 'category');
  const namespace = parameters['namespace'] ?? 'netflix-top10';
  const hours = days === null ? 'weekly_hours_viewed' : `hours_viewed_first_${days}_days`;
  const views = days === null ? 'weekly_views' : `views_first_${days}_days`;
  const hoursViewed = countIn(cells, hours);
  if (hoursViewed === null && shape !== COUNTRIES) throw new CellError(hours, 'expected a whole number, got an empty cell');
  const runtimeHours = numberIn(cells, 'runtime');
  const title = neededTextIn(cells, 'show_title');
  const event: PublishedReportEvent = {
    namespace,
    report: parameters['report'] ?? shape.report,
    title,
    season: presentIn(cells, 'season_title'),
    kind: kindOf(category),
    qualifier: qualifierOf(title, category),
    category,
    period: shape === MOST_POPULAR ? null : weekIn(cells),
    daysSinceRelease: days,
    hoursViewed,
    hoursRoundedTo: hoursViewed === null ? null : HOURS_ROUNDED_TO,
    views: countIn(cells, views),
    runtimeMinutes: runtimeHours === null ? null : Math.round(runtimeHours * 60),
    rank: countIn(cells, shape === MOST_POPULAR ? 'rank' : 'weekly_rank'),
    cumulativeWeeks: countIn(cells, 'cumulative_weeks_in_top_10'),
    country: shape === COUNTRIES ? countryIn(cells) : null,
    dataset: { namespace, name: parameters['dataset'] ?? shape.dataset },
    extra: unknownIn(cells, new Set([...KNOWN, hours, views])),
  };
  return event;
}

/** Netflix's Top 10 lists, tab-separated or saved by a spreadsheet as comma-separated, with any of the headers they have had since 2021. */
export const netflixTop10: Importer = {
  kind: 'netflix-top10',
  description: 'Netflix Top 10: weekly global, weekly by country, or most popular, tab-separated or as a spreadsheet saves them',
  parameters: {
    namespace: 'the namespace of its shows and its dataset; netflix-top10',
    dataset: "the dataset that holds the rows; the published file's name, such as all-weeks-global.tsv",
    report: 'the name of the publication; Netflix Top 10 Global, Countries or Most Popular',
    'published-at': 'when the file was published, an RFC 3339 instant; the moment of the import',
  },
  async *read(bytes, parameters) {
    const publishedAt = publishedAtOf(parameters);
    const { columns, rows } = await openDelimited(bytes, {
      expected: 'a Netflix Top 10 file',
      needed: (seen) => shapeOf(seen).needed,
    });
    const shape = shapeOf(new Set(columns));
    const counted = shape === MOST_POPULAR ? columns.flatMap((column) => FIRST_DAYS.exec(column)?.[1] ?? []).map(Number) : [];
    const occurrenceOf = createOccurrences();
    yield* toRows(rows, 'published-report', (cells) => {
      const event = toEvent(cells, shape, daysOf(cells, counted), parameters);
      const { title, season, kind, category, country, period } = event;
      const key = [title, season, kind, category, country, period?.from ?? null];
      return { ...event, publishedAt, occurrence: occurrenceOf(key, event) };
    });
  },
};
