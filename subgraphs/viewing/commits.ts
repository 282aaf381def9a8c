import { Cardinality } from '../../kit/rollup/cardinality.ts';
import { applyContributions, type Contribution } from '../../kit/rollup/rollup.ts';
import type { Collection, Document, Store, Transaction } from '../../kit/store/port.ts';
import {
  buckets, clocks, dimensions, holdings, periods, received, reports, sessions, shows,
  type DatasetName, type Dimension, type StoredPeriod, type StoredSession, type ShowDocument, type StoredReport,
} from './documents.ts';
import type { ShowEvent } from './events.ts';
import { mergeReports, mergeShows, toHolding } from './ingest.ts';
import type { Outcome } from './outcome.ts';
import { toContributions, toPeriodChanges, type PeriodChange } from './rollup.ts';

/** The most publications that are kept of one row. */
const MOST_STATEMENTS = 1_000;

/** A published row with its show. */
export interface IncomingReport {
  /** Made from source and id, with the hash of all that is said under them; null where the row has none. */
  readonly taken: { readonly id: string; readonly hash: string } | null;
  readonly report: StoredReport;
  readonly show: ShowDocument;
}

/** A row is repeated where its figures are known already, accepted where it is new or restated. */
export function commitReports(store: Store, incoming: readonly IncomingReport[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const stored = await getAll(transaction, reports, incoming.map(({ report }) => report.id));
    const known = new Map(await getAll(transaction, received, incoming.flatMap((each) => each.taken?.id ?? [])));
    const current = new Map(stored);
    const outcomes: Outcome[] = [];
    const taken: IncomingReport[] = [];
    for (const each of incoming) {
      const { report } = each;
      const earlier = each.taken === null ? undefined : known.get(each.taken.id);
      if (earlier !== undefined) {
        outcomes.push(earlier.hash === each.taken?.hash ? 'repeated' : CONFLICT);
        continue;
      }
      const before = current.get(report.id) ?? null;
      const after = before === null ? report : mergeReports(before, report);
      if (after.statements.length > MOST_STATEMENTS) {
        outcomes.push({ code: 'EVENT_INVALID', field: 'publishedAt', message: `expected at most ${MOST_STATEMENTS} publications of one row` });
        continue;
      }
      const isKnown = before?.contents.some(({ hash }) => hash === report.contents[0]?.hash) ?? false;
      outcomes.push(isKnown ? 'repeated' : 'accepted');
      current.set(report.id, after);
      taken.push(each);
      if (each.taken === null) continue;
      known.set(each.taken.id, { ...each.taken, event: null });
      transaction.put(received, { ...each.taken, event: null });
    }
    const changes: PeriodChange[] = [];
    for (const [id, after] of current) {
      const before = stored.get(id) ?? null;
      changes.push(...toPeriodChanges(before, after));
      if (before === null || !isSameReport(before, after)) transaction.put(reports, after);
    }
    await putShows(transaction, taken.map(({ show }) => show));
    await putHoldings(transaction, taken.flatMap(({ show, report }) => report.datasets.map((dataset) => ({ show, dataset }))));
    await putPeriods(transaction, changes);
    return outcomes;
  });
}

function isSameReport(one: StoredReport, other: StoredReport): boolean {
  // What is merged only ever grows, but for a receipt that a known publication replaces.
  const says = ({ statements, datasets, contents }: StoredReport): string => JSON.stringify([statements, datasets.length, contents.length]);
  return says(one) === says(other);
}

/** A show's event with its documents. */
export interface IncomingShow {
  /** Made from source and id. */
  readonly id: string;
  readonly hash: string;
  /** As it is kept. */
  readonly event: ShowEvent;
  readonly show: ShowDocument;
  readonly datasets: readonly DatasetName[];
}

/** An event is repeated where its source and id were taken before, refused where it then said something else. */
export function commitShows(store: Store, incoming: readonly IncomingShow[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const { fresh, outcomes } = sortOut(incoming, await getAll(transaction, received, incoming.map(({ id }) => id)));
    for (const { id, hash, event } of fresh) transaction.put(received, { id, hash, event });
    await putShows(transaction, fresh.map(({ show }) => show));
    await putHoldings(transaction, fresh.flatMap(({ show, datasets }) => datasets.map((dataset) => ({ show, dataset }))));
    return outcomes;
  });
}

/** A session with its show where it is known. */
export interface IncomingSession {
  readonly session: StoredSession;
  readonly show: ShowDocument | null;
}

/** As for shows; what is new is added to its buckets in the same commit. */
export function commitSessions(store: Store, incoming: readonly IncomingSession[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const identified = incoming.map((each) => ({ ...each, id: each.session.id, hash: each.session.hash }));
    const { fresh, outcomes } = sortOut(identified, await getAll(transaction, sessions, identified.map(({ id }) => id)));
    const added: Contribution[] = [];
    const shown = new Map<string, Dimension>();
    for (const { session } of fresh) {
      transaction.put(sessions, session);
      const { contributions, dimensions: seen } = toContributions(session);
      for (const contribution of contributions) added.push(contribution);
      for (const dimension of seen) shown.set(dimension.id, dimension);
    }
    await putShows(transaction, fresh.flatMap(({ show }) => show ?? []));
    await putMissing(transaction, dimensions, [...shown.values()]);
    await putClocks(transaction, added);
    await applyContributions(transaction, buckets, added, []);
    return outcomes;
  });
}

/** Parts a batch by what was taken before, in the store or earlier in the batch. */
function sortOut<T extends { readonly id: string; readonly hash: string }>(
  incoming: readonly T[],
  stored: ReadonlyMap<string, { readonly hash: string }>,
): { fresh: T[]; outcomes: Outcome[] } {
  const known = new Map([...stored].map(([id, { hash }]) => [id, hash]));
  const fresh: T[] = [];
  const outcomes = incoming.map((each): Outcome => {
    const earlier = known.get(each.id);
    if (earlier !== undefined) return earlier === each.hash ? 'repeated' : CONFLICT;
    known.set(each.id, each.hash);
    fresh.push(each);
    return 'accepted';
  });
  return { fresh, outcomes };
}

const CONFLICT: Outcome = {
  code: 'EVENT_CONFLICT',
  field: 'id',
  message: 'expected a new id, or the same content as before: an earlier event of this source and id says something else',
};

export async function getAll<D extends Document>(
  transaction: Transaction,
  collection: Collection<D>,
  ids: readonly string[],
): Promise<Map<string, D>> {
  const distinct = [...new Set(ids)];
  if (distinct.length === 0) return new Map();
  const found = await transaction.get(collection, distinct);
  return new Map(found.flatMap((document) => (document === null ? [] : [[document.id, document] as const])));
}

export async function putShows(transaction: Transaction, incoming: readonly ShowDocument[]): Promise<void> {
  const stored = await getAll(transaction, shows, incoming.map(({ id }) => id));
  const current = new Map(stored);
  for (const show of incoming) {
    const before = current.get(show.id);
    current.set(show.id, before === undefined ? show : mergeShows(before, show));
  }
  for (const [id, show] of current) {
    const before = stored.get(id);
    const isSame = before?.givenMatchTitle === show.givenMatchTitle && before.claim?.hash === show.claim?.hash;
    if (!isSame) transaction.put(shows, show);
  }
}

function putHoldings(transaction: Transaction, incoming: readonly { show: ShowDocument; dataset: DatasetName }[]): Promise<void> {
  return putMissing(transaction, holdings, incoming.map(({ show, dataset }) => toHolding(show, dataset)));
}

/** For documents whose content their id determines. */
async function putMissing<D extends Document>(transaction: Transaction, collection: Collection<D>, incoming: readonly D[]): Promise<void> {
  const missing = new Map(incoming.map((document) => [document.id, document]));
  for (const id of (await getAll(transaction, collection, [...missing.keys()])).keys()) missing.delete(id);
  for (const document of missing.values()) transaction.put(collection, document);
}

async function putPeriods(transaction: Transaction, changes: readonly PeriodChange[]): Promise<void> {
  const stored = await getAll(transaction, periods, changes.map(({ period }) => period.id));
  const drafts = new Map<string, { document: Omit<StoredPeriod, 'shows'>; shows: Cardinality }>();
  for (const { period, showId, rows, rowsWithHours, seconds } of changes) {
    let draft = drafts.get(period.id);
    if (draft === undefined) {
      const before = stored.get(period.id);
      draft = {
        document: before ?? { ...period, rows: 0, rowsWithHours: 0, seconds: 0 },
        shows: Cardinality.from(before?.shows),
      };
      drafts.set(period.id, draft);
    }
    const { document } = draft;
    draft.shows.add(showId);
    draft.document = {
      ...document,
      rows: document.rows + rows,
      rowsWithHours: document.rowsWithHours + rowsWithHours,
      seconds: document.seconds + seconds,
    };
  }
  for (const { document, shows: held } of drafts.values()) transaction.put(periods, { ...document, shows: held.toBytes() });
}

async function putClocks(transaction: Transaction, added: readonly Contribution[]): Promise<void> {
  const newest = new Map<string, number>();
  for (const { entity, at } of added) newest.set(entity, Math.max(at, newest.get(entity) ?? Number.NEGATIVE_INFINITY));
  const stored = await getAll(transaction, clocks, [...newest.keys()]);
  for (const [id, newestAt] of newest) {
    if ((stored.get(id)?.newestAt ?? Number.NEGATIVE_INFINITY) < newestAt) transaction.put(clocks, { id, newestAt });
  }
}

