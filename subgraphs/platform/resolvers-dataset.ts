import { addDays, isCalendarDate } from '../../kit/ingest/time.ts';
import { refuse } from '../../kit/graph/errors.ts';
import { originOf, parsePartitionId, partitionId } from '../../kit/graph/id.ts';
import type { DatasetPartitionReference, RunOutputDocument } from './documents.ts';
import { bodyOf, type ColumnFact, type ColumnSource } from './facts.ts';
import { toFreshness } from './freshness.ts';
import { datasetIdOf } from './ingest.ts';
import type { Loaders } from './loaders.ts';
import { loadAll, loadHeld } from './present.ts';
import { walkOf } from './resolvers-lineage.ts';
import type { Resolvers } from './schema.generated.ts';

/** The columns that the newest event with a schema names, else those of its newest good output. */
async function columnsOf(facets: readonly (readonly [string, string, unknown])[], newest: () => Promise<readonly string[] | null>): Promise<readonly ColumnFact[]> {
  const declared = bodyOf<ColumnFact[]>(facets, 'schema');
  if (declared !== null && declared.length > 0) return declared;
  return ((await newest()) ?? []).map((name) => ({ name, type: null, description: null }));
}

async function newestHeader(loaders: Loaders, datasetId: string): Promise<readonly string[] | null> {
  const newest = (await loaders.newestOutputs.load(datasetId)).find(({ headerId, verdict }) => headerId !== null && verdict !== 'BAD');
  return newest?.headerId == null ? null : ((await loaders.header.load(newest.headerId))?.columns ?? null);
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

export const datasetResolvers: Required<Pick<Resolvers, 'Dataset' | 'DatasetPartition' | 'DatasetSchemaChange'>> = {
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
    columns: async (dataset, _, { loaders }) => {
      const columns = await columnsOf(dataset.facets, () => newestHeader(loaders, dataset.id));
      const sources = new Map(bodyOf<[string, ColumnSource[]][]>(dataset.facets, 'columnLineage') ?? []);
      return columns.map((column) => ({
        ...column,
        datasetId: dataset.id,
        inputs: (sources.get(column.name) ?? []).map(({ namespace, name, field }) => ({ datasetId: datasetIdOf(namespace, name), column: field })),
      }));
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
  DatasetSchemaChange: {
    at: ({ output }) => output.writtenAt ?? output.at,
    change: ({ output }) => output.change ?? { added: [], removed: [] },
    run: ({ output }, _, { loaders }) => loadHeld(loaders.run, output.runId),
  },
};
