import { type Connection, type PageArguments, scanConnection, type Stretch } from '../../kit/graph/connection.ts';
import type { Origin } from '../../kit/graph/id.ts';
import type { Store } from '../../kit/store/port.ts';
import { datasets, edges, events, groups, incidents, jobs, outputs, runs } from './collections.ts';
import type { DatasetDocument, JobDocument, JobRunDocument } from './documents.ts';
import type { IncidentDocument, RunOutputDocument } from './documents-outputs.ts';
import { LEARNED_OUTPUTS } from './freshness.ts';
import { isDeletion } from './facts-values.ts';
import { eventOf } from './fold.ts';
import { LINEAGE_BOUND, type Neighbours } from './lineage.ts';

/** What is read beside documents by id and pages of lists. Each function is one store command unless it says otherwise. */

/** The most groups or jobs that platform use is cut into. */
export const GROUP_BOUND = 5_000;
/** Good outputs that a partition's runs and schema changes are looked for in. */
export const OUTPUT_BOUND = 5_000;
/** Incidents that outages are made from. */
export const INCIDENT_BOUND = 1_000;

/** Jobs of an origin by namespace and name. */
export function pageJobs(store: Store, origin: Origin, page: PageArguments): Promise<Connection<JobDocument>> {
  return scanConnection(store, jobs.byName, { prefix: [origin] }, page);
}

/** Datasets of an origin by namespace and name. */
export function pageDatasets(store: Store, origin: Origin, page: PageArguments): Promise<Connection<DatasetDocument>> {
  return scanConnection(store, datasets.byName, { prefix: [origin] }, page);
}

/** Runs of a stretch that begins with an origin, and with a state where one is asked for. */
export function pageRunsOfOrigin(store: Store, stretch: Stretch, hasState: boolean, page: PageArguments): Promise<Connection<JobRunDocument>> {
  return scanConnection(store, hasState ? runs.byOriginState : runs.byOrigin, stretch, page);
}

/** Runs of an origin that failed or were aborted, by their end, and open ones by their start; newest first. */
export function pageTroubledRuns(store: Store, origin: Origin, from: number, to: number, page: PageArguments): Promise<Connection<JobRunDocument>> {
  return scanConnection(store, runs.byFailure, { prefix: [origin], from, to, reverse: true }, page);
}

/** Incidents of an origin, newest first. */
export function pageIncidents(store: Store, origin: Origin, page: PageArguments): Promise<Connection<IncidentDocument>> {
  return scanConnection(store, incidents.byOrigin, { prefix: [origin], reverse: true }, page);
}

/** Incidents of an origin that ended after a moment, first ended first; some of them may begin after it. */
export function pageIncidentsEndingAfter(store: Store, origin: Origin, at: number, page: PageArguments): Promise<Connection<IncidentDocument>> {
  return scanConnection(store, incidents.byEnd, { prefix: [origin], from: at + 1 }, page);
}

/** The datasets that each job reads or writes. */
export async function readJobDatasets(store: Store, keys: readonly { jobId: string; kind: 'IN' | 'OUT' }[]): Promise<string[][]> {
  const found = await store.scanEach(edges.byJob, keys.map(({ jobId, kind }) => [jobId, kind]), { limit: LINEAGE_BOUND });
  return found.map((entries) => entries.map(({ document }) => document.datasetId));
}

/** The jobs that read or write each dataset. */
export async function readDatasetJobs(store: Store, keys: readonly { datasetId: string; kind: 'IN' | 'OUT' }[]): Promise<string[][]> {
  const found = await store.scanEach(edges.byDataset, keys.map(({ datasetId, kind }) => [datasetId, kind]), { limit: LINEAGE_BOUND });
  return found.map((entries) => entries.map(({ document }) => document.jobId));
}

/** Neighbours for a lineage walk: a command for the jobs of a level and one for its datasets. */
export function createNeighbours(store: Store): Neighbours {
  return async (nodes, direction) => {
    const [fromJob, fromDataset] = direction === 'downstream' ? (['OUT', 'IN'] as const) : (['IN', 'OUT'] as const);
    const jobIds = nodes.filter((node) => node.startsWith('Job:'));
    const datasetIds = nodes.filter((node) => !node.startsWith('Job:'));
    const ofJobs = jobIds.length === 0 ? [] : await readJobDatasets(store, jobIds.map((jobId) => ({ jobId, kind: fromJob })));
    const ofDatasets = datasetIds.length === 0 ? [] : await readDatasetJobs(store, datasetIds.map((datasetId) => ({ datasetId, kind: fromDataset })));
    const byNode = new Map<string, readonly string[]>([
      ...jobIds.map((id, place) => [id, ofJobs[place] ?? []] as const),
      ...datasetIds.map((id, place) => [id, ofDatasets[place] ?? []] as const),
    ]);
    return nodes.map((node) => byNode.get(node) ?? []);
  };
}

/** The run of each job that started last; null where it has none. */
export async function readLatestRuns(store: Store, jobIds: readonly string[]): Promise<(JobRunDocument | null)[]> {
  const found = await store.scanEach(runs.byJob, jobIds.map((id) => [id]), { reverse: true, limit: 1 });
  return found.map(([entry]) => entry?.document ?? null);
}

/** When the newest run of each entity (a group or a job) started within a stretch; null where none did. Two commands at most. */
export async function readNewestStarts(store: Store, entities: readonly string[], from: number, to: number): Promise<(number | null)[]> {
  const isJob = (entity: string): boolean => entity.startsWith('Job:');
  const newest = new Map<string, number>();
  for (const index of [runs.byJob, runs.byGroup]) {
    const own = entities.filter((entity) => isJob(entity) === (index === runs.byJob));
    if (own.length === 0) continue;
    const found = await store.scanEach(index, own.map((entity) => [entity]), { from, to, reverse: true, limit: 1 });
    found.forEach((entries, place) => {
      const [entry] = entries;
      if (entry !== undefined) newest.set(own[place] ?? '', entry.document.at);
    });
  }
  return entities.map((entity) => newest.get(entity) ?? null);
}

/** Good outputs that record a period, newest first, written before a moment. */
export async function readPeriodOutputs(store: Store, datasetIds: readonly string[], before: number, limit: number = LEARNED_OUTPUTS): Promise<RunOutputDocument[][]> {
  const found = await store.scanEach(outputs.byPeriod, datasetIds.map((id) => [id]), { to: before, reverse: true, limit });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The newest outputs of each dataset, newest first. */
export async function readOutputs(store: Store, datasetIds: readonly string[]): Promise<RunOutputDocument[][]> {
  const found = await store.scanEach(outputs.byDataset, datasetIds.map((id) => [id]), { reverse: true, limit: OUTPUT_BOUND });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The newest incidents of each job, newest first. */
export async function readJobIncidents(store: Store, jobIds: readonly string[]): Promise<IncidentDocument[][]> {
  const found = await store.scanEach(incidents.byJob, jobIds.map((id) => [id]), { reverse: true, limit: INCIDENT_BOUND });
  return found.map((entries) => entries.map(({ document }) => document));
}

/** The newest incidents of an origin, newest first. */
export async function readIncidents(store: Store, origin: Origin): Promise<IncidentDocument[]> {
  const found = await store.scan(incidents.byOrigin, { prefix: [origin], reverse: true, limit: INCIDENT_BOUND });
  return found.map(({ document }) => document);
}

/** The groups of an origin that have runs: entities of buckets with the team's name, null for the remainder. */
export async function readGroups(store: Store, origins: readonly Origin[]): Promise<{ id: string; team: string | null }[]> {
  const found = await store.scanEach(groups.byOrigin, origins.map((origin) => [origin]), { limit: 100_000 });
  return found.flat().map(({ document }) => ({ id: document.id, team: document.team }));
}

/** The jobs of some origins, up to one more than `limit` each. */
export async function readJobs(store: Store, origins: readonly Origin[], limit: number): Promise<JobDocument[]> {
  const found = await store.scanEach(jobs.byName, origins.map((origin) => [origin]), { limit: limit + 1 });
  return found.flat().map(({ document }) => document);
}

/** Every dataset of some origins, a command for each 10,000. */
export async function readAllDatasets(store: Store, origins: readonly Origin[]): Promise<DatasetDocument[]> {
  const all: DatasetDocument[] = [];
  for (const origin of origins) {
    for (let after: string | undefined; ; ) {
      const page = await store.scan(datasets.byName, { prefix: [origin], limit: 10_000, ...(after === undefined ? {} : { after }) });
      all.push(...page.map(({ document }) => document));
      if (page.length < 10_000) break;
      after = page.at(-1)?.position;
    }
  }
  return all;
}

/** The run facets of each run, as the last event to name each has them; of a run of a log, its further columns as `log`. */
export async function readRunFacets(store: Store, wanted: readonly JobRunDocument[]): Promise<(Record<string, unknown> | null)[]> {
  const ids = [...new Set(wanted.flatMap((run) => (run.fold?.run ?? []).map(([, stamp]) => eventOf(stamp))))];
  const bodies = new Map<string, unknown>();
  if (ids.length > 0) for (const event of await store.get(events, ids)) if (event !== null) bodies.set(event.id, event.body);
  return wanted.map((run) => {
    if (run.fold === null) return run.log?.extra == null ? null : { log: run.log.extra };
    return Object.fromEntries(
      run.fold.run.flatMap(([name, stamp]) => {
        const body = bodies.get(eventOf(stamp)) as { run?: { facets?: Record<string, unknown> } } | undefined;
        const facet = body?.run?.facets?.[name];
        return facet === undefined || isDeletion(facet) ? [] : [[name, facet] as const];
      }),
    );
  });
}
