import { refuse } from '../../kit/graph/errors.ts';
import { columnNode } from './collections.ts';
import type { ColumnDocument, ColumnLineageReference, LineageReference } from './references.ts';
import type { Direction } from './lineage.ts';
import type { Loaders } from './loaders.ts';
import { loadAll, loadHeld } from './present.ts';
import type { Resolvers } from './schema.generated.ts';

const DEEPEST = 100;

function checkDepth(depth: number): void {
  if (depth < 1 || depth > DEEPEST) throw refuse('BAD_ARGUMENT', `expected \`depth\` from 1 to ${DEEPEST}, got ${depth}`);
}

/** Walks lineage from a job or dataset. @throws BAD_ARGUMENT for a depth outside 1 to 100. */
export async function walkOf(loaders: Loaders, start: string, direction: Direction, depth: number): Promise<LineageReference> {
  checkDepth(depth);
  const { byKind, truncated } = await loaders.lineage.load({ start, direction, depth });
  return { jobIds: byKind.get('Job') ?? [], datasetIds: byKind.get('Dataset') ?? [], truncated };
}

function walkColumn(loaders: Loaders, column: ColumnDocument, direction: Direction, depth: number): Promise<ColumnLineageReference> {
  checkDepth(depth);
  const { datasetId, name } = column;
  return loaders.columnLineage.load({ start: columnNode(datasetId, name), datasetId, column: name, direction, depth });
}

export const lineageResolvers: Required<Pick<Resolvers, 'Lineage' | 'Column' | 'ColumnInput' | 'ColumnLineage' | 'ColumnReference'>> = {
  Lineage: {
    jobs: ({ jobIds }, _, { loaders }) => loadAll(loaders.job, jobIds),
    datasets: ({ datasetIds }, _, { loaders }) => loadAll(loaders.dataset, datasetIds),
  },
  Column: {
    inputs: (column, _, { loaders }) => loaders.columnInputs.load(columnNode(column.datasetId, column.name)),
    downstream: (column, { depth }, { loaders }) => walkColumn(loaders, column, 'downstream', depth),
    upstream: (column, { depth }, { loaders }) => walkColumn(loaders, column, 'upstream', depth),
  },
  ColumnInput: {
    dataset: ({ fromDatasetId }, _, { loaders }) => loadHeld(loaders.dataset, fromDatasetId),
    column: ({ fromColumn }) => fromColumn,
    job: ({ jobId }, _, { loaders }) => (jobId === null ? null : loadHeld(loaders.job, jobId)),
  },
  ColumnLineage: {
    wholeDatasets: ({ whole }, _, { loaders }) => loadAll(loaders.dataset, whole),
    datasets: ({ datasetIds }, _, { loaders }) => loadAll(loaders.dataset, datasetIds),
    jobs: ({ jobIds }, _, { loaders }) => loadAll(loaders.job, jobIds),
    untracedJobs: async ({ start, direction, datasetIds }, _, { loaders }) =>
      loadAll(loaders.job, await loaders.untracedJobs.load({ direction, datasetIds: [...new Set([start, ...datasetIds])] })),
  },
  ColumnReference: {
    dataset: ({ datasetId }, _, { loaders }) => loadHeld(loaders.dataset, datasetId),
  },
};
