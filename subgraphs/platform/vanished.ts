import { DAY_MS } from '../../kit/ingest/time.ts';
import { Sketch } from '../../kit/rollup/sketch.ts';
import type { JobDocument, JobRunDocument } from './documents.ts';

/** A run that started and did not end has vanished after this, where its job's usual length is not known. */
const DEFAULT_MS = DAY_MS;
/** How many times the length that 99 of 100 of its job's runs stay within a run may take. */
const PATIENCE = 3;
/** No run has vanished before this. */
const SHORTEST_MS = 60_000;
/** Fewer ended runs than this tell no usual length. */
const FEWEST_RUNS = 5;

/** How long a run of a job may take before it counts as vanished, in milliseconds. */
function patienceFor(job: Pick<JobDocument, 'lengths'>): number {
  const lengths = Sketch.from(job.lengths);
  const usual = lengths.count < FEWEST_RUNS ? null : lengths.quantile(0.99);
  return usual === null ? DEFAULT_MS : Math.max(PATIENCE * usual, SHORTEST_MS);
}

/** True for a run that started, did not end, and is older than its job's runs get. */
export function isVanished(run: JobRunDocument, job: Pick<JobDocument, 'lengths'>, now: number): boolean {
  return run.state === 'RUNNING' && now - run.at > patienceFor(job);
}
