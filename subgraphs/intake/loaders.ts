import DataLoader from 'dataloader';
import { createDocumentLoader } from '../../kit/graph/connection.ts';
import type { Context, Surroundings } from '../../kit/subgraph.ts';
import { refusals, unclaimedEvents } from './documents.ts';
import type { RefusalDocument } from './documents.ts';

/** What a resolver is given. */
export type RequestContext = Context<Loaders>;

export type Loaders = ReturnType<typeof createLoaders>;

/** One request's loaders: each asks for many entities with one store command. */
export function createLoaders({ store }: Surroundings) {
  return {
    refusal: new DataLoader<string, RefusalDocument | null>(async (ids) => {
      const found = await store.scanEach(refusals.byRefusal, ids.map((id) => [id]), { limit: 1 });
      return found.map(([entry]) => entry?.document ?? null);
    }),
    unclaimedEvent: createDocumentLoader(store, unclaimedEvents),
  };
}
