import { defineSubgraph, type Receiver } from '../../kit/subgraph.ts';
import { commitLogRuns, commitOpenLineage } from './commit.ts';
import { collections } from './documents.ts';
import { readLogRuns, readOpenLineage } from './ingest.ts';
import { createLoaders } from './loaders.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';

/** Takes OpenLineage events of all three types, versions 1-0 and 2-0. */
const receiveOpenLineage: Receiver = async ({ store, pseudonym, now }, events) => {
  const { intakes, rejected } = readOpenLineage(events, pseudonym, now());
  if (intakes.length === 0) return { accepted: 0, repeated: 0, rejected };
  const outcome = await commitOpenLineage(store, intakes);
  return { ...outcome, rejected };
};

/** Takes runs of logs that have a line a run. */
const receiveLogRuns: Receiver = async ({ store, pseudonym, now }, events) => {
  const { intakes, rejected } = readLogRuns(events, pseudonym, now());
  if (intakes.length === 0) return { accepted: 0, repeated: 0, rejected };
  const outcome = await commitLogRuns(store, intakes);
  return { ...outcome, rejected: [...rejected, ...outcome.rejected].sort((first, second) => first.index - second.index) };
};

/** The data platform's loop: jobs, runs, datasets, lineage, for whom, cost, incidents. */
export const platform = defineSubgraph({
  name: 'platform',
  typeDefs,
  resolvers,
  collections,
  createLoaders,
  receivers: { openlineage: receiveOpenLineage, 'log-run': receiveLogRuns },
});
