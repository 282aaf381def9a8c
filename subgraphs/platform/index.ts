import { createGatherer } from '../../kit/ingest/gather.ts';
import { defineSubgraph, type Receipt, type Receiver, type Rejection } from '../../kit/subgraph.ts';
import { commitLogRuns, commitOpenLineage, type Outcome } from './commit.ts';
import { collections } from './collections.ts';
import { type Intake, readOpenLineage } from './ingest.ts';
import { type LogIntake, readLogRuns } from './ingest-log.ts';
import { createLoaders } from './loaders.ts';
import { rebuild } from './rebuild.ts';
import { resolvers } from './resolvers.ts';
import { typeDefs } from './schema.generated.ts';

const takeOpenLineage = createGatherer<Intake, Outcome>(commitOpenLineage);
const takeLogRuns = createGatherer<LogIntake, Outcome>(commitLogRuns);

function toReceipt(outcomes: readonly Outcome[], invalid: readonly Rejection[]): Receipt {
  const count = (outcome: Outcome): number => outcomes.filter((each) => each === outcome).length;
  const refused = outcomes.filter((outcome) => typeof outcome === 'object');
  const rejected = [...invalid, ...refused].sort((first, second) => first.index - second.index);
  return { accepted: count('accepted'), repeated: count('repeated'), rejected };
}

/** Takes OpenLineage events of all three types, versions 1-0 and 2-0. */
const receiveOpenLineage: Receiver = async ({ store, pseudonym, now }, events) => {
  const { intakes, rejected } = readOpenLineage(events, pseudonym, now());
  return toReceipt(intakes.length === 0 ? [] : await takeOpenLineage(store, intakes), rejected);
};

/** Takes runs of logs that have a line a run. */
const receiveLogRuns: Receiver = async ({ store, pseudonym, now }, events) => {
  const { intakes, rejected } = readLogRuns(events, pseudonym, now());
  return toReceipt(intakes.length === 0 ? [] : await takeLogRuns(store, intakes), rejected);
};

/** The data platform's loop: jobs, runs, datasets, lineage, for whom, cost, incidents. */
export const platform = defineSubgraph({
  name: 'platform',
  typeDefs,
  resolvers,
  collections,
  createLoaders,
  receivers: { openlineage: receiveOpenLineage, 'log-run': receiveLogRuns },
  eventTimes: { openlineage: 'eventTime', 'log-run': 'startedAt' },
  rebuild,
});
