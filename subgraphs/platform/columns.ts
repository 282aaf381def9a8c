import { toId } from '../../kit/graph/id.ts';
import type { ColumnEdgeDocument, ColumnWordDocument } from './documents-columns.ts';

/** The edges that a job's word on a dataset's columns says. The id says the whole edge but for how it is made. */
function toColumnEdges({ jobId, datasetId: toDatasetId, columns, stands }: ColumnWordDocument): ColumnEdgeDocument[] {
  const edges = columns.flatMap(([toColumn, sources]) =>
    sources.map(([fromDatasetId, fromColumn, transformations]): ColumnEdgeDocument => ({
      id: toId('ColumnEdge', jobId, fromDatasetId, fromColumn, toDatasetId, toColumn),
      jobId,
      fromDatasetId,
      fromColumn,
      toDatasetId,
      toColumn,
      transformations,
      stands,
    })),
  );
  // A source that is listed twice under one column is one edge; the first is taken.
  return [...new Map(edges.toReversed().map((edge) => [edge.id, edge])).values()];
}

/** What must be written where a job's word on a dataset's columns changed: edges that are new or another, and those that are said no more. */
export function changedEdges(before: ColumnWordDocument | null, after: ColumnWordDocument): ColumnEdgeDocument[] {
  if (before !== null && before.stands === after.stands && before.content === after.content) return [];
  const standing = after.stands ? toColumnEdges(after) : [];
  const kept = new Set(standing.map(({ id }) => id));
  const gone = before === null || !before.stands ? [] : toColumnEdges(before).filter(({ id }) => !kept.has(id));
  return [...standing, ...gone.map((edge) => ({ ...edge, stands: false }))];
}
