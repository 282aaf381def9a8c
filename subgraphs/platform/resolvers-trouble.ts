import { joinConnections, type Connection, type PageArguments } from '../../kit/graph/connection.ts';
import { originsOf } from '../../kit/graph/id.ts';
import { parseWindow } from '../../kit/rollup/window.ts';
import type { JobRunDocument } from './documents.ts';
import type { IncidentDocument } from './documents-outputs.ts';
import type { FailureReference } from './references.ts';
import { toFreshness } from './freshness.ts';
import { toOutages } from './outages.ts';
import { loadHeld, mapConnection } from './present.ts';
import type { Resolvers } from './schema.generated.ts';
import { INCIDENT_BOUND, pageIncidents, pageIncidentsEndingAfter, pageTroubledRuns, readAllDatasets, readIncidents } from './store.ts';
import { isVanished } from './vanished.ts';

/** The most stale datasets that an answer lists. */
const STALE_BOUND = 1_000;
const FAILURES = { FAIL: 'FAILED', ABORT: 'ABORTED' } as const;

type Query = NonNullable<Resolvers['Query']>;

export const troubleResolvers: Required<Pick<Resolvers, 'Incident' | 'Outage' | 'StaleDataset'>> & {
  Query: Pick<Query, 'incidents' | 'outages' | 'staleDatasets' | 'failures'>;
} = {
  Query: {
    incidents: (_, { at, origin, first, after }, { store }) => {
      const moment = at ?? null;
      const lists = originsOf(origin).map((each) => async (page: PageArguments): Promise<Connection<IncidentDocument>> => {
        if (moment === null) return pageIncidents(store, each, page);
        const going = await pageIncidentsEndingAfter(store, each, moment, page);
        const shown = await mapConnection(going, (incident) => (incident.since <= moment ? incident : null));
        return { ...shown, totalCount: async () => null };
      });
      return joinConnections(lists, { first, after });
    },
    outages: async (_, { at, origin }, { store }) => {
      const found = await Promise.all(originsOf(origin).map((each) => readIncidents(store, each)));
      const outages = toOutages(found.flat());
      const moment = at ?? null;
      return moment === null ? outages : outages.filter(({ since, until }) => since <= moment && (until === null || until > moment));
    },
    staleDatasets: async (_, { at, origin }, { store, loaders }) => {
      const all = await readAllDatasets(store, originsOf(origin));
      const judged = await Promise.all(
        all.map(async ({ id }) => ({ datasetId: id, freshness: toFreshness(await loaders.periodOutputs.load({ datasetId: id, at }), at) })),
      );
      return judged
        .filter(({ freshness }) => freshness.stale === true)
        .sort((first, second) => (second.freshness.lagDays ?? 0) - (first.freshness.lagDays ?? 0) || (first.datasetId < second.datasetId ? -1 : 1))
        .slice(0, STALE_BOUND);
    },
    failures: (_, { window: input, origin, first, after }, { store, loaders, now }) => {
      const { from, to } = parseWindow(input);
      const toFailure = async (run: JobRunDocument): Promise<FailureReference | null> => {
        if (run.state === 'FAIL' || run.state === 'ABORT') return { run, kind: FAILURES[run.state], at: run.endedAt ?? run.at };
        return isVanished(run, await loadHeld(loaders.job, run.jobId), now()) ? { run, kind: 'VANISHED', at: run.at } : null;
      };
      const lists = originsOf(origin).map((each) => async (page: PageArguments): Promise<Connection<FailureReference>> => {
        const found = await pageTroubledRuns(store, each, from, to, page);
        return { ...(await mapConnection(found, toFailure)), totalCount: async () => null };
      });
      return joinConnections(lists, { first, after });
    },
  },
  Incident: {
    __resolveReference: async ({ id }, { loaders }) => {
      const incident = await loaders.incident.load(id);
      return incident?.stands === true ? incident : null;
    },
    dataset: (incident, _, { loaders }) => loadHeld(loaders.dataset, incident.datasetId),
    job: (incident, _, { loaders }) => loadHeld(loaders.job, incident.jobId),
    output: async (incident, _, { loaders }) => (await loadHeld(loaders.dataset, incident.datasetId)).name,
    firstRun: (incident, _, { loaders }) => loadHeld(loaders.run, incident.firstRunId),
    lastRun: (incident, _, { loaders }) => loadHeld(loaders.run, incident.lastRunId),
  },
  Outage: {
    job: ({ jobId }, _, { loaders }) => loadHeld(loaders.job, jobId),
    incidents: ({ incidents: own }) => own.slice(0, INCIDENT_BOUND),
  },
  StaleDataset: {
    dataset: ({ datasetId }, _, { loaders }) => loadHeld(loaders.dataset, datasetId),
  },
};
