import type { StudioOptions } from './options.ts';

/** What became of the runs that ran for one team, as the player decided it. */
export interface RunTally {
  /** All runs. `completed + failed + aborted + lost` is this. */
  runs: number;
  /** Runs whose START was told; a few START events are lost on their way. */
  startsTold: number;
  completed: number;
  failed: number;
  aborted: number;
  /** Started and never heard of again. */
  lost: number;
  /** Of the completed: those whose first attempt failed. */
  retried: number;
  /** Of the failed: those that said COMPLETE as well, 47 ms after FAIL. */
  failedThenCompleted: number;
  /**
   * From the START of the last attempt to its end, where both were told; milliseconds. A FAIL is the end, whatever is
   * said after it.
   */
  runMs: number;
  /** From submission to START, where that was told; milliseconds. */
  waitMs: number;
  /** In millionths of a US dollar. */
  costMicros: number;
}

/** A stretch of runs that ended well and wrote bad output. */
export interface IncidentTruth {
  readonly dataset: string;
  readonly fault: Fault;
  /** The end of the first run that wrote bad output. */
  readonly since: string;
  /** The end of the first run after it that wrote good output; null where none did. */
  until: string | null;
  badOutputs: number;
}

export type Fault = 'ROW_LOSS' | 'EMPTY' | 'NULL_CONTENT' | 'WEB_PAGE' | 'COLUMN_GONE';

export interface ViewingTally {
  sessions: number;
  watchedMs: number;
}

/** What one team answered in one edition. Answers left out are not counted. */
export interface SurveyTally {
  invited: number;
  responses: number;
  /** By grade: how many gave 1, 2, 3, 4 and 5. */
  readonly satisfaction: number[];
  /** By grade: how many gave 0 to 10. */
  readonly recommendation: number[];
}

/** Runs and failures on one side of the change, over all jobs of the company. */
export interface SideTally {
  runs: number;
  failed: number;
  waitMs: number;
}

/** The platform change in the middle of the period, and what it truly does. */
export interface ChangeTruth {
  readonly at: string;
  /** As `processing_engine` names them. */
  readonly engine: string;
  readonly versionBefore: string;
  readonly versionAfter: string;
  /** The probability that a run ends in FAIL. */
  readonly failureProbability: { readonly before: number; readonly after: number };
  /** A wait after the change, as a multiple of what it would have been. */
  readonly waitRatio: number;
  /** What happened by chance under those probabilities. */
  readonly before: SideTally;
  readonly after: SideTally;
}

/** What was played, counted by the player as it decided it and by nothing of loopgraph's. */
export interface Truth {
  readonly options: StudioOptions;
  /** In the order of the company: platform, insights, then those that make shows. */
  readonly teams: readonly string[];
  readonly events: Record<string, number>;
  /** By team name. */
  readonly runs: Record<string, RunTally>;
  /** Runs that nothing attributes to a team. */
  readonly unattributed: RunTally;
  /** Runs by where they say for whom: a claim, `NOTHING`, or how a studio job does it. */
  readonly claims: Record<string, number>;
  readonly incidents: IncidentTruth[];
  /** Columns that were renamed, which is no incident. */
  readonly schemaChanges: { readonly dataset: string; readonly at: string; readonly removed: string; readonly added: string }[];
  /** By title, and season after ` / ` where there is one. */
  readonly viewing: Record<string, ViewingTally>;
  /** Sessions that name no show. */
  readonly viewingOfNoShow: ViewingTally;
  /** What each rebuffering and each second of startup past two takes from the time watched, in thousandths of the length. */
  readonly playbackEffect: { readonly perRebufferPermille: number; readonly perSlowSecondPermille: number };
  /** By edition, then team name. */
  readonly surveys: Record<string, Record<string, SurveyTally>>;
  readonly change: ChangeTruth;
}

export function createRunTally(): RunTally {
  return {
    runs: 0,
    startsTold: 0,
    completed: 0,
    failed: 0,
    aborted: 0,
    lost: 0,
    retried: 0,
    failedThenCompleted: 0,
    runMs: 0,
    waitMs: 0,
    costMicros: 0,
  };
}

export function createSurveyTally(invited: number): SurveyTally {
  return { invited, responses: 0, satisfaction: Array.from({ length: 5 }, () => 0), recommendation: Array.from({ length: 11 }, () => 0) };
}

/** How `Truth.viewing` names a show. */
export function toShowKey(show: { readonly title: string; readonly season: string | null }): string {
  return show.season === null ? show.title : `${show.title} / ${show.season}`;
}
