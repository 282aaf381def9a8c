import { joinConnections } from '../../kit/graph/connection.ts';
import { refuse } from '../../kit/graph/errors.ts';
import { originsOf } from '../../kit/graph/id.ts';
import { scalarResolvers } from '../../kit/graph/scalars.ts';
import { datasetIdOf } from './ingest-datasets.ts';
import { jobIdOf } from './ingest.ts';
import { datasetResolvers } from './resolvers-dataset.ts';
import { jobResolvers } from './resolvers-job.ts';
import { lineageResolvers } from './resolvers-lineage.ts';
import { stretchOf } from './resolvers-pages.ts';
import { runResolvers } from './resolvers-run.ts';
import { troubleResolvers } from './resolvers-trouble.ts';
import { useResolvers } from './resolvers-use.ts';
import type { Resolvers } from './schema.generated.ts';
import { pageDatasets, pageJobs, pageRunsOfOrigin } from './store.ts';

interface Named {
  readonly id?: string | null | undefined;
  readonly namespace?: string | null | undefined;
  readonly name?: string | null | undefined;
}

/** The id that either way of naming an entity gives. @throws BAD_ARGUMENT where neither or half is given. */
function idOf({ id, namespace, name }: Named, toId: (namespace: string, name: string) => string): string {
  if (id != null && namespace == null && name == null) return id;
  if (id == null && namespace != null && name != null) return toId(namespace, name);
  throw refuse('BAD_ARGUMENT', 'expected either `id`, or `namespace` and `name`, got another mix of them');
}

export const resolvers: Resolvers = {
  ...scalarResolvers,
  ...jobResolvers,
  ...runResolvers,
  ...datasetResolvers,
  ...lineageResolvers,
  PlatformUse: useResolvers.PlatformUse,
  Team: useResolvers.Team,
  Incident: troubleResolvers.Incident,
  Outage: troubleResolvers.Outage,
  StaleDataset: troubleResolvers.StaleDataset,
  Query: {
    ...useResolvers.Query,
    ...troubleResolvers.Query,
    job: (_, args, { loaders }) => loaders.job.load(idOf(args, jobIdOf)),
    jobs: (_, { origin, first, after }, { store }) =>
      joinConnections(originsOf(origin).map((each) => (page) => pageJobs(store, each, page)), { first, after }),
    run: (_, { id }, { loaders }) => loaders.run.load(id),
    runs: (_, { origin, first, after, ...rest }, { store }) => {
      const hasState = rest.filter?.state != null;
      return joinConnections(originsOf(origin).map((each) => (page) => pageRunsOfOrigin(store, stretchOf([each], rest), hasState, page)), { first, after });
    },
    dataset: (_, args, { loaders }) => loaders.dataset.load(idOf(args, datasetIdOf)),
    datasets: (_, { origin, first, after }, { store }) =>
      joinConnections(originsOf(origin).map((each) => (page) => pageDatasets(store, each, page)), { first, after }),
  },
};
