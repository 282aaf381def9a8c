import { SECOND } from './clock.ts';
import type { Claim } from './company.ts';
import type { RunName } from './facets.ts';
import { toCostFacet, toEngineFacet, toErrorFacet, toNominalTimeFacet, toWaitFacet } from './facets.ts';
import type { Beat, Life } from './life.ts';
import { drawLife } from './life.ts';
import type { DatasetPart, Facets } from './openlineage.ts';
import { toRunEvent } from './openlineage.ts';
import type { Written } from './outputs.ts';
import { recordOutput, toInput, toOutput } from './outputs.ts';
import type { RunTally } from './truth.ts';
import type { World } from './world.ts';

/** One run that is to be played. */
export interface RunPlan {
  readonly job: string;
  /** When it was ready to run; with the job it names the run within the world. */
  readonly submittedAt: number;
  /** The team it truly runs for, where its events or its parents' say so; null where nothing says. */
  readonly team: string | null;
  readonly claim: Claim | 'RUN_FACET' | 'GRANDPARENT' | 'NOTHING';
  readonly typicalMs: number;
  readonly scheduled: boolean;
  readonly jobFacets: Facets;
  /** Beside those that every run has. */
  readonly runFacets: Facets;
  readonly inputs: readonly string[];
  readonly written: Written | null;
  /** Which of several that one person started at the same moment; told with the job for its own stream. */
  readonly turn?: number;
  /** A life that is already decided: a flow's, that lasts as long as its tasks and needs no worker of its own. */
  readonly life?: Life;
}

/** What the plans of a run's children need to know of it. */
export interface PlayedRun extends RunName {
  readonly life: Life;
}

const ERRORS = [
  'java.util.concurrent.TimeoutException: no executor was free within 600 s',
  'ExecutorLostFailure: container killed for exceeding its memory limit',
  'FileNotFoundException: a part of the input was replaced while it was read',
];
/** What a second of one worker costs, in millionths of a US dollar. */
const MICROS_PER_SECOND = 29;

export function toSide(world: World, at: number): 'before' | 'after' {
  return at < world.changeAt ? 'before' : 'after';
}

/** Decides a run's life, counts it in the truth, and tells its events. */
export function playRun(world: World, plan: RunPlan): PlayedRun {
  const random = world.random(`run/${plan.job}/${plan.submittedAt}/${plan.turn ?? 0}`);
  const runId = world.runId(plan.job, plan.submittedAt, plan.turn);
  const workers = random.between(1, 8);
  const error = random.pick(ERRORS);
  const side = toSide(world, plan.submittedAt);
  const life = plan.life ?? drawLife(random, plan.submittedAt, side, plan.typicalMs);
  const workMs = life.endedAt === null ? 0 : life.endedAt - life.startedAt;
  const costMicros = plan.life === undefined ? Math.floor((workMs * workers * MICROS_PER_SECOND) / SECOND) : 0;
  count(world, plan, life, costMicros);

  const inputs = plan.inputs.map(toInput);
  const common: Facets = {
    ...(plan.scheduled ? toNominalTimeFacet(plan.submittedAt) : {}),
    ...toEngineFacet(side),
    ...toWaitFacet(plan.submittedAt, life.startedAt),
    ...plan.runFacets,
  };
  for (const beat of life.beats) {
    const last = beat.at === life.endedAt;
    const event = toRunEvent({
      beat,
      runId,
      job: plan.job,
      jobFacets: plan.jobFacets,
      runFacets: {
        ...common,
        ...(beat.type === 'FAIL' ? toErrorFacet(error) : {}),
        ...(last && costMicros > 0 ? toCostFacet(costMicros) : {}),
      },
      inputs,
      outputs: toOutputs(world, plan.written, life, beat),
    });
    world.tell(beat.at, 'openlineage', event);
  }
  return { runId, job: plan.job, life };
}

/** A run names its output from its START on; what it wrote is told when it completes, and only where it did not fail. */
function toOutputs(world: World, written: Written | null, life: Life, beat: Beat): readonly DatasetPart[] {
  if (written === null) return [];
  const wrote = beat.type === 'COMPLETE' && life.ending === 'COMPLETE';
  if (wrote) recordOutput(world, written.dataset, beat.at);
  return [wrote ? toOutput(world, written, beat.at) : toInput(written.dataset)];
}

function count(world: World, plan: RunPlan, life: Life, costMicros: number): void {
  const { truth } = world;
  const tally = plan.team === null ? truth.unattributed : truth.runs[plan.team];
  if (tally === undefined) throw new Error(`the truth has no team ${plan.team}`);
  truth.claims[plan.claim] = (truth.claims[plan.claim] ?? 0) + 1;
  tally.runs += 1;
  tally.startsTold += life.startTold ? 1 : 0;
  tally[ENDINGS[life.ending]] += 1;
  tally.retried += life.retried ? 1 : 0;
  tally.failedThenCompleted += life.failedThenCompleted ? 1 : 0;
  tally.runMs += life.endedAt === null || !life.startTold ? 0 : life.endedAt - life.lastStartedAt;
  tally.waitMs += life.startTold ? life.waitMs : 0;
  tally.costMicros += costMicros;
  const side = truth.change[toSide(world, plan.submittedAt)];
  side.runs += 1;
  side.failed += life.ending === 'FAIL' ? 1 : 0;
  side.waitMs += life.waitMs;
}

const ENDINGS = { COMPLETE: 'completed', FAIL: 'failed', ABORT: 'aborted', LOST: 'lost' } as const satisfies Record<
  Life['ending'],
  keyof RunTally
>;
