import { MINUTE } from './clock.ts';
import { INSIGHTS_TEAM, PLATFORM_TEAM, drawTitles, toShowTeamName, toSlug } from './names.ts';
import type { StudioOptions } from './options.ts';
import { createRandom } from './random.ts';

export const RAW_DATASET = 'raw.playback_sessions';
export const INGEST_JOB = 'ingest.playback_sessions';
export const DASHBOARD_DATASET = 'company.dashboard';
export const DASHBOARD_JOB = 'company.dashboard.refresh';

export interface StudioTeam {
  readonly name: string;
  readonly description: string;
  readonly memberCount: number;
  /** How a survey hears of it and which jobs its members may name: the shows that it owns. */
  readonly shows: readonly StudioShow[];
  /** Its scheduled flow of the night, its rollup and that rollup's dataset; null for a team without shows. */
  readonly flow: { readonly dag: string; readonly rollupJob: string; readonly rollupDataset: string } | null;
}

/**
 * Where a run of a show's job says for whom it ran: on the job by name, on the job by the owner's type, in a tag of the
 * job, in a tag of the run, only through its parent run, or only through the root run, its parent never being heard of.
 */
export type Claim = 'OWNER_NAME' | 'OWNER_TYPE' | 'JOB_TAG' | 'RUN_TAG' | 'PARENT' | 'ROOT';
const CLAIMS: readonly Claim[] = ['OWNER_NAME', 'OWNER_TYPE', 'JOB_TAG', 'RUN_TAG', 'PARENT', 'ROOT'];

export interface StudioShow {
  /** From 0, over the whole company; a lower one is watched more. */
  readonly index: number;
  readonly title: string;
  /** As published beside the title; null for a film. */
  readonly season: string | null;
  readonly kind: 'FILM' | 'SERIES';
  readonly team: string;
  /** What one viewing lasts when watched to its end. */
  readonly durationMs: number;
  readonly job: string;
  readonly dataset: string;
  readonly claim: Claim;
  /** The name of a Spark application that the job starts in each run, attributable only through two parents; else null. */
  readonly sparkJob: string | null;
  /** Rows that a day adds to the dataset. */
  readonly rowsPerDay: number;
}

export interface Company {
  readonly teams: readonly StudioTeam[];
  readonly shows: readonly StudioShow[];
}

/** How the company's systems call a person: the same in runs, surveys and the list of members. */
export function toMemberName(team: StudioTeam, member: number): string {
  return `${team.name}/member-${member}`;
}

/** The company that a seed makes: who is there, what they make, which jobs and datasets serve them. */
export function drawCompany(options: StudioOptions): Company {
  const makers = options.teams - 2;
  const titles = drawTitles(createRandom(`${options.seed}/titles`), options.shows);
  const shows = titles.map((title, index) => drawShow(options.seed, title, index, toShowTeamName(index % makers)));
  const showTeams = Array.from({ length: makers }, (_, n) => drawShowTeam(options.seed, n, makers, shows));
  const platform = [
    { name: PLATFORM_TEAM, description: 'Runs ingestion, the job runner and the company dashboard.', memberCount: 18, shows: [], flow: null },
    { name: INSIGHTS_TEAM, description: 'Studies how the data platform is used and asks its users.', memberCount: 9, shows: [], flow: null },
  ];
  return { teams: [...platform, ...showTeams], shows };
}

function drawShow(seed: number, title: string, index: number, team: string): StudioShow {
  const random = createRandom(`${seed}/show/${index}`);
  const film = random.chance(350);
  const season = film ? null : `Season ${random.between(1, 5)}`;
  const slug = season === null ? toSlug(title) : `${toSlug(title)}-s${season.slice('Season '.length)}`;
  // Every claim occurs in every team, whatever the number of teams.
  const claim = CLAIMS[(index + Math.floor(index / CLAIMS.length)) % CLAIMS.length] ?? 'OWNER_NAME';
  return {
    index,
    title,
    season,
    kind: film ? 'FILM' : 'SERIES',
    team,
    durationMs: (film ? random.between(80, 150) : random.between(22, 62)) * MINUTE,
    job: `show.${slug}.daily`,
    dataset: `show.${slug}`,
    claim,
    sparkJob: claim === 'PARENT' ? `spark.show.${slug}` : null,
    rowsPerDay: random.skewed(20_000),
  };
}

function drawShowTeam(seed: number, n: number, makers: number, shows: readonly StudioShow[]): StudioTeam {
  const name = toShowTeamName(n);
  const slug = name.slice('simulated/'.length);
  return {
    name,
    description: `Makes ${slug.replaceAll('-', ' ')} shows.`,
    // The last team is too small for what it says to be published by itself.
    memberCount: n === makers - 1 ? 4 : createRandom(`${seed}/team/${n}`).between(24, 60),
    shows: shows.filter((show) => show.team === name),
    flow: { dag: `dag.${slug}`, rollupJob: `team.${slug}.rollup`, rollupDataset: `team.${slug}.weekly` },
  };
}
