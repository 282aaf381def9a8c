import { originOf, toId, toNameId } from '../../kit/graph/id.ts';
import { hash, hashText, toCanonicalJson } from '../../kit/ingest/canonical.ts';
import { replacePersonal } from '../../kit/ingest/personal.ts';
import { parseInstant } from '../../kit/ingest/time.ts';
import type {
  DatasetName, Holding, StoredSession, ShowDocument, StoredFigures, StoredReport, Statement, TeamClaim,
} from './documents.ts';
import type { PlaybackSessionEvent, PublishedReportEvent, ShowEvent } from './events.ts';

type Pseudonym = (identifier: string) => string;

/** What names a show in an event. */
interface NamedShow {
  readonly title: string;
  readonly season?: string | null | undefined;
  readonly kind?: 'FILM' | 'SERIES' | null | undefined;
  readonly qualifier?: string | null | undefined;
}

/** The document of a show of which only the name is known. */
export function toShow(namespace: string, named: NamedShow, matchTitle: string | null = null): ShowDocument {
  const { title, season = null, kind = null, qualifier = null } = named;
  return {
    id: toId('Show', namespace, title, season, kind, ...toKeyPart(qualifier)),
    namespace,
    origin: originOf(namespace),
    title,
    season,
    kind,
    qualifier,
    givenMatchTitle: matchTitle,
    claim: null,
  };
}

/** Nothing where there is no qualifier, so that the ids of all other shows are what they were before there were any. */
function toKeyPart(qualifier: string | null): readonly string[] {
  return qualifier === null ? [] : [qualifier];
}

/** What is known of one show from two sides; the same in any order. */
export function mergeShows(one: ShowDocument, other: ShowDocument): ShowDocument {
  const given = [one.givenMatchTitle, other.givenMatchTitle].filter((title) => title !== null).sort();
  return { ...one, givenMatchTitle: given[0] ?? null, claim: laterClaim(one.claim, other.claim) };
}

function laterClaim(one: TeamClaim | null, other: TeamClaim | null): TeamClaim | null {
  if (one === null || other === null) return one ?? other;
  if (one.at !== other.at) return one.at > other.at ? one : other;
  return one.hash >= other.hash ? one : other;
}

/** The dataset of a name. */
export function toDataset({ namespace, name }: { namespace: string; name: string }): DatasetName {
  return { id: toId('Dataset', namespace, name), namespace, name };
}

/** That a dataset holds a show. */
export function toHolding(show: ShowDocument, dataset: DatasetName): Holding {
  return {
    id: `${show.id}|${dataset.id}`,
    showId: show.id,
    datasetId: dataset.id,
    namespace: dataset.namespace,
    name: dataset.name,
    title: show.title,
    season: show.season,
  };
}

/** A show's event as documents. The team's name becomes its id, which shows it: mail addresses in it are replaced first. */
export function toClaimedShow(event: ShowEvent, pseudonym: Pseudonym): { show: ShowDocument; datasets: DatasetName[]; hash: string; event: ShowEvent } {
  const kept = replacePersonal(event, pseudonym);
  const { team, datasets } = kept;
  const content = hash(kept);
  const at = parseInstant(event.time ?? '')?.precise ?? '';
  const claim = typeof team === 'string' ? { teamId: toNameId('Team', team), at, hash: content } : null;
  return { show: { ...toShow(kept.namespace, kept, kept.matchTitle ?? null), claim }, datasets: (datasets ?? []).map(toDataset), hash: content, event: kept };
}

/** A published row as it stands alone. `receivedAt` counts where the event does not say when it was published. */
export function toReport(event: PublishedReportEvent, receivedAt: number): StoredReport {
  const { report, category = null, country = null, period = null, daysSinceRelease = null, releasedOn = null } = event;
  const show = toShow(event.namespace, event);
  const figures = toFigures(event);
  const published = parseInstant(event.publishedAt ?? '');
  return {
    id: toId(
      'ViewingReport', event.namespace, report, show.title, show.season, show.kind, category, country,
      period?.from ?? null, period?.to ?? null, daysSinceRelease, releasedOn, event.occurrence ?? 1, ...toKeyPart(show.qualifier),
    ),
    showId: show.id,
    report,
    category,
    country,
    period: period === null ? null : { from: period.from, to: period.to },
    daysSinceRelease,
    releasedOn,
    contents: [figures],
    statements: [{ at: published?.ms ?? receivedAt, known: published !== null, hash: figures.hash }],
    datasets: event.dataset ? [toDataset(event.dataset)] : [],
    place: event.place ?? null,
  };
}

function toFigures(event: PublishedReportEvent): StoredFigures {
  const content = {
    hoursViewed: event.hoursViewed ?? null,
    hoursRoundedTo: event.hoursRoundedTo ?? null,
    views: event.views ?? null,
    runtimeMinutes: event.runtimeMinutes ?? null,
    rank: event.rank ?? null,
    cumulativeWeeks: event.cumulativeWeeks ?? null,
    availableGlobally: event.availableGlobally ?? null,
    extra: event.extra && Object.keys(event.extra).length > 0 ? event.extra : null,
  };
  const { extra, ...plain } = content;
  // The order of the fields is this function's, so only what else the row says needs a canonical one.
  const text = JSON.stringify([...Object.values(plain), extra === null ? null : toCanonicalJson(extra)]);
  return { hash: hashText(text), ...content };
}

/** Everything published of one row; the same in any order. */
export function mergeReports(one: StoredReport, other: StoredReport): StoredReport {
  return {
    ...one,
    contents: union(one.contents, other.contents, (figures) => figures.hash),
    statements: mergeStatements([...one.statements, ...other.statements]),
    datasets: union(one.datasets, other.datasets, (dataset) => dataset.id),
    place: one.place ?? other.place,
  };
}

function union<T>(one: readonly T[], other: readonly T[], key: (item: T) => string): T[] {
  const byKey = new Map([...one, ...other].map((item) => [key(item), item]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** Of one content, all moments that are known to be its publication; only where there is none, the first receipt. */
function mergeStatements(statements: readonly Statement[]): Statement[] {
  const published = new Set(statements.filter(({ known }) => known).map((statement) => statement.hash));
  const kept = new Map<string, Statement>();
  for (const statement of statements) {
    if (!statement.known && published.has(statement.hash)) continue;
    const key = statement.known ? `${statement.hash} ${statement.at}` : statement.hash;
    const earlier = kept.get(key);
    if (earlier === undefined || statement.at < earlier.at) kept.set(key, statement);
  }
  return [...kept.values()].sort((a, b) => a.at - b.at || (a.hash < b.hash ? -1 : 1));
}

/** What is served of a row: the latest figures published by a moment; null where none were by then. */
export function figuresAt(
  report: StoredReport,
  knownAt: number | null,
): { figures: StoredFigures; statement: Statement; restated: boolean } | null {
  const known = knownAt === null ? report.statements : report.statements.filter(({ at }) => at <= knownAt);
  const statement = known.at(-1);
  const figures = report.contents.find((content) => content.hash === statement?.hash);
  if (statement === undefined || figures === undefined) return null;
  return { figures, statement, restated: known.some((each) => each.hash !== known[0]?.hash) };
}

/** Hours in whole seconds, so that sums do not depend on their order. */
export function toSeconds(hours: number): number {
  return Math.round(hours * 3600);
}

/** A session as it is kept, with the show that was played where it is known. */
export function toSession(event: PlaybackSessionEvent, pseudonym: Pseudonym): { session: StoredSession; show: ShowDocument | null } {
  const kept = replacePersonal(event, pseudonym);
  const show = kept.show ? toShow(kept.namespace, kept.show) : null;
  return {
    session: {
      id: toId('PlaybackSession', kept.source, kept.id),
      hash: hash(kept),
      showId: show?.id ?? null,
      at: parseInstant(kept.startedAt)?.ms ?? Number.NaN,
      event: kept,
    },
    show,
  };
}
