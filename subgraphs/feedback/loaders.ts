import DataLoader from 'dataloader';
import { createConnectionLoader, createDocumentLoader } from '../../kit/graph/connection.ts';
import type { Key, Store } from '../../kit/store/port.ts';
import type { Context, Surroundings } from '../../kit/subgraph.ts';
import { type About, type CellDocument, cells, feedbacks, responses, type SurveyDocument, surveys, teams, users } from './documents.ts';
import { currentVersion } from './ingest.ts';
import { SMALLEST_CELL, type Siblings } from './withholding.ts';

/** What a resolver is given. */
export type RequestContext = Context<Loaders>;

export type Loaders = ReturnType<typeof createLoaders>;

/** Which cells are each other's siblings. `open` is whether the edition shows its last step or all that it has. */
export interface Breakdown {
  readonly surveyId: string;
  readonly about: About;
  readonly question: string;
  readonly open: boolean;
}

/** The bound of `Survey.previousEdition`'s search: a survey's editions. */
const MOST_EDITIONS = 1_000;

/** One request's loaders, each of which asks for many parents with one store command. */
export function createLoaders({ store }: Surroundings) {
  return {
    team: createDocumentLoader(store, teams),
    user: createDocumentLoader(store, users),
    survey: createDocumentLoader(store, surveys),
    feedback: createDocumentLoader(store, feedbacks),
    cell: createDocumentLoader(store, cells),
    members: createConnectionLoader(store, users.byTeam),
    feedbackOfSubject: createConnectionLoader(store, feedbacks.bySubject),
    feedbackOfSurvey: createConnectionLoader(store, feedbacks.bySurvey),
    siblings: createSiblingsLoader(store),
    editions: createEditionsLoader(store),
    span: createSpanLoader(store),
  };
}

function createSiblingsLoader(store: Store): DataLoader<Breakdown, Siblings, string> {
  const load = async (open: boolean, prefixes: readonly Key[]): Promise<Siblings[]> => {
    const index = open ? cells.byShownSize : cells.byLiveSize;
    const [small, next] = await Promise.all([
      store.scanEach<CellDocument>(index, prefixes, { to: SMALLEST_CELL, limit: 1 }),
      store.scanEach<CellDocument>(index, prefixes, { from: SMALLEST_CELL, limit: 1 }),
    ]);
    return prefixes.map((_, place) => ({
      anySmall: (small[place]?.length ?? 0) > 0,
      nextSmallest: next[place]?.[0]?.document.id ?? null,
    }));
  };
  return new DataLoader(
    async (breakdowns) => {
      const results: Siblings[] = [];
      const groups = [true, false].map((open) => breakdowns.flatMap((each, place) => (each.open === open ? [place] : [])));
      await Promise.all(
        groups.map(async (places, closed) => {
          if (places.length === 0) return;
          const prefixes = places.map((place) => prefixOf(breakdowns[place]));
          const found = await load(closed === 0, prefixes);
          places.forEach((place, each) => {
            results[place] = found[each] as Siblings;
          });
        }),
      );
      return results;
    },
    { cacheKeyFn: (breakdown) => JSON.stringify([...prefixOf(breakdown), breakdown.open]) },
  );
}

function prefixOf(breakdown: Breakdown | undefined): Key {
  return breakdown ? [breakdown.surveyId, breakdown.about, breakdown.question] : [];
}

/** All editions of a survey, by namespace and name, the oldest first. */
function createEditionsLoader(store: Store): DataLoader<Pick<SurveyDocument, 'namespace' | 'name'>, SurveyDocument[], string> {
  return new DataLoader(
    async (keys) => {
      const prefixes = keys.map(({ namespace, name }): Key => [namespace, name]);
      const found = await store.scanEach(surveys.byName, prefixes, { limit: MOST_EDITIONS });
      return found.map((entries) => entries.map(({ document }) => document));
    },
    { cacheKeyFn: ({ namespace, name }) => JSON.stringify([namespace, name]) },
  );
}

/** When an edition's first and last answers were given, in milliseconds; null where no answer has a time. */
function createSpanLoader(store: Store): DataLoader<string, { readonly first: number; readonly last: number } | null> {
  return new DataLoader(async (ids) => {
    const prefixes = ids.map((id): Key => [id]);
    const [first, last] = await Promise.all(
      [false, true].map((reverse) => store.scanEach(responses.byTime, prefixes, { reverse, limit: 1 })),
    );
    return ids.map((_, place) => {
      const [from, to] = [first, last].map((entries) => entries?.[place]?.[0]?.document);
      return from && to ? { first: currentVersion(from).at, last: currentVersion(to).at } : null;
    });
  });
}
