import type { Rejection } from '../../kit/subgraph.ts';
import { rejectEvent } from '../../kit/ingest/receipt.ts';
import type { Store, Transaction } from '../../kit/store/port.ts';
import { putMissing, type RunChange } from './change.ts';
import { attributeFamilies } from './commit-families.ts';
import { writeOutputs } from './commit-outputs.ts';
import { countRuns } from './commit-use.ts';
import { edges, events, jobs, runs } from './collections.ts';
import { foldDatasets } from './commit-datasets.ts';
import type { JobDocument, JobRunDocument, RunFold, StoredJobVersion } from './documents.ts';
import { joinFacets, joinFolds } from './fold.ts';
import { foldInto } from './fold-into.ts';
import type { Intake } from './ingest.ts';
import type { LogIntake } from './ingest-log.ts';
import { toRun } from './run.ts';

/** What became of an event: taken, taken before, or refused. */
export type Outcome = 'accepted' | 'repeated' | Rejection;

/** The most versions that a job remembers: the first ones. */
const VERSION_BOUND = 1_000;

/** Folds events into their documents, with all that follows from them, in one commit. */
export function commitOpenLineage(store: Store, intakes: readonly Intake[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const fresh = await findFresh(transaction, intakes);
    if (fresh.length === 0) return intakes.map(() => 'repeated');
    for (const { event } of fresh) transaction.put(events, event);
    await foldJobs(transaction, fresh.flatMap(({ job }) => job ?? []));
    await foldDatasets(transaction, fresh);
    await putMissing(transaction, edges, fresh.flatMap((intake) => intake.edges));
    const changes = await attributeFamilies(transaction, await foldRuns(transaction, fresh));
    for (const { after } of changes) transaction.put(runs, after);
    await countRuns(transaction, changes);
    await writeOutputs(transaction, changes);
    const taken = new Set(fresh);
    return intakes.map((intake) => (taken.has(intake) ? 'accepted' : 'repeated'));
  });
}

/** Writes runs of logs; a run whose log said something else of it before is refused. */
export function commitLogRuns(store: Store, intakes: readonly LogIntake[]): Promise<Outcome[]> {
  return store.commit(async (transaction) => {
    const stored = await transaction.get(runs, intakes.map(({ run }) => run.id));
    const known = new Map<string, JobRunDocument>();
    for (const run of stored) if (run !== null) known.set(run.id, run);
    const outcomes: Outcome[] = [];
    const changes: RunChange[] = [];
    const fresh = new Map<string, JobDocument>();
    for (const { index, run, job } of intakes) {
      const earlier = known.get(run.id);
      if (earlier === undefined) {
        known.set(run.id, run);
        changes.push({ before: null, after: run });
        fresh.set(job.id, job);
        transaction.put(runs, run);
        outcomes.push('accepted');
      } else if (earlier.log?.content === run.log?.content) outcomes.push('repeated');
      else {
        outcomes.push(rejectEvent(index, 'EVENT_CONFLICT', 'number', `expected what run ${run.runId} of ${run.log?.source ?? 'this log'} said before, got another content; a line of a log does not change`));
      }
    }
    await putMissing(transaction, jobs, [...fresh.values()]);
    await countRuns(transaction, changes);
    return outcomes;
  });
}

/** Events that were not taken before, each once. */
async function findFresh(transaction: Transaction, intakes: readonly Intake[]): Promise<Intake[]> {
  const stored = await transaction.get(events, intakes.map(({ event }) => event.id));
  const seen = new Set(stored.flatMap((event) => event?.id ?? []));
  return intakes.filter(({ event }) => !seen.has(event.id) && seen.add(event.id));
}

async function foldRuns(transaction: Transaction, intakes: readonly Intake[]): Promise<RunChange[]> {
  const folds = new Map<string, RunFold>();
  for (const { run } of intakes) {
    if (run === null) continue;
    const fold = folds.get(run.id);
    folds.set(run.id, fold === undefined ? run.fold : joinFolds(fold, run.fold));
  }
  const stored = await transaction.get(runs, [...folds.keys()]);
  return [...folds].map(([id, fold], place): RunChange => {
    const before = stored[place] ?? null;
    const known = before?.fold ?? null;
    return { before, after: toRun(id, known === null ? fold : joinFolds(known, fold)) };
  });
}

async function foldJobs(transaction: Transaction, told: readonly JobDocument[]): Promise<void> {
  await foldInto(transaction, jobs, told, (one, other) => ({
    ...one,
    facets: joinFacets(one.facets, other.facets),
    versions: joinVersions(one.versions, other.versions),
  }));
}

function joinVersions(one: JobDocument['versions'], other: JobDocument['versions']): JobDocument['versions'] {
  if (other.length === 0) return one;
  const known = new Map<string, StoredJobVersion>();
  for (const version of [...one, ...other]) {
    const earlier = known.get(version.version);
    known.set(version.version, earlier === undefined ? version : joinVersion(earlier, version));
  }
  return [...known.values()].sort((first, second) => first.firstAt - second.firstAt || (first.version < second.version ? -1 : 1)).slice(0, VERSION_BOUND);
}

const sourceOf = ({ facet, url }: StoredJobVersion): string => JSON.stringify([facet, url]);

function joinVersion(one: StoredJobVersion, other: StoredJobVersion): StoredJobVersion {
  const isFirst = one.firstAt < other.firstAt || (one.firstAt === other.firstAt && sourceOf(one) <= sourceOf(other));
  return { ...(isFirst ? one : other), lastAt: Math.max(one.lastAt, other.lastAt) };
}
