import type { Period } from './calendar.ts';
import type { ShowDocument, StoredFigures, StoredReport } from './documents.ts';
import { figuresAt } from './ingest.ts';

/** A show of another source under the same match title, for one published period. */
export interface Link {
  readonly show: ShowDocument;
  readonly method: 'EXACT_TITLE';
  readonly fromOn: string;
  readonly toOn: string;
  readonly hoursHere: number;
  readonly hoursThere: number;
  readonly consistent: boolean;
}

/** A show with its rows of the whole world that have hours. */
export interface Linkable {
  readonly show: ShowDocument;
  readonly rows: readonly StoredReport[];
}

/** A plain list of links is cut here, as its description says. */
const MOST_LINKS = 200;

/**
 * Links of a show to those of other sources. `namesakes` are all shows of its match title, its own source's too: a title
 * is ambiguous in a period where a source has two shows, two works (categories, release dates) or two rows of one
 * publication under it, and is then not linked. So are a film and a series.
 */
export function toLinks(show: ShowDocument, namesakes: readonly Linkable[]): Link[] {
  const bySource = new Map<string, Linkable[]>();
  for (const each of namesakes) bySource.set(each.show.namespace, [...(bySource.get(each.show.namespace) ?? []), each]);
  const here = bySource.get(show.namespace) ?? [];
  const links: Link[] = [];
  for (const [namespace, there] of bySource) {
    if (namespace === show.namespace) continue;
    for (const period of periodsOf([...here, ...there])) {
      const link = toLink(show, figuresIn(here, period), figuresIn(there, period), period);
      if (link !== null) links.push(link);
    }
  }
  return links
    .sort((a, b) => (a.fromOn < b.fromOn ? -1 : a.fromOn > b.fromOn ? 1 : a.show.id < b.show.id ? -1 : 1))
    .slice(0, MOST_LINKS);
}

function periodsOf(shows: readonly Linkable[]): Period[] {
  const periods = shows.flatMap(({ rows }) => rows.flatMap(({ period }) => period ?? []));
  return [...new Map(periods.map((period) => [`${period.from} ${period.to}`, period])).values()];
}

/** What one source says of a title inside a period. */
interface Side {
  readonly show: ShowDocument;
  /** Two rows of the same days and publication, or of two works, make the title ambiguous. */
  readonly ambiguous: boolean;
  readonly isWhole: boolean;
  readonly hours: number;
  /** The most that rounding can have changed the hours. */
  readonly rounding: number;
}

function figuresIn(source: readonly Linkable[], period: Period): Side | null {
  const inside = source.flatMap(({ show, rows }) => {
    const within = rows.filter(({ period: own }) => own !== null && own.from >= period.from && own.to <= period.to);
    return within.length === 0 ? [] : [{ show, rows: within }];
  });
  const [only] = inside;
  if (only === undefined) return null;
  const whole = only.rows.filter(({ period: own }) => own?.from === period.from && own.to === period.to);
  // Where a row has the very period, shorter ones inside are parts of it and not added.
  const rows = whole.length > 0 ? whole : only.rows;
  const figures = rows.flatMap((row) => figuresAt(row, null)?.figures ?? []);
  const differ = (of: (row: StoredReport) => string | null): boolean => new Set(rows.map(of)).size > 1;
  const repeats = new Set(rows.map((row) => `${row.report} ${row.period?.from} ${row.period?.to}`)).size < rows.length;
  return {
    show: only.show,
    ambiguous: inside.length > 1 || repeats || differ((row) => row.category) || differ((row) => row.releasedOn),
    isWhole: whole.length > 0,
    hours: figures.reduce((sum, { hoursViewed }) => sum + (hoursViewed ?? 0), 0),
    rounding: figures.reduce((sum, { hoursRoundedTo }) => sum + (hoursRoundedTo ?? 0) / 2, 0),
  };
}

function toLink(show: ShowDocument, here: Side | null, there: Side | null, { from, to }: Period): Link | null {
  if (here === null || there === null || here.show.id !== show.id || here.ambiguous || there.ambiguous) return null;
  if (!here.isWhole && !there.isWhole) return null;
  if (show.kind !== null && there.show.kind !== null && show.kind !== there.show.kind) return null;
  return {
    show: there.show,
    method: 'EXACT_TITLE',
    fromOn: from,
    toOn: to,
    hoursHere: here.hours,
    hoursThere: there.hours,
    consistent: isConsistent(here, there),
  };
}

function isConsistent(here: Side, there: Side): boolean {
  const rounding = here.rounding + there.rounding;
  if (here.isWhole && there.isWhole) return Math.abs(here.hours - there.hours) <= rounding;
  const [whole, parts] = here.isWhole ? [here, there] : [there, here];
  return parts.hours <= whole.hours + rounding;
}

/** Only rows with hours of the whole world can be compared. */
export function hasHours(row: StoredReport): boolean {
  const figures: StoredFigures | undefined = figuresAt(row, null)?.figures;
  return row.country === null && figures !== undefined && figures.hoursViewed !== null;
}
