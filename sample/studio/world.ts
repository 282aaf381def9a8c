import type { Company } from './company.ts';
import { drawCompany } from './company.ts';
import { DAY, parseDay, toInstant } from './clock.ts';
import {
  ENGINE,
  FAILURE_PERMILLE,
  PER_REBUFFER_PERMILLE,
  PER_SLOW_SECOND_PERMILLE,
  VERSION_AFTER,
  VERSION_BEFORE,
  WAIT_PERMILLE,
} from './effects.ts';
import type { IncidentPlan } from './incidents.ts';
import { drawIncidents, drawRenaming } from './incidents.ts';
import type { StudioOptions } from './options.ts';
import { toChangeAt, toWorld } from './options.ts';
import { createQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { Truth } from './truth.ts';
import { createRunTally, toShowKey } from './truth.ts';

/** One thing that happened: an event of a kind that some subgraph owns, at its own event time. */
export interface StudioEvent {
  /** The event's own time, in milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'team' | 'show' | 'playback-session' | 'openlineage' | 'published-report' | 'survey' | 'survey-response';
  readonly event: object;
}

/** One playing of a studio: who is there, what has been planned, and what truly happened so far. */
export interface World {
  readonly options: StudioOptions;
  readonly id: string;
  /** `simulated/studio/` and the world's id: the source of every event that has one. */
  readonly source: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly changeAt: number;
  readonly company: Company;
  readonly incidents: ReadonlyMap<string, IncidentPlan>;
  /** The dataset whose column is renamed, and from which moment on. */
  readonly renaming: { readonly dataset: string; readonly at: number };
  readonly queue: Queue<StudioEvent>;
  readonly truth: Truth;
  /** Watched milliseconds of the week that runs, by show index. */
  readonly weekMs: number[];
  /** A stream of its own for a name: another number of sessions, teams or days does not shift what it draws. */
  readonly random: (name: string) => Random;
  /** The run id of a job that was ready to run at a moment, and which of several at that moment: of this world alone. */
  readonly runId: (job: string, at: number, turn?: number) => string;
  readonly tell: (at: number, kind: StudioEvent['kind'], event: object) => void;
}

export function createWorld(options: StudioOptions): World {
  const id = toWorld(options);
  const company = drawCompany(options);
  const startAt = parseDay(options.start);
  const queue = createQueue<StudioEvent>();
  const incidents = drawIncidents(options, company);
  return {
    options,
    id,
    source: `simulated/studio/${id}`,
    startAt,
    endAt: startAt + options.days * DAY,
    changeAt: toChangeAt(options),
    company,
    incidents,
    renaming: drawRenaming(options, company, incidents),
    queue,
    truth: createTruth(options, company),
    weekMs: company.shows.map(() => 0),
    random: (name) => createRandom(`${options.seed}/${name}`),
    runId: (job, at, turn = 0) => createRandom(`${id}/run-id/${job}/${at}/${turn}`).uuid(at),
    tell: (at, kind, event) => queue.put(at, { at, kind, event }),
  };
}

function createTruth(options: StudioOptions, company: Company): Truth {
  const teams = company.teams.map((team) => team.name);
  return {
    options,
    teams,
    events: {},
    runs: Object.fromEntries(teams.map((team) => [team, createRunTally()])),
    unattributed: createRunTally(),
    claims: {},
    incidents: [],
    schemaChanges: [],
    viewing: Object.fromEntries(company.shows.map((show) => [toShowKey(show), { sessions: 0, watchedMs: 0 }])),
    viewingOfNoShow: { sessions: 0, watchedMs: 0 },
    playbackEffect: { perRebufferPermille: PER_REBUFFER_PERMILLE, perSlowSecondPermille: PER_SLOW_SECOND_PERMILLE },
    surveys: {},
    change: {
      at: toInstant(toChangeAt(options)),
      engine: ENGINE,
      versionBefore: VERSION_BEFORE,
      versionAfter: VERSION_AFTER,
      failureProbability: { before: FAILURE_PERMILLE.before / 1000, after: FAILURE_PERMILLE.after / 1000 },
      waitRatio: WAIT_PERMILLE.after / WAIT_PERMILLE.before,
      before: { runs: 0, failed: 0, waitMs: 0 },
      after: { runs: 0, failed: 0, waitMs: 0 },
    },
  };
}
