import { toId } from '../../kit/graph/id.ts';
import { defineBuckets } from '../../kit/rollup/rollup.ts';
import { defineCollection, type KeyPart } from '../../kit/store/port.ts';
import type { DatasetDocument, EdgeDocument, EventDocument, FamilyDocument, GroupDocument, GroupJobDocument, JobDocument, JobRunDocument } from './documents.ts';
import type { ColumnEdgeDocument, ColumnWordDocument, DatasetCheckDocument, DatasetSchemaVersionDocument, SchemaDocument } from './documents-columns.ts';
import type { HeaderDocument, IncidentDocument, RunOutputDocument } from './documents-outputs.ts';

/** A column, or all rows of a dataset (null), as a part of a key; names of any length. */
export function columnNode(datasetId: string, column: string | null): string {
  return toId(column === null ? 'Rows' : 'Column', datasetId, column);
}

/** States that lists can be narrowed to; runs in another state are not in the state indexes. */
const stateKey = (run: JobRunDocument, ...scope: KeyPart[]): KeyPart[] | null =>
  run.state === 'UNKNOWN' ? null : [...scope, run.state, run.at];

export const runs = defineCollection<
  JobRunDocument,
  'byOrigin' | 'byJob' | 'byGroup' | 'byOriginState' | 'byJobState' | 'byGroupState' | 'byParent' | 'byRoot' | 'byFailure'
>('platform.runs', {
  byOrigin: (run) => [run.origin, run.at],
  byJob: (run) => [run.jobId, run.at],
  byGroup: (run) => [run.group, run.at],
  byOriginState: (run) => stateKey(run, run.origin),
  byJobState: (run) => stateKey(run, run.jobId),
  byGroupState: (run) => stateKey(run, run.group),
  byParent: (run) => (run.parentId === null ? null : [run.parentId, run.at]),
  byRoot: (run) => (run.rootId === null ? null : [run.rootId, run.at]),
  byFailure: (run) =>
    run.state === 'FAIL' || run.state === 'ABORT'
      ? [run.origin, run.endedAt ?? run.at]
      : run.state === 'RUNNING'
        ? [run.origin, run.at]
        : null,
});

export const jobs = defineCollection<JobDocument, 'byName'>('platform.jobs', {
  byName: (job) => [job.origin, job.namespace.slice(0, 200), job.name.slice(0, 200)],
});

export const datasets = defineCollection<DatasetDocument, 'byName'>('platform.datasets', {
  byName: (dataset) => [dataset.origin, dataset.namespace.slice(0, 200), dataset.name.slice(0, 200)],
});

export const edges = defineCollection<EdgeDocument, 'byJob' | 'byDataset'>('platform.edges', {
  byJob: (edge) => [edge.jobId, edge.kind, edge.datasetId],
  byDataset: (edge) => [edge.datasetId, edge.kind, edge.jobId],
});

export const columnWords = defineCollection<ColumnWordDocument, 'byDataset' | 'byJob'>('platform.column-words', {
  byDataset: (word) => [word.datasetId, word.id],
  byJob: (word) => (word.stands && word.jobId !== null ? [word.jobId, word.datasetId] : null),
});

export const columnEdges = defineCollection<ColumnEdgeDocument, 'byFrom' | 'byFromDataset' | 'byTo'>('platform.column-sources', {
  byFrom: (edge) => (edge.stands ? [columnNode(edge.fromDatasetId, edge.fromColumn), edge.id] : null),
  byFromDataset: (edge) => (edge.stands ? [edge.fromDatasetId, edge.id] : null),
  byTo: (edge) => (edge.stands ? [columnNode(edge.toDatasetId, edge.toColumn), edge.id] : null),
});

export const schemas = defineCollection<SchemaDocument>('platform.schemas', {});

export const schemaVersions = defineCollection<DatasetSchemaVersionDocument, 'byDataset'>('platform.schema-versions', {
  byDataset: (version) => [version.datasetId, version.firstAt],
});

export const checks = defineCollection<DatasetCheckDocument, 'byDataset'>('platform.checks', {
  byDataset: (check) => [check.datasetId, check.id],
});

export const outputs = defineCollection<RunOutputDocument, 'byChain' | 'byDataset' | 'byPeriod'>('platform.outputs', {
  byChain: (output) => (output.writtenAt === null ? null : [output.datasetId, output.jobId, output.writtenAt]),
  byDataset: (output) => [output.datasetId, output.at],
  byPeriod: (output) =>
    output.verdict === 'GOOD' && output.lastPeriodOn !== null && output.writtenAt !== null
      ? [output.datasetId, output.writtenAt]
      : null,
});

export const headers = defineCollection<HeaderDocument>('platform.headers', {});

export const incidents = defineCollection<IncidentDocument, 'byOrigin' | 'byEnd' | 'byDataset' | 'byJob'>(
  'platform.incidents',
  {
    byOrigin: (incident) => (incident.stands ? [incident.origin, incident.since] : null),
    byEnd: (incident) => (incident.stands ? [incident.origin, incident.until ?? Number.MAX_SAFE_INTEGER] : null),
    byDataset: (incident) => (incident.stands ? [incident.datasetId, incident.since] : null),
    byJob: (incident) => (incident.stands ? [incident.jobId, incident.since] : null),
  },
);

export const events = defineCollection<EventDocument, 'bySubject'>('platform.events', {
  bySubject: (event) => [event.subjectId, event.at],
});

export const families = defineCollection<FamilyDocument>('platform.families', {});

export const groups = defineCollection<GroupDocument, 'byOrigin'>('platform.groups', {
  byOrigin: (group) => (group.runs > 0 ? [group.origin] : null),
});

export const groupJobs = defineCollection<GroupJobDocument, 'byGroup'>('platform.group-jobs', {
  byGroup: (pair) => (pair.runs > 0 ? [pair.group, pair.jobId] : null),
});

export const buckets = defineBuckets('platform.use', ['runs', 'started', 'ended', 'completed', 'failed', 'aborted', 'runMs', 'waitMs', 'users']);

export const collections = [
  runs, jobs, datasets, edges, columnWords, columnEdges, schemas, schemaVersions, checks, outputs, headers, incidents, events, families, groups, groupJobs, buckets,
];
