import { refuse } from '../../kit/graph/errors.ts';
import type { LineageReference } from './documents.ts';
import type { Direction } from './lineage.ts';
import type { Loaders } from './loaders.ts';
import { loadAll } from './present.ts';
import type { Resolvers } from './schema.generated.ts';

const DEEPEST = 100;

/** Walks lineage from a job or dataset. @throws BAD_ARGUMENT for a depth outside 1 to 100. */
export function walkOf(loaders: Loaders, start: string, direction: Direction, depth: number): Promise<LineageReference> {
  if (depth < 1 || depth > DEEPEST) throw refuse('BAD_ARGUMENT', `expected \`depth\` from 1 to ${DEEPEST}, got ${depth}`);
  return loaders.lineage.load({ start, direction, depth });
}

export const lineageResolvers: Required<Pick<Resolvers, 'Lineage'>> = {
  Lineage: {
    jobs: ({ jobIds }, _, { loaders }) => loadAll(loaders.job, jobIds),
    datasets: ({ datasetIds }, _, { loaders }) => loadAll(loaders.dataset, datasetIds),
  },
};
