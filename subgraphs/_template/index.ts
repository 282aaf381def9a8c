import { defineSubgraph } from '../../kit/subgraph.ts';
import { notes } from './documents.ts';
import { createLoaders } from './loaders.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';
import { receiveNotes } from './store.ts';

/** Notes that people write down for teams. */
export const template = defineSubgraph({
  name: 'template',
  typeDefs,
  resolvers,
  collections: [notes],
  createLoaders,
  receivers: { note: receiveNotes },
  cloudEvents: { 'loopgraph.note': 'note' },
});
