import { joinConnections, scanConnection, type Connection, type PageArguments } from '../../kit/graph/connection.ts';
import { originsOf, type Origin } from '../../kit/graph/id.ts';
import { hashText } from '../../kit/ingest/canonical.ts';
import { readSeries, type Totals } from '../../kit/rollup/rollup.ts';
import type { Window } from '../../kit/rollup/window.ts';
import type { Store } from '../../kit/store/port.ts';
import { periodBounds } from './calendar.ts';
import {
  buckets, dimensions, holdings, periods, reports, shows,
  type Dimension, type DimensionKind, type Holding, type ShowDocument, type StoredPeriod, type StoredReport,
} from './documents.ts';
import type { Linkable } from './links.ts';
import { playerSessions } from './player-documents.ts';
import { ofPlayers, showEntity } from './rollup.ts';

/** How many rows of one show or periods of one dataset an answer adds up: 96 years of weekly lists in two categories. */
const MOST_ROWS = 10_000;
/** How many datasets of a show, shows of a dataset or values of a dimension an answer lists. */
export const MOST_LISTED = 1_000;
/** How many shows of one match title are looked at. */
const MOST_NAMESAKES = 100;

export interface ShowFilter {
  readonly namespace: string | null;
  readonly title: string | null;
  readonly matchTitle: string | null;
}

/** A page of shows in one command; two where the page crosses from recorded to simulated ones. */
export function pageOfShows(
  store: Store,
  origin: Origin | 'ANY',
  { namespace, title, matchTitle }: ShowFilter,
  page: PageArguments,
): Promise<Connection<ShowDocument>> {
  const within = (of: Origin) => (own: PageArguments): Promise<Connection<ShowDocument>> => {
    if (matchTitle !== null) return scanConnection(store, shows.byMatchTitle, { prefix: [of, hashText(matchTitle)] }, own);
    if (title !== null) {
      const prefix = [of, hashText(title), ...(namespace === null ? [] : [namespace])];
      return scanConnection(store, shows.byExactTitle, { prefix }, own);
    }
    if (namespace !== null) return scanConnection(store, shows.byNamespace, { prefix: [of, namespace] }, own);
    return scanConnection(store, shows.byTitle, { prefix: [of] }, own);
  };
  const origins = originsOf(origin);
  const [only] = origins;
  return origins.length === 1 && only !== undefined ? within(only)(page) : joinConnections(origins.map(within), page);
}

/** The rows that publishedViewing adds up, of each show, in one command. */
export async function rowsOfShows(store: Store, showIds: readonly string[], window: Window): Promise<StoredReport[][]> {
  const bounds = periodBounds(window);
  const found = await store.scanEach(reports.byShow, showIds.map((id) => [id, null]), { ...bounds, limit: MOST_ROWS });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The published periods of each dataset that may overlap a window, in one command. */
export async function periodsOfDatasets(store: Store, datasetIds: readonly string[], window: Window): Promise<StoredPeriod[][]> {
  const bounds = periodBounds(window);
  const found = await store.scanEach(periods.byDataset, datasetIds.map((id) => [id]), { ...bounds, limit: MOST_ROWS });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The datasets of each show, in one command. */
export async function datasetsOfShows(store: Store, showIds: readonly string[]): Promise<Holding[][]> {
  const found = await store.scanEach(holdings.byShow, showIds.map((id) => [id]), { limit: MOST_LISTED });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The shows of each dataset by title, one more than are listed where there are more, in one command. */
export async function showsOfDatasets(store: Store, datasetIds: readonly string[]): Promise<Holding[][]> {
  const found = await store.scanEach(holdings.byDataset, datasetIds.map((id) => [id]), { limit: MOST_LISTED + 1 });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** A dimension of a scope. */
export interface ScopeDimension {
  readonly scope: string;
  readonly kind: DimensionKind;
}

/** The values of each dimension, in one command. */
export async function dimensionsOf(store: Store, keys: readonly ScopeDimension[]): Promise<Dimension[][]> {
  const found = await store.scanEach(dimensions.byScope, keys.map(({ scope, kind }) => [scope, kind]), { limit: MOST_LISTED });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The series of each entity, in one command. */
export async function seriesOf(store: Store, entities: readonly string[], window: Window): Promise<(Totals | null)[][]> {
  const found = await readSeries(store, buckets, entities, window);
  return entities.map((entity) => found.get(entity) ?? window.points.map(() => null));
}

const PREFIX_OF_SHOWS = ofPlayers(showEntity(''));

/** When the newest session of each bucket entity of players' sessions began, in two commands; null where there is none. */
export async function newestOfPlayers(store: Store, entities: readonly string[]): Promise<(number | null)[]> {
  const ofShows = entities.filter((entity) => entity.startsWith(PREFIX_OF_SHOWS));
  const others = entities.filter((entity) => !entity.startsWith(PREFIX_OF_SHOWS));
  const last = { reverse: true, limit: 1 };
  const [byShow, byKnown] = await Promise.all([
    ofShows.length === 0 ? [] : store.scanEach(playerSessions.byShow, ofShows.map((entity) => [entity.slice(PREFIX_OF_SHOWS.length)]), last),
    others.length === 0 ? [] : store.scanEach(playerSessions.byKnown, others.map((entity) => [entity]), last),
  ]);
  const found = [...byShow, ...byKnown].map(([entry]) => entry?.document.at ?? null);
  const newest = new Map([...ofShows, ...others].map((entity, index) => [entity, found[index] ?? null]));
  return entities.map((entity) => newest.get(entity) ?? null);
}

/** What names a match title: its origin and its text. */
export interface MatchKey {
  readonly origin: Origin;
  readonly matchTitle: string;
}

/** All shows of each match title with their rows, in two commands. */
export async function namesakesOf(store: Store, keys: readonly MatchKey[]): Promise<Linkable[][]> {
  const prefixes = keys.map(({ origin, matchTitle }) => [origin, hashText(matchTitle)]);
  const found = await store.scanEach(shows.byMatchTitle, prefixes, { limit: MOST_NAMESAKES });
  const candidates = found.map((entries) => entries.map(({ document }) => document));
  // A title of one source alone has nothing to be linked to, so its rows are not read.
  const linkable = candidates.filter((each) => new Set(each.map(({ namespace }) => namespace)).size > 1).flat();
  const ids = linkable.map(({ id }) => id);
  const rows = ids.length === 0 ? [] : await store.scanEach(reports.byShow, ids.map((id) => [id, null]), { limit: MOST_ROWS });
  const rowsById = new Map(ids.map((id, index) => [id, (rows[index] ?? []).map(({ document }) => document)]));
  return candidates.map((each) => each.map((show) => ({ show, rows: rowsById.get(show.id) ?? [] })));
}
