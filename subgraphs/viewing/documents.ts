import { hashText } from '../../kit/ingest/canonical.ts';
import type { Connection } from '../../kit/graph/connection.ts';
import type { Origin } from '../../kit/graph/id.ts';
import type { Window } from '../../kit/rollup/window.ts';
import { defineBuckets } from '../../kit/rollup/rollup.ts';
import { defineCollection } from '../../kit/store/port.ts';
import type { ShowEvent } from './events.ts';

/** What a source last said of who makes a show. Later (time, then hash) wins, so order of arrival does not matter. */
export interface TeamClaim {
  readonly teamId: string;
  /** UTC to the nanosecond, as text; empty where the event has no time. */
  readonly at: string;
  readonly hash: string;
}

export interface ShowDocument {
  readonly id: string;
  readonly namespace: string;
  readonly origin: Origin;
  readonly title: string;
  readonly season: string | null;
  readonly kind: 'FILM' | 'SERIES' | null;
  /** What tells it from another work under all of the above. */
  readonly qualifier: string | null;
  /** The smallest match title that an event gave; null where none gave one. */
  readonly givenMatchTitle: string | null;
  readonly claim: TeamClaim | null;
}

/** Titles are kept whole; index keys hold their beginning, since a store's keys are bounded. */
const SORTED_CHARACTERS = 100;

/** The beginning of a text for an index key. */
function toSortKey(text: string): string {
  return text.slice(0, SORTED_CHARACTERS).toWellFormed();
}

/** The title by which other sources are matched. */
export function matchTitleOf(show: Pick<ShowDocument, 'title' | 'season' | 'givenMatchTitle'>): string {
  return show.givenMatchTitle ?? show.season ?? show.title;
}

const orderOf = (show: ShowDocument): readonly [string, string] => [toSortKey(show.title), toSortKey(show.season ?? '')];

export const shows = defineCollection('viewing.shows', {
  byTitle: (show: ShowDocument) => [show.origin, ...orderOf(show)],
  byNamespace: (show: ShowDocument) => [show.origin, show.namespace, ...orderOf(show)],
  byExactTitle: (show: ShowDocument) => [show.origin, hashText(show.title), show.namespace, ...orderOf(show)],
  byMatchTitle: (show: ShowDocument) => [show.origin, hashText(matchTitleOf(show)), show.namespace, ...orderOf(show)],
  byTeam: (show: ShowDocument) => (show.claim === null ? null : [show.claim.teamId, ...orderOf(show)]),
});

/** The figures of a published row: one content. */
export interface StoredFigures {
  readonly hash: string;
  readonly hoursViewed: number | null;
  readonly hoursRoundedTo: number | null;
  readonly views: number | null;
  readonly runtimeMinutes: number | null;
  readonly rank: number | null;
  readonly cumulativeWeeks: number | null;
  readonly availableGlobally: boolean | null;
  readonly extra: Readonly<Record<string, unknown>> | null;
}

/** That figures were published at a moment; of equal figures several are kept where their moments are known. */
export interface Statement {
  readonly at: number;
  /** False where `at` is the moment of receipt. */
  readonly known: boolean;
  readonly hash: string;
}

export interface DatasetName {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
}

/** A published row with all that was ever published of it. */
export interface StoredReport {
  readonly id: string;
  readonly showId: string;
  readonly report: string;
  readonly category: string | null;
  readonly country: string | null;
  readonly period: { readonly from: string; readonly to: string } | null;
  readonly daysSinceRelease: number | null;
  readonly releasedOn: string | null;
  /** By hash. */
  readonly contents: readonly StoredFigures[];
  /** By (moment, hash); never empty. */
  readonly statements: readonly Statement[];
  /** By id. */
  readonly datasets: readonly DatasetName[];
  readonly place: Readonly<Record<string, unknown>> | null;
}

/** What a published row serves: the row and the moment by which it is known; null for now. */
export interface ViewingReportReference {
  readonly report: StoredReport;
  readonly knownAt: number | null;
}

export const reports = defineCollection('viewing.reports', {
  /** Those of the whole world first, which is what publishedViewing adds up. */
  byShow: (report: StoredReport) => [report.showId, report.country, report.period?.from ?? null, report.period?.to ?? null],
  byPublication: (report: StoredReport) => [report.showId, report.statements[0]?.at ?? 0],
});

/** That a dataset holds the viewing of a show. */
export interface Holding extends Record<'showId' | 'datasetId' | 'namespace' | 'name', string> {
  readonly id: string;
  readonly title: string;
  readonly season: string | null;
}

export const holdings = defineCollection('viewing.holdings', {
  byShow: (holding: Holding) => [holding.showId, toSortKey(holding.namespace), toSortKey(holding.name)],
  byDataset: (holding: Holding) => [holding.datasetId, toSortKey(holding.title), toSortKey(holding.season ?? '')],
});

/**
 * All rows of one period in a dataset. Weekly lists of a year are some fifty of these, so that a dataset's hours cost
 * what the answer has periods, not what they have rows.
 */
export interface StoredPeriod {
  readonly id: string;
  readonly datasetId: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  /** Rows of the whole world with hours. */
  readonly rowsWithHours: number;
  /** Their latest hours, in whole seconds, so that sums do not depend on their order. */
  readonly seconds: number;
  /** A packed cardinality of show ids. */
  readonly shows: Uint8Array;
}

export const periods = defineCollection('viewing.periods', {
  byDataset: (period: StoredPeriod) => [period.datasetId, period.from, period.to],
});

/** A playback session as it came, people replaced by pseudonyms. */
export interface StoredSession {
  readonly id: string;
  readonly hash: string;
  readonly showId: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: Readonly<Record<string, unknown>>;
}

export const sessions = defineCollection<StoredSession>('viewing.sessions', {});

/** A show's event as it came, people replaced by pseudonyms: what it says is merged into documents that others add to. */
export interface ReceivedEvent {
  readonly id: string;
  readonly hash: string;
  /** Null for a published row, which is kept itself. */
  readonly event: ShowEvent | null;
}

export const received = defineCollection<ReceivedEvent>('viewing.received', {});

/** What sessions are told apart by, beside their show. */
export type DimensionKind = 'device' | 'country';

/** A value of a dimension that a scope's sessions have had: which buckets there are to read. */
export interface Dimension {
  readonly id: string;
  /** A bucket entity. */
  readonly scope: string;
  readonly kind: DimensionKind;
  /** Null for sessions that do not say it. */
  readonly value: string | null;
  /** The bucket entity of the scope's sessions with this value. */
  readonly entity: string;
}

export const dimensions = defineCollection('viewing.dimensions', {
  byScope: [2, (dimension: Dimension) => [dimension.scope, dimension.kind, dimension.value === null ? null : toSortKey(dimension.value)]],
});

/** The newest event of a bucket entity. */
export interface Clock {
  /** The entity. */
  readonly id: string;
  readonly newestAt: number;
}

export const clocks = defineCollection<Clock>('viewing.clocks', {});

export const buckets = defineBuckets('viewing.buckets', [
  'sessions', 'watchedMs', 'sessionsWithoutTime', 'lengthMs', 'watchedOfLengthMs', 'stalls', 'sessionsWithStalls', 'errors', 'sessionsWithErrors',
  'megabytes', 'bytes', 'sessionsWithBytes', 'kilobits', 'watchedOfBitrateMs', 'startupMs', 'rebufferMs', 'watchedOfRebufferMs', 'viewers',
  'reports', 'withoutSession', 'ignoredValues',
]);

export interface TeamReference {
  readonly id: string;
}

/** A dataset; without its names where another subgraph refers to it. */
export interface DatasetReference extends Partial<DatasetName> {
  readonly id: string;
}

export interface DatasetPartitionReference {
  readonly id: string;
}

/** A `playback` answer before its parts are read. */
export interface PlaybackReference {
  readonly origins: readonly Origin[];
  readonly window: Window;
}

export type ShowConnectionReference = Connection<ShowDocument>;
export type ViewingReportConnectionReference = Connection<ViewingReportReference>;
