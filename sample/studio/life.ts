import { FAILURE_PERMILLE, WAIT_PERMILLE } from './effects.ts';
import { HOUR, MINUTE, SECOND } from './clock.ts';
import type { Random } from './random.ts';

export type Ending = 'COMPLETE' | 'FAIL' | 'ABORT' | 'LOST';

/** One thing that a run tells of itself. */
export interface Beat {
  readonly at: number;
  readonly type: 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT';
}

/** What happens to one run, before anything is told of it. */
export interface Life {
  readonly ending: Ending;
  readonly startedAt: number;
  /** The START of the last attempt. */
  readonly lastStartedAt: number;
  /** The last end; null for a run that is lost. */
  readonly endedAt: number | null;
  readonly waitMs: number;
  readonly beats: readonly Beat[];
  readonly retried: boolean;
  readonly failedThenCompleted: boolean;
  readonly startTold: boolean;
}

/** How a run's life ends, in thousandths of all runs; what is left completes. */
const ABORT_PERMILLE = 15;
const LOST_PERMILLE = 12;
/** Of all runs: the first attempt fails, for a reason that no runner can mend, and the second completes. */
const RETRY_PERMILLE = 35;
/** Of all runs: completes, but its START is lost on the way. */
const UNTOLD_PERMILLE = 5;
/** Of the runs that fail: the query's FAIL is followed by the application's COMPLETE, as Spark does. */
const FAIL_THEN_COMPLETE_PERMILLE = 100;
/** As seen of Spark 4.0.5. */
const FAIL_TO_COMPLETE_MS = 47;
/** A run that is at work tells so once in this time. */
const RUNNING_EVERY = 20 * MINUTE;

/**
 * Draws a run's life. Which version of the runner is at work changes how its draws are read, never how many there are.
 * @param submittedAt when it was ready to run
 * @param typicalMs how long such a run works, typically
 */
export function drawLife(random: Random, submittedAt: number, side: 'before' | 'after', typicalMs: number): Life {
  const roll = random.below(1000);
  const waitMs = Math.floor((Math.min(random.skewed(2 * MINUTE), HOUR) * WAIT_PERMILLE[side]) / 1000);
  const workMs = Math.max(SECOND, random.skewed(typicalMs));
  const early = random.between(50, 950);
  const pauseMs = random.between(10 * SECOND, 90 * SECOND);
  const failedThenCompleted = random.chance(FAIL_THEN_COMPLETE_PERMILLE);
  const startedAt = submittedAt + waitMs;
  const cutAt = startedAt + Math.floor((workMs * early) / 1000);
  const start: Beat = { at: startedAt, type: 'START' };
  const common = { startedAt, lastStartedAt: startedAt, waitMs, retried: false, failedThenCompleted: false, startTold: true };

  if (roll < FAILURE_PERMILLE[side]) {
    const fail: Beat = { at: cutAt, type: 'FAIL' };
    const complete: Beat = { at: cutAt + FAIL_TO_COMPLETE_MS, type: 'COMPLETE' };
    const end = failedThenCompleted ? [fail, complete] : [fail];
    return { ...common, ending: 'FAIL', endedAt: cutAt, failedThenCompleted, beats: [start, ...toRunning(startedAt, cutAt), ...end] };
  }
  // From the other end of the scale, so that a smaller probability of failure leaves these runs what they were.
  const rest = 999 - roll;
  if (rest < ABORT_PERMILLE) {
    return { ...common, ending: 'ABORT', endedAt: cutAt, beats: [start, ...toRunning(startedAt, cutAt), { at: cutAt, type: 'ABORT' }] };
  }
  if (rest < ABORT_PERMILLE + LOST_PERMILLE) return { ...common, ending: 'LOST', endedAt: null, beats: [start, ...toRunning(startedAt, cutAt)] };
  const againAt = rest < ABORT_PERMILLE + LOST_PERMILLE + RETRY_PERMILLE ? cutAt + pauseMs : null;
  if (againAt !== null) {
    const endedAt = againAt + workMs;
    const first: Beat[] = [start, ...toRunning(startedAt, cutAt), { at: cutAt, type: 'FAIL' }];
    const second: Beat[] = [{ at: againAt, type: 'START' }, ...toRunning(againAt, endedAt), { at: endedAt, type: 'COMPLETE' }];
    return { ...common, ending: 'COMPLETE', lastStartedAt: againAt, endedAt, retried: true, beats: [...first, ...second] };
  }
  const endedAt = startedAt + workMs;
  const startTold = rest >= ABORT_PERMILLE + LOST_PERMILLE + RETRY_PERMILLE + UNTOLD_PERMILLE;
  const end: Beat[] = [...toRunning(startedAt, endedAt), { at: endedAt, type: 'COMPLETE' }];
  return { ...common, ending: 'COMPLETE', endedAt, startTold, beats: startTold ? [start, ...end] : end };
}

function toRunning(from: number, to: number): Beat[] {
  const beats: Beat[] = [];
  for (let at = from + RUNNING_EVERY; at < to; at += RUNNING_EVERY) beats.push({ at, type: 'RUNNING' });
  return beats;
}
