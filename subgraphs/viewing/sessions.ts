import { HOUR_MS } from '../../kit/ingest/time.ts';
import { CARDINALITY_STANDARD_ERROR, EXACT_LIMIT } from '../../kit/rollup/cardinality.ts';
import { mergeTotals, toDurationDistribution, type Totals } from '../../kit/rollup/rollup.ts';
import type { Span, Window } from '../../kit/rollup/window.ts';
import { MEGABYTE } from './rollup.ts';
import type { ResolversTypes } from './schema.generated.ts';

type Viewing = Awaited<ResolversTypes['Viewing']>;
type Point = Awaited<ResolversTypes['ViewingPoint']>;
type DatasetViewing = Awaited<ResolversTypes['DatasetViewing']>;

export type Series = readonly (Totals | null)[];

/** A series of buckets in the units of the schema. */
export function toViewing(series: Series, window: Window, asOf: number | null): Viewing {
  return {
    points: window.points.map((span, index) => toPoint(span, series[index] ?? null)),
    whole: toPoint(window, mergeTotals(series)),
    asOf,
  };
}

/** The counts of players' reports. */
export function toPlayerReports(series: Series): Awaited<ResolversTypes['PlayerReports']> {
  const totals = mergeTotals(series);
  const count = (name: string): number | null => (totals === null ? null : (totals.counts[name] ?? 0));
  return { reports: count('reports'), withoutSession: count('withoutSession'), ignoredValues: count('ignoredValues') };
}

/** Two series of one window, point by point. */
export function addSeries(list: readonly Series[]): Series {
  const length = Math.max(0, ...list.map((series) => series.length));
  return Array.from({ length }, (_, index) => mergeTotals(list.map((series) => series[index])));
}

/** The sum of a count over a series, such as `sessions` or, in milliseconds, `watchedMs`. */
export function countOf(series: Series, name: string): number {
  return series.reduce((sum, totals) => sum + (totals?.counts[name] ?? 0), 0);
}

/** False where nothing was played, and where no session says for how long. */
const saysTime = (totals: Totals | null): totals is Totals =>
  totals !== null && (totals.counts['sessionsWithoutTime'] ?? 0) < (totals.counts['sessions'] ?? 0);

const hoursOf = (ms: number): number => ms / HOUR_MS;

function toPoint({ from, to }: Span, totals: Totals | null): Point {
  const count = (name: string): number => totals?.counts[name] ?? 0;
  const where = (known: string, value: () => number): number | null => (count(known) > 0 ? value() : null);
  const viewers = totals?.unique('viewers')?.estimate() ?? null;
  const isRebufferKnown = totals?.sketch('rebufferMs') !== null && totals !== null;
  const playing = count('watchedOfRebufferMs') + count('rebufferMs');
  return {
    from,
    to,
    sessions: totals === null ? null : count('sessions'),
    hoursViewed: saysTime(totals) ? hoursOf(count('watchedMs')) : null,
    viewers: viewers === null ? null : Math.round(viewers),
    viewersRelativeError: viewers === null ? null : viewers <= EXACT_LIMIT ? 0 : CARDINALITY_STANDARD_ERROR,
    startup: toDurationDistribution(totals, 'startupMs'),
    rebuffering: toDurationDistribution(totals, 'rebufferMs'),
    rebufferEvents: where('sessionsWithStalls', () => count('stalls')),
    rebufferRatio: isRebufferKnown && playing > 0 ? count('rebufferMs') / playing : null,
    completion: where('lengthMs', () => count('watchedOfLengthMs') / count('lengthMs')),
    meanBitrateKbps: where('watchedOfBitrateMs', () => (count('kilobits') * 1000) / count('watchedOfBitrateMs')),
    bytes: where('sessionsWithBytes', () => count('megabytes') * MEGABYTE + count('bytes')),
    errors: where('sessionsWithErrors', () => count('errors')),
  };
}

/** The sessions of the shows that a dataset holds, a series each. */
export function toSessionsOfDataset(shows: readonly Series[], window: Window, truncated: boolean): DatasetViewing {
  const sum = (series: readonly (Totals | null | undefined)[]): { shows: number | null; hoursViewed: number | null } => {
    const played = series.filter((totals) => totals !== null && totals !== undefined);
    if (played.length === 0) return { shows: null, hoursViewed: null };
    return { shows: played.length, hoursViewed: hoursOf(played.reduce((ms, totals) => ms + (totals.counts['watchedMs'] ?? 0), 0)) };
  };
  const whole = sum(shows.map((series) => mergeTotals(series)));
  const isPlayed = whole.shows !== null;
  return {
    basis: isPlayed ? 'SESSIONS' : null,
    points: window.points.map(({ from, to }, index) => ({
      from, to, ...sum(shows.map((series) => series[index])), rows: null, partition: null,
    })),
    whole: { from: window.from, to: window.to, ...whole, rows: null, partition: null },
    ...whole,
    cutPeriods: [],
    truncated,
  };
}
