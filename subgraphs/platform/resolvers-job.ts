import { claimOfJob, ruleFor } from './attribution.ts';
import type { JobDocument } from './documents.ts';
import { bodyOf } from './facts.ts';
import { jobIdOf } from './ingest.ts';
import { toOutages } from './outages.ts';
import { loadAll, toTeamAttribution } from './present.ts';
import { walkOf } from './resolvers-lineage.ts';
import { pageRuns } from './resolvers-pages.ts';
import { useOf } from './resolvers-use.ts';
import type { Resolvers } from './schema.generated.ts';

const jobTypeOf = (job: JobDocument): { jobType: string | null; integration: string | null } | null => bodyOf(job.facets, 'jobType');

export const jobResolvers: Required<Pick<Resolvers, 'Job'>> = {
  Job: {
    __resolveReference: (reference, { loaders }) => {
      const { id, namespace, name } = reference as { id?: string; namespace?: string; name?: string };
      if (id !== undefined) return loaders.job.load(id);
      return namespace === undefined || name === undefined ? null : loaders.job.load(jobIdOf(namespace, name));
    },
    description: (job) => bodyOf<string>(job.facets, 'documentation'),
    jobType: (job) => jobTypeOf(job)?.jobType ?? null,
    integration: (job) => jobTypeOf(job)?.integration ?? null,
    team: async (job, _, { loaders }) => {
      const latest = await loaders.latestRun.load(job.id);
      return toTeamAttribution(latest?.team ?? claimOfJob(job.facets) ?? ruleFor(job));
    },
    runs: (job, args, { loaders }) => pageRuns(loaders.runsByJob, loaders.runsByJobState, [job.id], args),
    latestRun: (job, _, { loaders }) => loaders.latestRun.load(job.id),
    inputs: async (job, _, { loaders }) => loadAll(loaders.dataset, await loaders.jobDatasets.load({ jobId: job.id, kind: 'IN' })),
    outputs: async (job, _, { loaders }) => loadAll(loaders.dataset, await loaders.jobDatasets.load({ jobId: job.id, kind: 'OUT' })),
    downstream: (job, { depth }, { loaders }) => walkOf(loaders, job.id, 'downstream', depth),
    upstream: (job, { depth }, { loaders }) => walkOf(loaders, job.id, 'upstream', depth),
    use: (job, { window }, { loaders }) => useOf(loaders, [job.id], window),
    versions: (job) => job.versions.map(({ firstAt, lastAt, version, facet, url }) => ({ version, firstSeenAt: firstAt, lastSeenAt: lastAt, namedBy: facet, url })),
    outages: async (job, _, { loaders }) => toOutages(await loaders.jobIncidents.load(job.id)),
  },
};
