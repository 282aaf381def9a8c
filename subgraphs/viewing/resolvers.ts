import type { Connection } from '../../kit/graph/connection.ts';
import { refuse } from '../../kit/graph/errors.ts';
import { originOf, originsOf, type Origin } from '../../kit/graph/id.ts';
import { scalarResolvers } from '../../kit/graph/scalars.ts';
import { parseWindow, type Window, type WindowInput } from '../../kit/rollup/window.ts';
import { matchTitleOf, type DatasetName, type DatasetReference, type DimensionKind, type Holding, type ShowDocument, type StoredFigures, type Statement } from './documents.ts';
import { figuresAt } from './ingest.ts';
import { hasHours, toLinks } from './links.ts';
import type { Loaders, RequestContext } from './loaders.ts';
import { toDatasetViewing, toPublishedViewing } from './published.ts';
import { reportsEntityOf } from './player-session.ts';
import { attributedEntity, isOfPlayers, ofPlayers, showEntity, unattributedEntity, wholeScope } from './rollup.ts';
import type { Resolvers, ResolversTypes } from './schema.generated.ts';
import { addSeries, toPlayerReports, toSessionsOfDataset, toViewing, countOf, type Series } from './sessions.ts';
import { MOST_LISTED, pageOfShows } from './store.ts';

const nameHeld = ({ datasetId: id, namespace, name }: Holding): DatasetName => ({ id, namespace, name });

/** The names of a dataset that another subgraph refers to, as a show that it holds says them. */
async function nameOf({ id, namespace, name }: DatasetReference, loaders: Loaders): Promise<DatasetName> {
  if (namespace !== undefined && name !== undefined) return { id, namespace, name };
  const [holding] = await loaders.showsOfDataset.load(id);
  if (holding === undefined) throw refuse('NOT_FOUND', `expected a dataset that holds a show's viewing, got ${id}`);
  return nameHeld(holding);
}

type DeviceViewing = Awaited<ResolversTypes['DeviceViewing']>;
type CountryViewing = Awaited<ResolversTypes['CountryViewing']>;
type Figures = Awaited<ResolversTypes['ReportFigures']>;

/** Bucket entities with those of players' sessions beside them. */
const withPlayers = (entities: readonly string[]): string[] => entities.flatMap((entity) => [entity, ofPlayers(entity)]);

/** The sessions of bucket entities together. */
const seriesOf = async (loaders: Loaders, entities: readonly string[], window: Window): Promise<Series> =>
  addSeries(await Promise.all(entities.map((id) => loaders.series.load({ id, window }))));

/** The sessions of bucket entities together, as one viewing. */
async function viewingOf(loaders: Loaders, entities: readonly string[], window: Window): Promise<Awaited<ResolversTypes['Viewing']>> {
  const [series, clocks, newestOfPlayers] = await Promise.all([
    seriesOf(loaders, entities, window),
    loaders.clock.loadMany(entities.filter((entity) => !isOfPlayers(entity))),
    loaders.newestOfPlayers.loadMany(entities.filter(isOfPlayers)),
  ]);
  const newest = [
    ...clocks.flatMap((clock) => (clock === null || clock instanceof Error ? [] : clock.newestAt)),
    ...newestOfPlayers.filter((at) => typeof at === 'number'),
  ];
  return toViewing(series, window, newest.length === 0 ? null : Math.max(...newest));
}

/** Whose sessions are told apart. */
interface Scopes {
  readonly scopes: readonly string[];
  /** Bucket entities of players' sessions, whose reports say neither device nor country. */
  readonly ofPlayersOnly: readonly string[];
}

const scopesOfShow = (id: string): Scopes => ({ scopes: [showEntity(id)], ofPlayersOnly: [ofPlayers(showEntity(id))] });
const scopesOfAll = (origins: readonly Origin[]): Scopes => ({ scopes: origins.map(wholeScope), ofPlayersOnly: origins.flatMap(wholeEntities).map(ofPlayers) });

/** Sessions by the values of a dimension, those of one value together, most hours first. */
async function byValue(loaders: Loaders, kind: DimensionKind, { scopes, ofPlayersOnly }: Scopes, window: Window): Promise<{ value: string | null; viewing: Awaited<ResolversTypes['Viewing']> }[]> {
  const dimensions = (await Promise.all(scopes.map((scope) => loaders.dimensionsOf.load({ scope, kind })))).flat();
  const values = new Map<string | null, string[]>([[null, [...ofPlayersOnly]]]);
  for (const { value, entity } of dimensions) values.set(value, [...(values.get(value) ?? []), entity]);
  const groups = await Promise.all([...values].map(async ([value, entities]) => ({ value, entities, series: await seriesOf(loaders, entities, window) })));
  const played = groups.flatMap(({ value, entities, series }) => (countOf(series, 'sessions') > 0 ? [{ value, entities, watchedMs: countOf(series, 'watchedMs') }] : []));
  played.sort((a, b) => b.watchedMs - a.watchedMs || ((a.value ?? '') < (b.value ?? '') ? -1 : 1));
  return Promise.all(played.map(async ({ value, entities }) => ({ value, viewing: await viewingOf(loaders, entities, window) })));
}

async function byDevice(loaders: Loaders, scopes: Scopes, window: Window): Promise<DeviceViewing[]> {
  return (await byValue(loaders, 'device', scopes, window)).map(({ value: device, viewing }) => ({ device, viewing }));
}

async function byCountry(loaders: Loaders, scopes: Scopes, window: Window): Promise<CountryViewing[]> {
  return (await byValue(loaders, 'country', scopes, window)).map(({ value: country, viewing }) => ({ country, viewing }));
}

function mapConnection<T, R>(connection: Connection<T>, map: (node: T) => R): Connection<R> {
  const edges = connection.edges.map(({ cursor, node }) => ({ cursor, node: map(node) }));
  return { ...connection, edges, nodes: edges.map(({ node }) => node) };
}

/** A show that a holding names exists since the same commit. */
async function showsOfHoldings(
  connection: Connection<{ readonly showId: string }>,
  loaders: Loaders,
): Promise<Connection<ShowDocument>> {
  const shows = new Map<string, ShowDocument>();
  for (const show of await loaders.show.loadMany(connection.nodes.map(({ showId }) => showId))) {
    if (show !== null && !(show instanceof Error)) shows.set(show.id, show);
  }
  const edges = connection.edges.flatMap(({ cursor, node: { showId } }) => {
    const node = shows.get(showId);
    return node === undefined ? [] : [{ cursor, node }];
  });
  return { ...connection, edges, nodes: edges.map(({ node }) => node) };
}

function toFigures(figures: StoredFigures, { at, known }: Statement): Figures {
  return { ...figures, publishedAt: at, publicationKnown: known };
}

const wholeEntities = (origin: Origin): string[] => [attributedEntity(origin), unattributedEntity(origin)];

const windowOf = ({ window }: { readonly window: WindowInput }): Window => parseWindow(window);

export const resolvers: Resolvers<RequestContext> = {
  ...scalarResolvers,

  Query: {
    show: (_, { id }, { loaders }) => loaders.show.load(id),
    shows: (_, { origin, namespace = null, title = null, matchTitle = null, ...page }, { store }) => {
      if (matchTitle !== null && (title !== null || namespace !== null)) {
        throw refuse('BAD_ARGUMENT', 'expected `matchTitle` alone, got it with `title` or `namespace`: leave one out');
      }
      return pageOfShows(store, origin, { namespace, title, matchTitle }, page);
    },
    playback: (_, { origin, ...arguments_ }) => ({ origins: originsOf(origin), window: windowOf(arguments_) }),
  },

  Playback: {
    total: ({ origins, window }, _, { loaders }) =>
      viewingOf(loaders, withPlayers(origins.flatMap(wholeEntities)), window),
    attributed: ({ origins, window }, _, { loaders }) => viewingOf(loaders, withPlayers(origins.map(attributedEntity)), window),
    unattributed: ({ origins, window }, _, { loaders }) => viewingOf(loaders, withPlayers(origins.map(unattributedEntity)), window),
    byDevice: ({ origins, window }, _, { loaders }) => byDevice(loaders, scopesOfAll(origins), window),
    byCountry: ({ origins, window }, _, { loaders }) => byCountry(loaders, scopesOfAll(origins), window),
    playerReports: async ({ origins, window }, _, { loaders }) => toPlayerReports(await seriesOf(loaders, origins.map(reportsEntityOf), window)),
  },

  Show: {
    __resolveReference: ({ id }, { loaders }) => loaders.show.load(id),
    matchTitle: (show) => matchTitleOf(show),
    team: ({ claim }) => (claim === null ? null : { id: claim.teamId }),
    viewing: ({ id }, arguments_, { loaders }) => viewingOf(loaders, withPlayers([showEntity(id)]), windowOf(arguments_)),
    viewingByDevice: ({ id }, arguments_, { loaders }) => byDevice(loaders, scopesOfShow(id), windowOf(arguments_)),
    viewingByCountry: ({ id }, arguments_, { loaders }) => byCountry(loaders, scopesOfShow(id), windowOf(arguments_)),
    publishedViewing: async ({ id }, { knownAt = null, ...arguments_ }, { loaders }) => {
      const window = windowOf(arguments_);
      return toPublishedViewing(await loaders.rowsOfShow.load({ id, window }), window, knownAt);
    },
    reports: async ({ id }, { knownAt = null, first, after }, { loaders }) => {
      const page = { prefix: [id], first, after };
      const found =
        knownAt === null
          ? await loaders.reportsByPeriod.load(page)
          : await loaders.reportsByPublication.load({ ...page, to: knownAt + 1 });
      return mapConnection(found, (report) => ({ report, knownAt }));
    },
    datasets: async ({ id }, _, { loaders }) =>
      (await loaders.datasetsOfShow.load(id)).map(nameHeld),
    links: async (show, _, { loaders }) => {
      const namesakes = await loaders.namesakes.load({ origin: show.origin, matchTitle: matchTitleOf(show) });
      return toLinks(show, namesakes.map((each) => ({ ...each, rows: each.rows.filter(hasHours) })));
    },
  },

  ViewingReport: {
    __resolveReference: async ({ id }, { loaders }) => {
      const report = await loaders.report.load(id);
      return report === null ? null : { report, knownAt: null };
    },
    id: ({ report }) => report.id,
    show: async ({ report }, _, { loaders }) => {
      const show = await loaders.show.load(report.showId);
      if (show === null) throw new Error(`expected the show ${report.showId} of the report ${report.id} in the store, got none`);
      return show;
    },
    report: ({ report }) => report.report,
    category: ({ report }) => report.category,
    country: ({ report }) => report.country,
    fromOn: ({ report }) => report.period?.from ?? null,
    toOn: ({ report }) => report.period?.to ?? null,
    daysSinceRelease: ({ report }) => report.daysSinceRelease,
    releasedOn: ({ report }) => report.releasedOn,
    figures: ({ report, knownAt }) => {
      const served = figuresAt(report, knownAt);
      if (served === null) throw new Error(`expected a publication of ${report.id} by ${String(knownAt)}, got none`);
      return toFigures(served.figures, served.statement);
    },
    restated: ({ report, knownAt }) => figuresAt(report, knownAt)?.restated ?? false,
    versions: ({ report, knownAt }) =>
      report.statements
        .filter(({ at }) => knownAt === null || at <= knownAt)
        .flatMap((statement) => {
          const figures = report.contents.find(({ hash }) => hash === statement.hash);
          return figures === undefined ? [] : [toFigures(figures, statement)];
        }),
    datasets: ({ report }) => report.datasets,
  },

  Team: {
    __resolveReference: ({ id }) => ({ id }),
    shows: ({ id }, { first, after }, { loaders }) => loaders.showsOfTeam.load({ prefix: [id], first, after }),
  },

  Dataset: {
    __resolveReference: ({ id }) => ({ id }),
    namespace: async (dataset, _, { loaders }) => (await nameOf(dataset, loaders)).namespace,
    name: async (dataset, _, { loaders }) => (await nameOf(dataset, loaders)).name,
    origin: async (dataset, _, { loaders }) => originOf((await nameOf(dataset, loaders)).namespace),
    shows: async ({ id }, { first, after }, { loaders }) =>
      showsOfHoldings(await loaders.holdingsOfDataset.load({ prefix: [id], first, after }), loaders),
    viewing: async ({ id }, arguments_, { loaders }) => {
      const window = windowOf(arguments_);
      const [held, periods] = await Promise.all([
        loaders.showsOfDataset.load(id),
        loaders.periodsOfDataset.load({ id, window }),
      ]);
      if (periods.length > 0) return toDatasetViewing(id, periods, window);
      const listed = held.slice(0, MOST_LISTED);
      const series = await Promise.all(listed.map(({ showId }) => seriesOf(loaders, withPlayers([showEntity(showId)]), window)));
      return toSessionsOfDataset(series, window, held.length > MOST_LISTED);
    },
  },

  Node: { __resolveType: () => null },
};
