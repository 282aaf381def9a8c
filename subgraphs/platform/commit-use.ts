import { applyContributions, type Contribution } from '../../kit/rollup/rollup.ts';
import type { Transaction } from '../../kit/store/port.ts';
import type { RunChange } from './change.ts';
import { measureLengths } from './commit-lengths.ts';
import { buckets, groupJobs, groups, runs } from './collections.ts';
import type { JobRunDocument } from './documents.ts';
import { contributionsOf, contributionsTo, durationOf } from './rollup.ts';

const PAGE = 2_000;

/** Writes the difference that changed runs make to the buckets, to their jobs' lengths and to what is counted by group. Runs and jobs are put already. */
export async function countRuns(transaction: Transaction, changes: readonly RunChange[]): Promise<void> {
  await measureLengths(transaction, changes);
  await countGroups(transaction, changes);
  const added = changes.flatMap(({ after }) => contributionsOf(after));
  const removed = changes.flatMap(({ before }) => (before === null ? [] : contributionsOf(before)));
  const longest = Math.max(0, ...changes.map(({ after }) => durationOf(after) ?? 0));
  await applyContributions(transaction, buckets, added, removed, ({ from, to }, entity, greatest) =>
    readContributions(transaction, entity, from, to, Math.max(longest, greatest('runMs'))),
  );
}

/**
 * All that an entity's runs contribute to a stretch. A run that ended in it started no earlier than the longest run that ended in it,
 * so the index by start answers.
 */
async function readContributions(
  transaction: Transaction,
  entity: string,
  from: number,
  to: number,
  longest: number,
): Promise<Contribution[]> {
  const index = entity.startsWith('Job:') ? runs.byJob : runs.byGroup;
  const contributions: Contribution[] = [];
  for (let after: string | undefined; ; ) {
    const page = await transaction.scan(index, {
      prefix: [entity],
      from: from - longest,
      to,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { document } of page) contributions.push(...contributionsTo(entity, document));
    if (page.length < PAGE) return contributions;
    after = page.at(-1)?.position;
  }
}

/** Counts runs by group and by group and job, so that a group or a pair without a run is in no list. */
async function countGroups(transaction: Transaction, changes: readonly RunChange[]): Promise<void> {
  const byGroup = new Map<string, { by: number; run: JobRunDocument }>();
  const byPair = new Map<string, { by: number; run: JobRunDocument }>();
  const count = (run: JobRunDocument | null, by: number): void => {
    if (run === null) return;
    for (const [map, id] of [[byGroup, run.group], [byPair, `${run.group}|${run.jobId}`]] as const) {
      const counted = map.get(id);
      if (counted === undefined) map.set(id, { by, run });
      else counted.by += by;
    }
  };
  for (const { before, after } of changes) {
    if (before !== null && before.group === after.group && before.jobId === after.jobId) continue;
    count(before, -1);
    count(after, 1);
  }
  const groupIds = [...byGroup.keys()].filter((id) => byGroup.get(id)?.by !== 0);
  const pairIds = [...byPair.keys()].filter((id) => byPair.get(id)?.by !== 0);
  if (groupIds.length > 0) {
    const stored = await transaction.get(groups, groupIds);
    groupIds.forEach((id, place) => {
      const { by, run } = byGroup.get(id) ?? { by: 0, run: null };
      if (run === null) return;
      const before = stored[place] ?? { id, origin: run.origin, team: run.team?.team ?? null, runs: 0 };
      transaction.put(groups, { ...before, runs: before.runs + by });
    });
  }
  if (pairIds.length > 0) {
    const stored = await transaction.get(groupJobs, pairIds);
    pairIds.forEach((id, place) => {
      const { by, run } = byPair.get(id) ?? { by: 0, run: null };
      if (run === null) return;
      const before = stored[place] ?? { id, group: run.group, jobId: run.jobId, runs: 0 };
      transaction.put(groupJobs, { ...before, runs: before.runs + by });
    });
  }
}
