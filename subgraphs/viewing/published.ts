import { partitionId } from '../../kit/graph/id.ts';
import { Cardinality } from '../../kit/rollup/cardinality.ts';
import type { Window } from '../../kit/rollup/window.ts';
import { createPlacer, keepShortest, type Period } from './calendar.ts';
import type { StoredPeriod, StoredReport } from './documents.ts';
import { figuresAt, toSeconds } from './ingest.ts';
import type { ResolversTypes } from './schema.generated.ts';

type PublishedViewing = Awaited<ResolversTypes['PublishedViewing']>;
type PublishedPoint = Awaited<ResolversTypes['PublishedViewingPoint']>;
type DatasetViewing = Awaited<ResolversTypes['DatasetViewing']>;
type DatasetPoint = Awaited<ResolversTypes['DatasetViewingPoint']>;

interface Counted {
  readonly report: StoredReport;
  readonly period: Period;
  readonly hours: number;
  readonly views: number | null;
  readonly restated: boolean;
  readonly at: number;
}

/** A plain list of reports in an answer is cut here, as its description says. */
const MOST_REPORTS = 1_000;

/** A show's published rows as a series. A period counts in the point that holds all of it, and is never split. */
export function toPublishedViewing(rows: readonly StoredReport[], window: Window, knownAt: number | null): PublishedViewing {
  const place = createPlacer(window);
  const counted = keepShortest(rows.flatMap((report) => toCounted(report, knownAt)), ({ period }) => period, ({ report }) => report.report);
  const points: Counted[][] = window.points.map(() => []);
  const whole: Counted[] = [];
  const cut = new Map<string, PublishedViewing['cutPeriods'][number]>();
  for (const each of counted) {
    const placement = place(each.period);
    if (placement === null) continue;
    if (placement.inside) whole.push(each);
    if (placement.point !== null) points[placement.point]?.push(each);
    else {
      const { from, to } = each.period;
      const { report } = each.report;
      cut.set(`${report} ${from} ${to}`, { report, fromOn: from, toOn: to });
    }
  }
  const seen = [...whole, ...points.flat()];
  return {
    points: window.points.map((span, index) => toPoint(span, points[index] ?? [], knownAt)),
    whole: toPoint(window, whole, knownAt),
    cutPeriods: [...cut.values()],
    asOf: seen.length === 0 ? null : Math.max(...seen.map(({ at }) => at)),
  };
}

function toCounted(report: StoredReport, knownAt: number | null): Counted[] {
  const served = figuresAt(report, knownAt);
  const { period } = report;
  if (served === null || period === null || served.figures.hoursViewed === null) return [];
  const { hoursViewed: hours, views } = served.figures;
  return [{ report, period, hours, views, restated: served.restated, at: served.statement.at }];
}

function toPoint({ from, to }: { from: number; to: number }, counted: readonly Counted[], knownAt: number | null): PublishedPoint {
  if (counted.length === 0) {
    return { from, to, hoursViewed: null, views: null, restated: null, reports: [], partition: null, dataset: null };
  }
  const views = counted.flatMap((each) => each.views ?? []);
  const datasets = new Map(counted.flatMap(({ report }) => report.datasets.map((dataset) => [dataset.id, dataset])));
  const [dataset] = datasets.values();
  const single = datasets.size === 1 && dataset !== undefined ? dataset : null;
  return {
    from,
    to,
    hoursViewed: counted.reduce((sum, { hours }) => sum + toSeconds(hours), 0) / 3600,
    views: views.length === 0 ? null : views.reduce((sum, count) => sum + count, 0),
    restated: counted.some(({ restated }) => restated),
    reports: counted.slice(0, MOST_REPORTS).map(({ report }) => ({ report, knownAt })),
    partition: single === null ? null : toPartition(single.id, counted.map(({ period }) => period)),
    dataset: single,
  };
}

function toPartition(datasetId: string, held: readonly Period[]): { id: string } | null {
  const [first] = held;
  if (first === undefined || held.some(({ from, to }) => from !== first.from || to !== first.to)) return null;
  return { id: partitionId({ datasetId, fromOn: first.from, toOn: first.to }) };
}

/** How many cut periods an answer lists. */
const MOST_CUT = 1_000;

/** A dataset's published periods as a series; of overlapping ones the shorter count. */
export function toDatasetViewing(datasetId: string, held: readonly StoredPeriod[], window: Window): DatasetViewing {
  const place = createPlacer(window);
  const points: StoredPeriod[][] = window.points.map(() => []);
  const whole: StoredPeriod[] = [];
  const cut: StoredPeriod[] = [];
  for (const period of keepShortest(held, (each) => each, () => '')) {
    const placement = place(period);
    if (placement === null) continue;
    if (placement.inside) whole.push(period);
    if (placement.point !== null) points[placement.point]?.push(period);
    else cut.push(period);
  }
  const total = toDatasetPoint(datasetId, window, whole);
  return {
    basis: 'PUBLISHED',
    points: window.points.map((span, index) => toDatasetPoint(datasetId, span, points[index] ?? [])),
    whole: total,
    shows: total.shows,
    hoursViewed: total.hoursViewed,
    cutPeriods: cut.slice(0, MOST_CUT).map((period) => ({
      fromOn: period.from,
      toOn: period.to,
      partition: toPartition(datasetId, [period]),
    })),
    truncated: false,
  };
}

function toDatasetPoint(datasetId: string, { from, to }: { from: number; to: number }, held: readonly StoredPeriod[]): DatasetPoint {
  if (held.length === 0) return { from, to, shows: null, hoursViewed: null, rows: null, partition: null };
  const shows = new Cardinality();
  for (const period of held) shows.merge(Cardinality.from(period.shows));
  const withHours = held.some(({ rowsWithHours }) => rowsWithHours > 0);
  return {
    from,
    to,
    shows: Math.round(shows.estimate()),
    hoursViewed: withHours ? held.reduce((sum, { seconds }) => sum + seconds, 0) / 3600 : null,
    rows: held.reduce((sum, { rows }) => sum + rows, 0),
    partition: toPartition(datasetId, held),
  };
}
