import DataLoader from 'dataloader';
import { createConnectionLoader, createDocumentLoader } from '../../kit/graph/connection.ts';
import type { Window } from '../../kit/rollup/window.ts';
import type { Store } from '../../kit/store/port.ts';
import type { Context, Surroundings } from '../../kit/subgraph.ts';
import { clocks, holdings, reports, shows } from './documents.ts';
import {
  datasetsOfShows, dimensionsOf, namesakesOf, newestOfPlayers, periodsOfDatasets, rowsOfShows, seriesOf, showsOfDatasets, type MatchKey, type ScopeDimension,
} from './store.ts';

/** What is asked for of one thing in one window; `parseWindow` gives equal windows as one object. */
export interface InWindow {
  readonly id: string;
  readonly window: Window;
}

/** A loader of keys with windows: one store command for each different window of a tick. */
function createWindowLoader<V>(
  store: Store,
  read: (store: Store, ids: readonly string[], window: Window) => Promise<V[]>,
): DataLoader<InWindow, V, string> {
  const numbers = new Map<Window, number>();
  const numberOf = (window: Window): number => {
    const number = numbers.get(window) ?? numbers.size;
    numbers.set(window, number);
    return number;
  };
  return new DataLoader<InWindow, V, string>(
    async (keys) => {
      const byWindow = new Map<Window, string[]>();
      for (const { id, window } of keys) byWindow.set(window, [...(byWindow.get(window) ?? []), id]);
      const answers = new Map<string, V>();
      await Promise.all(
        [...byWindow].map(async ([window, ids]) => {
          const values = await read(store, ids, window);
          ids.forEach((id, index) => answers.set(`${numberOf(window)} ${id}`, values[index] as V));
        }),
      );
      return keys.map(({ id, window }) => answers.get(`${numberOf(window)} ${id}`) as V);
    },
    { cacheKeyFn: ({ id, window }) => `${numberOf(window)} ${id}` },
  );
}

/** The loaders of one request: each makes one store command a tick for all its keys, `namesakes` and `newestOfPlayers` two. */
export function createLoaders({ store }: Surroundings) {
  return {
    show: createDocumentLoader(store, shows),
    report: createDocumentLoader(store, reports),
    clock: createDocumentLoader(store, clocks),
    newestOfPlayers: new DataLoader((entities: readonly string[]) => newestOfPlayers(store, entities)),
    showsOfTeam: createConnectionLoader(store, shows.byTeam),
    holdingsOfDataset: createConnectionLoader(store, holdings.byDataset),
    reportsByPeriod: createConnectionLoader(store, reports.byShow),
    reportsByPublication: createConnectionLoader(store, reports.byPublication),
    datasetsOfShow: new DataLoader((ids: readonly string[]) => datasetsOfShows(store, ids)),
    showsOfDataset: new DataLoader((ids: readonly string[]) => showsOfDatasets(store, ids)),
    dimensionsOf: new DataLoader((keys: readonly ScopeDimension[]) => dimensionsOf(store, keys), { cacheKeyFn: ({ scope, kind }) => `${kind} ${scope}` }),
    rowsOfShow: createWindowLoader(store, rowsOfShows),
    periodsOfDataset: createWindowLoader(store, periodsOfDatasets),
    series: createWindowLoader(store, seriesOf),
    namesakes: new DataLoader((keys: readonly MatchKey[]) => namesakesOf(store, keys), {
      cacheKeyFn: ({ origin, matchTitle }) => `${origin} ${matchTitle}`,
    }),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
export type RequestContext = Context<Loaders>;
