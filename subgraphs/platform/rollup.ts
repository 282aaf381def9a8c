import type { Contribution } from '../../kit/rollup/rollup.ts';
import type { Origin } from '../../kit/graph/id.ts';
import type { Attribution, JobRunDocument } from './documents.ts';
import { toNameId } from '../../kit/graph/id.ts';

/** The remainder of an origin's runs for which nothing says a team. */
export function unattributedGroup(origin: Origin): string {
  return `${origin}:unattributed`;
}

/** The group of a team's runs of one origin; with `unattributedGroup` the bucket entities whose merge is all runs. */
export function teamGroup(origin: Origin, team: string): string {
  return `${origin}:${toNameId('Team', team)}`;
}

/** The group that a run is counted in. */
export function groupOf(origin: Origin, team: Attribution | null): string {
  return team === null ? unattributedGroup(origin) : teamGroup(origin, team.team);
}

/** Longer than ten years is a broken clock, and would break sums that must stay exact. */
export const LONGEST_MS = 315_360_000_000;

/** How long the last attempt took, in milliseconds; null where start or end is unknown or the clocks disagree. */
export function durationOf(run: Pick<JobRunDocument, 'startedAt' | 'endedAt'>): number | null {
  if (run.startedAt === null || run.endedAt === null) return null;
  const length = run.endedAt - run.startedAt;
  return length < 0 || length > LONGEST_MS ? null : length;
}

const OUTCOMES: Readonly<Record<JobRunDocument['state'], string | null>> = {
  COMPLETE: 'completed',
  FAIL: 'failed',
  ABORT: 'aborted',
  RUNNING: null,
  UNKNOWN: null,
};

/**
 * What a run adds to the buckets of its group and its job: itself, its start, wait and person where it stands in lists, outcomes,
 * run time and cost (`cost:<currency>`, in millionths) where it ends. A pure function of the stored run, so the stored run is the
 * memory of what was contributed.
 */
export function contributionsOf(run: JobRunDocument): Contribution[] {
  return [...contributionsTo(run.group, run), ...contributionsTo(run.jobId, run)];
}

/** The part of `contributionsOf` that goes to one entity. */
export function contributionsTo(entity: string, run: JobRunDocument): Contribution[] {
  const contributions: Contribution[] = [];
  const uniques = run.user === null ? {} : { uniques: { users: [run.user] } };
  const started: Record<string, number> = run.startedAt === null ? {} : { started: 1 };
  const waits = run.startedAt === null || run.waitMs === null ? {} : { values: { waitMs: [run.waitMs] } };
  contributions.push({ entity, at: run.at, counts: { runs: 1, ...started }, ...waits, ...uniques });
  const counts: Record<string, number> = {};
  for (const { currency, micros } of run.costs) counts[`cost:${currency}`] = (counts[`cost:${currency}`] ?? 0) + micros;
  if (run.endedAt !== null) {
    counts['ended'] = 1;
    const outcome = OUTCOMES[run.state];
    if (outcome !== null) counts[outcome] = 1;
  }
  const duration = durationOf(run);
  if (Object.keys(counts).length > 0) {
    const values = duration === null ? {} : { values: { runMs: [duration] } };
    contributions.push({ entity, at: run.endedAt ?? run.at, counts, ...values });
  }
  return contributions;
}
