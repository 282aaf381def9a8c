import type { Facet, Mark, MarkType, NamedDataset, RunFold, Stamp, StoredRunState } from './documents.ts';

/**
 * Joins of what events say. Each is associative, commutative and idempotent, so events may come in any order, in any
 * batches and more than once. Reference: facets of one name, the last by (event time, hash) wins.
 */

/** Of two words on the same thing, the one of the later stamp. */
function later<T extends readonly [Stamp, ...unknown[]]>(one: T, other: T): T {
  return one[0] >= other[0] ? one : other;
}

/** Facets by name, the later stamp of each; in the order of their names. */
export function joinFacets(one: readonly Facet[], other: readonly Facet[]): readonly Facet[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  const byName = new Map(one.map((facet) => [facet[0], facet]));
  for (const facet of other) {
    const known = byName.get(facet[0]);
    if (known === undefined || facet[1] > known[1]) byName.set(facet[0], facet);
  }
  return [...byName.values()].sort(([first], [second]) => (first < second ? -1 : 1));
}

function joinDatasets(one: readonly NamedDataset[], other: readonly NamedDataset[]): readonly NamedDataset[] {
  if (other.length === 0) return one;
  const byId = new Map(one.map((dataset) => [dataset.id, dataset]));
  for (const dataset of other) {
    const known = byId.get(dataset.id);
    byId.set(dataset.id, known === undefined ? dataset : { ...known, facets: joinFacets(known.facets, dataset.facets) });
  }
  return [...byId.values()].sort((first, second) => (first.id < second.id ? -1 : 1));
}

const compareMarks = ([stamp, type]: Mark, [otherStamp, otherType]: Mark): number => {
  const [time, otherTime] = [stamp.slice(0, 30), otherStamp.slice(0, 30)];
  if (time !== otherTime) return time < otherTime ? -1 : 1;
  // Of one moment, a start comes before an end: a run of no length is one attempt.
  const [rank, otherRank] = [type === 'START' ? 0 : 1, otherType === 'START' ? 0 : 1];
  return rank - otherRank || (stamp < otherStamp ? -1 : stamp > otherStamp ? 1 : 0);
};

/** What two sets of events of one run say together. */
export function joinFolds(one: RunFold, other: RunFold): RunFold {
  return {
    marks: [...new Map([...one.marks, ...other.marks].map((mark) => [mark[0], mark])).values()].sort(compareMarks),
    running: one.running || other.running,
    firstAt: Math.min(one.firstAt, other.firstAt),
    events: one.events + other.events,
    runId: later(one.runId, other.runId),
    job: later(one.job, other.job),
    run: joinFacets(one.run, other.run),
    jobFacets: joinFacets(one.jobFacets, other.jobFacets),
    inputs: joinDatasets(one.inputs, other.inputs),
    outputs: joinDatasets(one.outputs, other.outputs),
  };
}

/** Milliseconds of a stamp's moment. */
export function momentOf(stamp: Stamp): number {
  return Date.parse(`${stamp.slice(0, 23)}Z`);
}

/** The hash of the event that gave a stamp. */
export function eventOf(stamp: Stamp): string {
  return stamp.slice(31);
}

/** The last attempt of a run. */
export interface LastAttempt {
  readonly attempts: number;
  readonly state: StoredRunState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

interface Attempt {
  started: Stamp | null;
  end: { stamp: Stamp; type: MarkType } | null;
}

/**
 * Reads the attempts off a run's marks. An attempt opens at the first START or at a START after an end; within an attempt
 * a FAIL or ABORT stands whatever follows, and of several COMPLETEs the last says when it ended.
 */
export function toLastAttempt({ marks, running }: Pick<RunFold, 'marks' | 'running'>): LastAttempt {
  let attempts = 0;
  let last: Attempt | null = null;
  for (const [stamp, type] of marks) {
    if (type === 'START') {
      if (last === null || last.end !== null) {
        last = { started: stamp, end: null };
        attempts += 1;
      }
      continue;
    }
    if (last === null) {
      last = { started: null, end: null };
      attempts += 1;
    }
    if (last.end === null || last.end.type === 'COMPLETE') last.end = { stamp, type };
  }
  return {
    attempts,
    state: last === null ? (running ? 'RUNNING' : 'UNKNOWN') : last.end === null ? 'RUNNING' : toState(last.end.type),
    startedAt: last?.started == null ? null : momentOf(last.started),
    endedAt: last?.end == null ? null : momentOf(last.end.stamp),
  };
}

function toState(type: MarkType): StoredRunState {
  return type === 'START' ? 'RUNNING' : type;
}
