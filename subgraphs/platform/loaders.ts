import DataLoader from 'dataloader';
import { createConnectionLoader, createDocumentLoader } from '../../kit/graph/connection.ts';
import { readSeries, type Totals } from '../../kit/rollup/rollup.ts';
import type { Window } from '../../kit/rollup/window.ts';
import type { Context, Surroundings } from '../../kit/subgraph.ts';
import { buckets, datasets, events, groupJobs, headers, incidents, jobs, outputs, runs, schemas, schemaVersions } from './collections.ts';
import type { JobRunDocument } from './documents.ts';
import type { RunOutputDocument } from './documents-outputs.ts';
import { type Walk, walkAll } from './lineage.ts';
import {
  createNeighbours, OUTPUT_BOUND, readDatasetJobs, readJobDatasets, readJobIncidents, readLatestRuns, readNewestStarts, readOutputs,
  readPeriodOutputs, readRunFacets,
} from './store.ts';
import { type ColumnWalk, readChecks, readColumnInputs, readIsNamed, readUntracedJobs, type Trace, walkColumns } from './store-columns.ts';

/** A store takes so many prefixes in one command. */
const MOST_PREFIXES = 10_000;

/** Loaders live as long as a request: what many parents ask for is one store command. */
export type Loaders = ReturnType<typeof createLoaders>;
export type RequestContext = Context<Loaders>;

export function createLoaders({ store }: Surroundings) {
  const each = { maxBatchSize: MOST_PREFIXES };
  const byWalk = { cacheKeyFn: ({ start, direction, depth }: Walk) => `${start} ${direction} ${depth}` };
  const byRun = { cacheKeyFn: (run: JobRunDocument) => run.id };
  return {
    job: createDocumentLoader(store, jobs),
    run: createDocumentLoader(store, runs),
    dataset: createDocumentLoader(store, datasets),
    output: createDocumentLoader(store, outputs),
    header: createDocumentLoader(store, headers),
    incident: createDocumentLoader(store, incidents),
    facets: new DataLoader((keys: readonly JobRunDocument[]) => readRunFacets(store, keys), byRun),
    jobDatasets: new DataLoader(
      (keys: readonly { jobId: string; kind: 'IN' | 'OUT' }[]) => readJobDatasets(store, keys),
      { cacheKeyFn: ({ jobId, kind }) => `${jobId} ${kind}`, maxBatchSize: MOST_PREFIXES },
    ),
    datasetJobs: new DataLoader(
      (keys: readonly { datasetId: string; kind: 'IN' | 'OUT' }[]) => readDatasetJobs(store, keys),
      { cacheKeyFn: ({ datasetId, kind }) => `${datasetId} ${kind}`, maxBatchSize: MOST_PREFIXES },
    ),
    latestRun: new DataLoader((jobIds: readonly string[]) => readLatestRuns(store, jobIds), each),
    lineage: new DataLoader((walks: readonly Walk[]) => walkAll(walks, createNeighbours(store), kindOfNode), byWalk),
    columnLineage: new DataLoader((walks: readonly ColumnWalk[]) => walkColumns(store, walks), byWalk),
    columnInputs: new DataLoader((nodes: readonly string[]) => readColumnInputs(store, nodes), each),
    isNamedColumn: new DataLoader((nodes: readonly string[]) => readIsNamed(store, nodes), each),
    untracedJobs: new DataLoader((traces: readonly Trace[]) => readUntracedJobs(store, traces), { cacheKeyFn: ({ datasetIds, direction }) => `${direction} ${datasetIds.join(' ')}` }),
    checks: new DataLoader((datasetIds: readonly string[]) => readChecks(store, datasetIds), each),
    schema: createDocumentLoader(store, schemas),
    event: createDocumentLoader(store, events),
    jobIncidents: new DataLoader((jobIds: readonly string[]) => readJobIncidents(store, jobIds), each),
    newestOutputs: new DataLoader((datasetIds: readonly string[]) => readOutputs(store, datasetIds), each),
    goodOutputs: new DataLoader((datasetIds: readonly string[]) =>
      readPeriodOutputs(store, datasetIds, Number.MAX_SAFE_INTEGER, OUTPUT_BOUND), each),
    /** Of each dataset, what its freshness at a moment is told from. */
    periodOutputs: createGrouped<{ datasetId: string; at: number }, RunOutputDocument[]>(
      ({ at }) => String(at),
      ({ datasetId }) => datasetId,
      ({ at }, keys) => readPeriodOutputs(store, keys.map(({ datasetId }) => datasetId), at + 1),
    ),
    /** Series of buckets by entity, one command for all entities of a window. */
    series: createGrouped<{ entity: string; window: Window }, (Totals | null)[]>(
      ({ window }) => windowKey(window),
      ({ entity }) => entity,
      async ({ window }, keys) => {
        const series = await readSeries(store, buckets, keys.map(({ entity }) => entity), window);
        return keys.map(({ entity }) => series.get(entity) ?? []);
      },
    ),
    newestStart: createGrouped<{ entity: string; window: Window }, number | null>(
      ({ window }) => windowKey(window),
      ({ entity }) => entity,
      ({ window }, keys) => readNewestStarts(store, keys.map(({ entity }) => entity), window.from, window.to),
    ),
    runsByJob: createConnectionLoader(store, runs.byJob),
    runsByJobState: createConnectionLoader(store, runs.byJobState),
    runsByGroup: createConnectionLoader(store, runs.byGroup),
    runsByGroupState: createConnectionLoader(store, runs.byGroupState),
    children: createConnectionLoader(store, runs.byParent),
    jobsByGroup: createConnectionLoader(store, groupJobs.byGroup),
    outputsByDataset: createConnectionLoader(store, outputs.byDataset),
    schemaVersions: createConnectionLoader(store, schemaVersions.byDataset),
    incidentsByDataset: createConnectionLoader(store, incidents.byDataset),
  };
}

const kindOfNode = (node: string): string => (node.startsWith('Job:') ? 'Job' : 'Dataset');

const windowKey = ({ from, to, timeZone, granularity }: Window): string => `${from} ${to} ${timeZone} ${granularity}`;

/** A loader whose batch is one call for each group of keys; nearly always there is one group. */
function createGrouped<K, V>(
  groupOf: (key: K) => string,
  nameOf: (key: K) => string,
  read: (first: K, keys: readonly K[]) => Promise<readonly V[]>,
): DataLoader<K, V, string> {
  return new DataLoader<K, V, string>(
    async (keys) => {
      const groups = new Map<string, number[]>();
      keys.forEach((key, place) => groups.set(groupOf(key), [...(groups.get(groupOf(key)) ?? []), place]));
      const values: V[] = [];
      for (const places of groups.values()) {
        const own = places.flatMap((place) => keys[place] ?? []) as K[];
        const [first] = own;
        if (first === undefined) continue;
        const found = await read(first, own);
        places.forEach((place, at) => {
          values[place] = found[at] as V;
        });
      }
      return values;
    },
    { cacheKeyFn: (key) => `${groupOf(key)} ${nameOf(key)}`, maxBatchSize: MOST_PREFIXES },
  );
}
