import { createConnectionLoader, createDocumentLoader } from '../../kit/graph/connection.ts';
import type { Context, Surroundings } from '../../kit/subgraph.ts';
import { notes } from './documents.ts';

/** What a resolver is given. */
export type RequestContext = Context<Loaders>;

export type Loaders = ReturnType<typeof createLoaders>;

/** One request's loaders: each asks for many parents with one store command. */
export function createLoaders({ store }: Surroundings) {
  return {
    note: createDocumentLoader(store, notes),
    notesOfTeam: createConnectionLoader(store, notes.byTeam),
  };
}
