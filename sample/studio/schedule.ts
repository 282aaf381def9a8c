import { FAILURE_PERMILLE } from './effects.ts';
import { HOUR, MINUTE, SECOND } from './clock.ts';
import type { StudioShow, StudioTeam } from './company.ts';
import { DASHBOARD_DATASET, DASHBOARD_JOB, INGEST_JOB, RAW_DATASET, toMemberName } from './company.ts';
import { toJobTag, toJobTypeFacet, toOwnerByName, toOwnerByType, toParentFacet, toRunTag, toTeamFacet, toUserFacet } from './facets.ts';
import type { Life } from './life.ts';
import { PLATFORM_TEAM } from './names.ts';
import type { Facets } from './openlineage.ts';
import { toDatasetEvent, toFacet, toJobEvent } from './openlineage.ts';
import { RAW_FIELDS, ROLLUP_FIELDS, SHOW_FIELDS } from './outputs.ts';
import type { PlayedRun } from './runs.ts';
import { playRun, toSide } from './runs.ts';
import type { World } from './world.ts';

const RAW_ROWS_PER_DAY = 2_400_000;
const INGEST_HOURS = [1, 7, 13, 19];
const FLOW_HOUR = 2;
const DASHBOARD_HOUR = 6;
/** How long after a flow's start its rollup is ready to run. */
const ROLLUP_AFTER = 45 * MINUTE;
/** Office hours in UTC, in which people query by hand. */
const OFFICE_FROM = 8;
const OFFICE_TO = 20;

/** What the runner knows of its fixed jobs and datasets before they first run. */
export function playCatalogue(world: World): void {
  const documentation = (description: string): Facets => ({ documentation: toFacet('DocumentationJobFacet', '1-0-1', { description }) });
  const describe = (name: string, description: string): void =>
    world.tell(world.startAt, 'openlineage', toDatasetEvent(world.startAt, name, { documentation: toFacet('DocumentationDatasetFacet', '1-0-1', { description }) }));
  const jobs: [string, string][] = [
    [INGEST_JOB, 'Collects what players report into one dataset of playback sessions.'],
    [DASHBOARD_JOB, 'Refreshes the company dashboard from the rollups of all teams.'],
  ];
  for (const [job, description] of jobs) {
    const facets = { ...toJobTypeFacet('AIRFLOW', 'TASK'), ...toOwnerByName(PLATFORM_TEAM), ...documentation(description) };
    world.tell(world.startAt, 'openlineage', toJobEvent(world.startAt, job, facets));
  }
  describe(RAW_DATASET, 'One row a playback session, as the players reported it.');
  describe(DASHBOARD_DATASET, 'Hours watched by team and week.');
}

/** Plays the runs that become ready within one hour. */
export function playJobs(world: World, hourAt: number): void {
  const hour = Math.floor(hourAt / HOUR) % 24;
  if (INGEST_HOURS.includes(hour)) playIngest(world, hourAt);
  if (hour === FLOW_HOUR) world.company.teams.forEach((team, n) => playFlow(world, team, hourAt + n * SECOND));
  if (hour === DASHBOARD_HOUR) playDashboard(world, hourAt);
  if (hour >= OFFICE_FROM && hour < OFFICE_TO) playQueries(world, hourAt, hour);
}

function playIngest(world: World, at: number): void {
  playRun(world, {
    job: INGEST_JOB,
    submittedAt: at,
    team: PLATFORM_TEAM,
    claim: 'OWNER_NAME',
    typicalMs: 9 * MINUTE,
    scheduled: true,
    jobFacets: { ...toJobTypeFacet('AIRFLOW', 'TASK'), ...toOwnerByName(PLATFORM_TEAM) },
    runFacets: {},
    inputs: [],
    written: { dataset: RAW_DATASET, fields: RAW_FIELDS, rowsPerDay: RAW_ROWS_PER_DAY, fromRaw: [] },
  });
}

function playDashboard(world: World, at: number): void {
  playRun(world, {
    job: DASHBOARD_JOB,
    submittedAt: at,
    team: PLATFORM_TEAM,
    claim: 'OWNER_NAME',
    typicalMs: 6 * MINUTE,
    scheduled: true,
    jobFacets: { ...toJobTypeFacet('AIRFLOW', 'TASK'), ...toOwnerByName(PLATFORM_TEAM) },
    runFacets: {},
    inputs: world.company.teams.flatMap((team) => (team.flow === null ? [] : [team.flow.rollupDataset])),
    written: { dataset: DASHBOARD_DATASET, fields: ROLLUP_FIELDS, rowsPerDay: world.company.shows.length * 12, fromRaw: [] },
  });
}

/** A team's night: the flow, its shows' jobs within it, and the rollup when they are done. */
function playFlow(world: World, team: StudioTeam, at: number): void {
  const { flow } = team;
  if (flow === null) return;
  const dag = { runId: world.runId(flow.dag, at), job: flow.dag };
  const tasks = team.shows.map((show, n) => playShow(world, show, dag, at + (n + 1) * 5 * SECOND));
  const rollup = playRun(world, {
    job: flow.rollupJob,
    submittedAt: at + ROLLUP_AFTER,
    team: team.name,
    claim: 'OWNER_NAME',
    typicalMs: 3 * MINUTE,
    scheduled: true,
    jobFacets: { ...toJobTypeFacet('AIRFLOW', 'TASK'), ...toOwnerByName(team.name) },
    runFacets: toParentFacet(dag, dag),
    inputs: team.shows.map((show) => show.dataset),
    written: { dataset: flow.rollupDataset, fields: ROLLUP_FIELDS, rowsPerDay: team.shows.length * 40, fromRaw: [] },
  });
  playRun(world, {
    job: flow.dag,
    submittedAt: at,
    team: team.name,
    claim: 'OWNER_NAME',
    typicalMs: 0,
    scheduled: true,
    jobFacets: { ...toJobTypeFacet('AIRFLOW', 'DAG'), ...toOwnerByName(team.name) },
    runFacets: {},
    inputs: [],
    written: null,
    life: drawFlowLife(world, flow.dag, at, [...tasks, rollup]),
  });
}

/** A flow lasts until its last task has ended, and fails as often as any other run. */
function drawFlowLife(world: World, job: string, at: number, tasks: readonly PlayedRun[]): Life {
  const failed = world.random(`flow/${job}/${at}`).chance(FAILURE_PERMILLE[toSide(world, at)]);
  const endedAt = Math.max(...tasks.map((task) => task.life.endedAt ?? task.life.startedAt)) + 3 * SECOND;
  const ending = failed ? 'FAIL' : 'COMPLETE';
  return {
    ending,
    startedAt: at,
    lastStartedAt: at,
    endedAt,
    waitMs: 0,
    beats: [
      { at, type: 'START' },
      { at: endedAt, type: ending },
    ],
    retried: false,
    failedThenCompleted: false,
    startTold: true,
  };
}

function playShow(world: World, show: StudioShow, dag: { readonly runId: string; readonly job: string }, at: number): PlayedRun {
  const wrapperJob = `wrapper.${show.job}`;
  const wrapper = { runId: world.runId(wrapperJob, at), job: wrapperJob };
  const claims: Record<StudioShow['claim'], { readonly job: Facets; readonly run: Facets }> = {
    OWNER_NAME: { job: toOwnerByName(show.team), run: toParentFacet(dag, dag) },
    OWNER_TYPE: { job: toOwnerByType(show.team), run: toParentFacet(dag, dag) },
    JOB_TAG: { job: toJobTag(show.team), run: toParentFacet(dag, dag) },
    RUN_TAG: { job: {}, run: { ...toRunTag(show.team), ...toParentFacet(dag, dag) } },
    PARENT: { job: {}, run: toParentFacet(dag, dag) },
    // The wrapper that stands between sends nothing of its own, as happens.
    ROOT: { job: {}, run: toParentFacet(wrapper, dag) },
  };
  const facets = claims[show.claim];
  const played = playRun(world, {
    job: show.job,
    submittedAt: at,
    team: show.team,
    claim: show.claim,
    typicalMs: 4 * MINUTE,
    scheduled: true,
    jobFacets: { ...toJobTypeFacet('AIRFLOW', 'TASK'), ...facets.job },
    runFacets: facets.run,
    inputs: [RAW_DATASET],
    written: { dataset: show.dataset, fields: SHOW_FIELDS, rowsPerDay: show.rowsPerDay, fromRaw: ['country', 'watched_ms', 'startup_ms', 'rebuffer_ms'] },
  });
  if (show.sparkJob !== null) {
    playRun(world, {
      job: show.sparkJob,
      submittedAt: played.life.startedAt + 2 * SECOND,
      team: show.team,
      claim: 'GRANDPARENT',
      typicalMs: 2 * MINUTE,
      scheduled: false,
      jobFacets: toJobTypeFacet('SPARK', 'APPLICATION'),
      runFacets: toParentFacet(played, dag),
      inputs: [RAW_DATASET],
      written: null,
    });
  }
  return played;
}

/** Queries by hand: of ten, six say nothing of a team, two carry a tag of the run and two a facet that names it. */
function playQueries(world: World, hourAt: number, hour: number): void {
  const share = (hours: number): number => Math.floor((world.options.adHocRunsPerDay * hours) / (OFFICE_TO - OFFICE_FROM));
  const count = share(hour + 1 - OFFICE_FROM) - share(hour - OFFICE_FROM);
  const teams = world.company.teams.filter((team) => team.flow !== null);
  for (let turn = 0; turn < count; turn += 1) {
    const random = world.random(`query/${hourAt}/${turn}`);
    const team = random.pick(teams);
    const claim = QUERY_CLAIMS[random.weighted([6, 2, 2])] ?? 'NOTHING';
    const member = random.below(team.memberCount);
    const input = team.flow?.rollupDataset ?? RAW_DATASET;
    playRun(world, {
      job: `query.${random.below(40)}`,
      submittedAt: hourAt + random.below(HOUR),
      turn,
      team: claim === 'NOTHING' ? null : team.name,
      claim,
      typicalMs: MINUTE,
      scheduled: false,
      jobFacets: toJobTypeFacet('TRINO', 'QUERY'),
      runFacets: { ...toQueryClaim(claim, team.name), ...toUserFacet(toMemberName(team, member)) },
      inputs: [random.chance(250) ? RAW_DATASET : input],
      written: null,
    });
  }
}

const QUERY_CLAIMS = ['NOTHING', 'RUN_TAG', 'RUN_FACET'] as const;

function toQueryClaim(claim: (typeof QUERY_CLAIMS)[number], team: string): Facets {
  if (claim === 'NOTHING') return {};
  return claim === 'RUN_TAG' ? toRunTag(team) : toTeamFacet(team);
}
