import { scalarResolvers } from '../../kit/graph/scalars.ts';
import type { Resolvers } from './schema.generated.ts';

/** Arguments to loader to shape; fields of a document that have the schema's name and form need no resolver. */
export const resolvers: Resolvers = {
  ...scalarResolvers,
  Query: {
    note: (_, { id }, { loaders }) => loaders.note.load(id),
  },
  Note: {
    __resolveReference: ({ id }, { loaders }) => loaders.note.load(id),
    team: ({ teamId }) => ({ id: teamId }),
  },
  Team: {
    __resolveReference: ({ id }) => ({ id }),
    notes: ({ id }, page, { loaders }) => loaders.notesOfTeam.load({ prefix: [id], reverse: true, ...page }),
  },
};
