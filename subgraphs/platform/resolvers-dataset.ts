import { addDays, isCalendarDate } from '../../kit/ingest/time.ts';
import { refuse } from '../../kit/graph/errors.ts';
import { originOf, parsePartitionId, partitionId } from '../../kit/graph/id.ts';
import type { DatasetDocument } from './documents.ts';
import type { RunOutputDocument } from './documents-outputs.ts';
import type { DatasetPartitionReference } from './references.ts';
import { momentOf } from './fold.ts';
import { bodyOf } from './facts.ts';
import { columnNode } from './collections.ts';
import type { ColumnFact } from './facts-columns.ts';
import { changeOfSchema } from './schema-change.ts';
import { toFreshness } from './freshness.ts';
import { datasetIdOf } from './ingest-datasets.ts';
import type { Loaders } from './loaders.ts';
import { loadAll, loadHeld } from './present.ts';
import { walkOf } from './resolvers-lineage.ts';
import type { Resolvers } from './schema.generated.ts';

/** The columns that the newest event with a schema names, else those of its newest good output. */
async function columnsOf(dataset: Pick<DatasetDocument, 'id' | 'facets'>, loaders: Loaders): Promise<readonly ColumnFact[]> {
  const told = dataset.facets.find(([name]) => name === 'schema');
  const declared = bodyOf<ColumnFact[]>(dataset.facets, 'schema');
  if (declared !== null && declared.length > 0) return declared;
  // A schema that was deleted does not come back with the output that named it.
  const since = told === undefined || told[2] !== null ? null : momentOf(told[1]);
  const newest = (await loaders.newestOutputs.load(dataset.id)).find(({ headerId, verdict, at }) => headerId !== null && verdict !== 'BAD' && (since === null || at > since));
  const header = newest?.headerId == null ? null : await loaders.header.load(newest.headerId);
  return (header?.columns ?? []).map((name) => ({ name, type: null, description: null }));
}

/** Good outputs that cover the period, oldest first. */
async function coverOf({ datasetId, fromOn, toOn }: DatasetPartitionReference, loaders: Loaders): Promise<RunOutputDocument[]> {
  const lastOn = addDays(toOn, -1);
  const outputs = await loaders.goodOutputs.load(datasetId);
  return outputs
    .filter(({ firstPeriodOn, lastPeriodOn }) => lastPeriodOn !== null && lastPeriodOn >= lastOn && (firstPeriodOn ?? lastPeriodOn) <= fromOn)
    .reverse();
}

/** The names of a dataset that is known by its id alone; whoever refers to it offers them too. */
function refuseUnnamed(id: string): never {
  throw refuse('NOT_FOUND', `expected a dataset that an event names, got ${id}`);
}

export const datasetResolvers: Required<Pick<Resolvers, 'Dataset' | 'DatasetCheck' | 'DatasetPartition' | 'DatasetSchemaChange' | 'DatasetSchemaVersion'>> = {
  Dataset: {
    __resolveReference: async (reference, { loaders }) => {
      const { id, namespace, name } = reference as { id?: string; namespace?: string; name?: string };
      if (id === undefined && (namespace === undefined || name === undefined)) return null;
      const known = id ?? datasetIdOf(namespace ?? '', name ?? '');
      return (await loaders.dataset.load(known)) ?? { id: known, namespace: namespace ?? null, name: name ?? null, facets: [] };
    },
    namespace: ({ id, namespace }) => namespace ?? refuseUnnamed(id),
    name: ({ id, name }) => name ?? refuseUnnamed(id),
    origin: ({ id, namespace }) => originOf(namespace ?? refuseUnnamed(id)),
    description: (dataset) => bodyOf<string>(dataset.facets, 'documentation'),
    columns: async (dataset, _, { loaders }) => (await columnsOf(dataset, loaders)).map((column) => ({ ...column, datasetId: dataset.id })),
    column: async (dataset, { name }, { loaders }) => {
      const [known, isNamed] = await Promise.all([columnsOf(dataset, loaders), loaders.isNamedColumn.load(columnNode(dataset.id, name))]);
      const column = known.find((each) => each.name === name) ?? (isNamed ? { name, type: null, description: null } : null);
      return column === null ? null : { ...column, datasetId: dataset.id };
    },
    rowInputs: (dataset, _, { loaders }) => loaders.columnInputs.load(columnNode(dataset.id, null)),
    schemaVersions: (dataset, { first, after }, { loaders }) => loaders.schemaVersions.load({ prefix: [dataset.id], reverse: true, first, after }),
    assertions: async (dataset, _, { loaders }) => {
      const deleted = 'assertionsDeleted' in dataset ? dataset.assertionsDeleted : null;
      return (await loaders.checks.load(dataset.id)).filter(({ stamp }) => deleted === null || stamp > deleted);
    },
    writers: async (dataset, _, { loaders }) => loadAll(loaders.job, await loaders.datasetJobs.load({ datasetId: dataset.id, kind: 'OUT' })),
    readers: async (dataset, _, { loaders }) => loadAll(loaders.job, await loaders.datasetJobs.load({ datasetId: dataset.id, kind: 'IN' })),
    outputs: (dataset, { first, after }, { loaders }) => loaders.outputsByDataset.load({ prefix: [dataset.id], reverse: true, first, after }),
    downstream: (dataset, { depth }, { loaders }) => walkOf(loaders, dataset.id, 'downstream', depth),
    upstream: (dataset, { depth }, { loaders }) => walkOf(loaders, dataset.id, 'upstream', depth),
    freshness: async (dataset, { at }, { loaders, now }) => {
      const moment = at ?? now();
      return toFreshness(await loaders.periodOutputs.load({ datasetId: dataset.id, at: moment }), moment);
    },
    incidents: (dataset, { first, after }, { loaders }) => loaders.incidentsByDataset.load({ prefix: [dataset.id], reverse: true, first, after }),
    schemaChanges: async (dataset, _, { loaders }) =>
      (await loaders.newestOutputs.load(dataset.id)).filter(({ verdict, change }) => verdict === 'GOOD' && change !== null).map((output) => ({ output })),
    partition: (dataset, { fromOn, toOn }) => {
      if (fromOn >= toOn || !isCalendarDate(fromOn)) throw refuse('BAD_ARGUMENT', `expected \`toOn\` after \`fromOn\`, got ${fromOn} to ${toOn}`);
      const partition = { datasetId: dataset.id, fromOn, toOn };
      return { id: partitionId(partition), ...partition };
    },
  },
  DatasetPartition: {
    __resolveReference: ({ id }) => {
      const partition = parsePartitionId(id);
      return partition === null ? null : { id, ...partition };
    },
    dataset: ({ datasetId }, _, { loaders }) => loaders.dataset.load(datasetId),
    firstRun: async (partition, _, { loaders }) => {
      const [first] = await coverOf(partition, loaders);
      return first === undefined ? null : loaders.run.load(first.runId);
    },
    lastRun: async (partition, _, { loaders }) => {
      const last = (await coverOf(partition, loaders)).at(-1);
      return last === undefined ? null : loaders.run.load(last.runId);
    },
  },
  DatasetSchemaVersion: {
    firstSeenAt: ({ firstAt }) => firstAt,
    lastSeenAt: ({ lastAt }) => lastAt,
    columns: async ({ schemaId }, _, { loaders }) => (await loadHeld(loaders.schema, schemaId)).columns.map(([name, type]) => ({ name, type })),
    change: async ({ schemaId, previousId }, _, { loaders }) => {
      if (previousId === null) return null;
      const [before, after] = await Promise.all([loadHeld(loaders.schema, previousId), loadHeld(loaders.schema, schemaId)]);
      return changeOfSchema(before.columns, after.columns);
    },
  },
  DatasetCheck: {
    assertion: ({ fact }) => fact.assertion,
    success: ({ fact }) => fact.success,
    column: ({ fact }) => fact.column,
    name: ({ fact }) => fact.name,
    severity: ({ fact }) => fact.severity,
    description: ({ fact }) => fact.description,
    expected: ({ fact }) => fact.expected,
    actual: ({ fact }) => fact.actual,
    checkedAt: ({ stamp }) => momentOf(stamp),
    run: ({ runId }, _, { loaders }) => (runId === null ? null : loaders.run.load(runId)),
  },
  DatasetSchemaChange: {
    at: ({ output }) => output.writtenAt ?? output.at,
    change: ({ output }) => output.change ?? { added: [], removed: [] },
    run: ({ output }, _, { loaders }) => loadHeld(loaders.run, output.runId),
  },
};
