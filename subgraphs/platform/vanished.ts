import type { JobRunDocument } from './documents.ts';
import { durationOf } from './rollup.ts';

/** A run that started and did not end has vanished after this, where its job's usual length is not known. */
const DEFAULT_MS = 86_400_000;
/** How many times the longest of the job's recent runs a run may take. */
const PATIENCE = 3;
/** Fewer ended runs than this tell no usual length. */
const FEWEST_RUNS = 5;

/** How many of a job's newest runs are looked at for its usual length. */
export const RECENT_RUNS = 50;

/** How long a run of a job may take before it counts as vanished, given the job's newest runs. */
export function patienceFor(recent: readonly JobRunDocument[]): number {
  const lengths = recent.map(durationOf).filter((length) => length !== null);
  return lengths.length < FEWEST_RUNS ? DEFAULT_MS : Math.max(PATIENCE * Math.max(...lengths), 60_000);
}

/** True for a run that started, did not end, and is older than its job's runs get. */
export function isVanished(run: JobRunDocument, recent: readonly JobRunDocument[], now: number): boolean {
  return run.state === 'RUNNING' && now - run.at > patienceFor(recent);
}
