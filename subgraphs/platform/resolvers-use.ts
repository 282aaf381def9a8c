import { refuse } from '../../kit/graph/errors.ts';
import type { Origin } from '../../kit/graph/id.ts';
import { nameOfId, originsOf, toNameId } from '../../kit/graph/id.ts';
import { HOUR_MS } from '../../kit/ingest/time.ts';
import { mergeTotals, toDurationDistribution, type Totals } from '../../kit/rollup/rollup.ts';
import { parseWindow, type Span, type WindowInput } from '../../kit/rollup/window.ts';
import type { JobDocument } from './documents.ts';
import type { PlatformUseReference, TeamReference } from './references.ts';
import type { Loaders, RequestContext } from './loaders.ts';
import { loadHeld } from './present.ts';
import { pageRuns } from './resolvers-pages.ts';
import { toCost } from './resolvers-run.ts';
import { teamGroup } from './rollup.ts';
import type { PlatformUsePoint, Resolvers, UseDimension } from './schema.generated.ts';
import { GROUP_BOUND, readGroups, readJobs } from './store.ts';

/** The most groups that an answer lists. */
const LISTED_GROUPS = 1_000;

/** Figures of some bucket entities together. */
export async function useOf(loaders: Loaders, entities: readonly string[], input: WindowInput): Promise<PlatformUseReference> {
  const window = parseWindow(input);
  const series = await Promise.all(entities.map((entity) => loaders.series.load({ entity, window })));
  return { window, entities, points: window.points.map((_, place) => mergeTotals(series.map((points) => points[place]))) };
}

function mergeUses(window: PlatformUseReference['window'], uses: readonly PlatformUseReference[]): PlatformUseReference {
  return {
    window,
    entities: uses.flatMap(({ entities }) => entities),
    points: window.points.map((_, place) => mergeTotals(uses.map(({ points }) => points[place]))),
  };
}

/** A point as `PlatformUsePoint` shows it: an empty one has null values. */
export function toPoint({ from, to }: Span, totals: Totals | null): PlatformUsePoint {
  const count = (name: string): number | null => {
    if (totals === null || (totals.counts['runs'] ?? totals.counts['ended']) === undefined) return null;
    return totals.counts[name] ?? 0;
  };
  const runTime = toDurationDistribution(totals, 'runMs');
  return {
    from,
    to,
    runs: count('runs'),
    runsStarted: count('started'),
    runsEnded: count('ended'),
    runsCompleted: count('completed'),
    runsFailed: count('failed'),
    runsAborted: count('aborted'),
    runHours: runTime === null ? null : runTime.totalMs / HOUR_MS,
    runTime,
    waitTime: toDurationDistribution(totals, 'waitMs'),
    costs: Object.entries(totals?.counts ?? {})
      .filter(([name]) => name.startsWith('cost:'))
      .map(([name, micros]) => toCost({ micros, currency: name.slice('cost:'.length), service: null })),
    distinctUsers: totals?.unique('users')?.estimate() ?? null,
  };
}

const wholeOf = ({ points }: PlatformUseReference): Totals | null => mergeTotals(points);
const runMsOf = (use: PlatformUseReference): number => wholeOf(use)?.counts['runMs'] ?? 0;

/** A group of a report: a team, a job, or the remainder, with its entities (one an origin). */
interface Group {
  readonly team: string | null;
  readonly job: JobDocument | null;
  readonly entities: string[];
}

async function groupsBy(by: UseDimension, origins: readonly Origin[], { store }: RequestContext): Promise<{ groups: Group[]; attributed: string[]; unattributed: string[] }> {
  const found = await readGroups(store, origins);
  const attributed = found.filter(({ team }) => team !== null).map(({ id }) => id);
  const unattributed = found.filter(({ team }) => team === null).map(({ id }) => id);
  if (found.length > GROUP_BOUND) throw refuse('BAD_ARGUMENT', `expected at most ${GROUP_BOUND} teams, got ${found.length}; ask a team for its \`platformUse\``);
  if (by === 'JOB') {
    const jobs = await readJobs(store, origins, GROUP_BOUND);
    if (jobs.length > GROUP_BOUND) throw refuse('BAD_ARGUMENT', `expected at most ${GROUP_BOUND} jobs for \`by: JOB\`, got more; ask a job for its \`use\``);
    return { groups: jobs.map((job) => ({ team: null, job, entities: [job.id] })), attributed, unattributed };
  }
  const byTeam = new Map<string | null, Group>();
  for (const { id, team } of found) {
    const group = byTeam.get(team) ?? { team, job: null, entities: [] };
    group.entities.push(id);
    byTeam.set(team, group);
  }
  return { groups: [...byTeam.values()], attributed, unattributed };
}

export const useResolvers: Required<Pick<Resolvers, 'PlatformUse' | 'Team'>> & { Query: Pick<NonNullable<Resolvers['Query']>, 'platformUse'> } = {
  Query: {
    platformUse: async (_, { window: input, by, origin }, context) => {
      const window = parseWindow(input);
      const { groups, attributed, unattributed } = await groupsBy(by, originsOf(origin), context);
      const { loaders } = context;
      const [known, rest, ...uses] = await Promise.all([
        useOf(loaders, attributed, input),
        useOf(loaders, unattributed, input),
        ...groups.map(({ entities }) => useOf(loaders, entities, input)),
      ]);
      const total = mergeUses(window, [known, rest]);
      const totalMs = runMsOf(total);
      const listed = groups
        .map(({ team, job }, place) => ({ team, job, use: uses[place] ?? mergeUses(window, []) }))
        .filter(({ use }) => use.points.some((point) => point !== null))
        .sort((first, second) => runMsOf(second.use) - runMsOf(first.use) || ((first.team ?? first.job?.name ?? '') < (second.team ?? second.job?.name ?? '') ? -1 : 1))
        .slice(0, LISTED_GROUPS);
      return {
        total,
        attributed: known,
        unattributed: rest,
        groups: listed.map(({ team, job, use }) => ({
          team: team === null ? null : { id: toNameId('Team', team) },
          job,
          use,
          shareOfRunTime: totalMs === 0 ? null : runMsOf(use) / totalMs,
        })),
      };
    },
  },
  PlatformUse: {
    points: ({ window, points }) => window.points.map((span, place) => toPoint(span, points[place] ?? null)),
    whole: (use) => toPoint(use.window, wholeOf(use)),
    asOf: async ({ entities, window }, _, { loaders }) => {
      const starts = await Promise.all(entities.map((entity) => loaders.newestStart.load({ entity, window })));
      return starts.reduce<number | null>((newest, start) => (start === null || (newest !== null && newest >= start) ? newest : start), null);
    },
  },
  Team: {
    __resolveReference: (reference): TeamReference => reference as TeamReference,
    jobs: async (team, { first, after }, { loaders }) => {
      const page = await loaders.jobsByGroup.load({ prefix: [groupOfTeam(team.id)], first, after });
      const nodes = await Promise.all(page.nodes.map(({ jobId }) => loadHeld(loaders.job, jobId)));
      return { ...page, nodes, edges: page.edges.map(({ cursor }, place) => ({ cursor, node: nodes[place] as JobDocument })) };
    },
    runs: (team, args, { loaders }) => pageRuns(loaders.runsByGroup, loaders.runsByGroupState, [groupOfTeam(team.id)], args),
    platformUse: (team, { window }, { loaders }) => useOf(loaders, [groupOfTeam(team.id)], window),
  },
};

/**
 * The group that a team's runs are in, by the origin that its name says, so that a team's lists and figures never mix the two;
 * an id that carries no name is a recorded team's.
 */
function groupOfTeam(id: string): string {
  const name = nameOfId('Team', id);
  return name === null || !name.startsWith('simulated/') ? `RECORDED:${id}` : teamGroup('SIMULATED', name);
}
