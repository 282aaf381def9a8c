import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIZES, createStudio } from '../../sample/index.ts';
import { readGridJobs } from '../raw-facts.ts';
import { readStudio } from '../studio-facts.ts';
import { startSavedQuestions, type SavedQuestions } from './saved-questions.ts';

/*
 * The saved questions about platform use, people and lineage, asked by name: every team, cell and lineage that they answer
 * with, computed a second time from the raw log, the raw stream of the studio or what its player counted. test/sample.test.ts
 * holds the studio's figures to its truth as well.
 */

const studio = createStudio(SIZES.small);
const stream = readStudio(studio);
const truth = studio.truth();
/** The four weeks of the studio, and one week more, in which its last runs end. */
const WEEKS = { from: '2026-01-05', to: '2026-02-02', granularity: 'WHOLE' };
const ALL = { from: '2026-01-05', to: '2026-02-09', granularity: 'WEEK' };
let asked: SavedQuestions;
const question: SavedQuestions['question'] = (name, variables) => asked.question(name, variables);

beforeAll(async () => {
  asked = await startSavedQuestions();
});

afterAll(() => asked.stop());

const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name).toSorted();
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const inOrder = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const descending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => b - a);

describe('WhoUsesThePlatform', () => {
  interface Point {
    from: string;
    runs: number | null;
    runsEnded: number | null;
    runsStarted: number | null;
    runsCompleted: number | null;
    runsFailed: number | null;
    runsAborted: number | null;
    runHours: number | null;
    runTime: { sampleSize: number; p50Ms: number; p95Ms: number; p99Ms: number } | null;
    waitTime: { sampleSize: number } | null;
    costs: { billedCost: number }[];
    distinctUsers: number | null;
  }
  interface Use { whole: Point; points: Point[] }
  interface Group { team: { name: string } | null; shareOfRunTime: number; use: Use }
  interface Report { groups: Group[]; total: Use; attributed: Use; unattributed: Use }

  const REMAINDER = 'what nothing attributes';
  const toName = ({ team }: Group): string => team?.name ?? REMAINDER;
  const micros = ({ costs }: Point): number => Math.round(sum(costs.map(({ billedCost }) => billedCost)) * 1_000_000);
  const milliseconds = ({ runHours }: Point): number => Math.round((runHours ?? 0) * 3_600_000);
  /** The figures of a point that add up. */
  const toFigures = (point: Point): number[] =>
    [point.runsStarted, point.runsCompleted, point.runsFailed, point.runsAborted, milliseconds(point), micros(point), point.runs, point.runsEnded, point.runTime?.sampleSize, point.waitTime?.sampleSize].map((each) => each ?? 0);
  const add = (points: readonly Point[]): number[] => Array.from({ length: 10 }, (_, place) => sum(points.map((point) => toFigures(point)[place] ?? 0)));

  function expectSums({ total, attributed, unattributed, groups }: Report): void {
    expect(add([attributed.whole, unattributed.whole])).toEqual(toFigures(total.whole));
    expect(add(groups.map(({ use }) => use.whole))).toEqual(toFigures(total.whole));
    expect(total.points.map((_, place) => add([attributed, unattributed].flatMap(({ points }) => points[place] ?? [])))).toEqual(total.points.map(toFigures));
    for (const { use } of groups) expect(add(use.points)).toEqual(toFigures(use.whole));
  }

  it('counts the studio by team as its player did, and what nothing attributes', async () => {
    const { platformUse: report } = await question<{ platformUse: Report }>('WhoUsesThePlatform', { window: ALL });
    const told = (tally: typeof truth.unattributed): number[] => [tally.startsTold, tally.completed, tally.failed, tally.aborted, tally.runMs, tally.costMicros, tally.runs, tally.runs - tally.lost];
    const known = new Map([...Object.entries(truth.runs).filter(([, { runs }]) => runs > 0), [REMAINDER, truth.unattributed] as const]);
    expect(report.groups.map((group) => [toName(group), toFigures(group.use.whole).slice(0, 8)]).toSorted()).toEqual([...known].map(([name, tally]) => [name, told(tally)]).toSorted());
    expect(toFigures(report.unattributed.whole).slice(0, 8)).toEqual(told(truth.unattributed));
    expectSums(report);
    const totalMs = sum([...known.values()].map(({ runMs }) => runMs));
    for (const group of report.groups) expect(group.shareOfRunTime).toBeCloseTo((known.get(toName(group))?.runMs ?? 0) / totalMs, 9);
  });

  it('counts the grid by group, person and hour as its log has them, with no wait and no cost where none was recorded', async () => {
    const jobs = readGridJobs();
    const window = { from: '2005-11-20', to: '2005-11-21', granularity: 'HOUR' };
    const { platformUse: report } = await question<{ platformUse: Report }>('WhoUsesThePlatform', { origin: 'RECORDED', window });
    const toTeam = ({ group }: { group: string }): string => `LCG grid group ${group}`;
    expect(report.groups.map(toName).toSorted()).toEqual([...new Set(jobs.map(toTeam))].toSorted());
    for (const group of report.groups) {
      const { use } = group;
      const own = jobs.filter((job) => toTeam(job) === toName(group));
      // A run's length is counted when it ends, which of two was two days later.
      const lengths = inOrder(own.flatMap(({ submittedAt, runMs }) => (runMs !== null && submittedAt + runMs < Date.parse(window.to) ? [runMs] : [])));
      expect(use.whole).toMatchObject({ runs: own.length, runsStarted: own.length, runsEnded: lengths.length, waitTime: null, costs: [], distinctUsers: new Set(own.map(({ user }) => user)).size, runTime: { sampleSize: lengths.length } });
      expect(milliseconds(use.whole)).toBe(sum(lengths));
      for (const [quantile, seen] of [[0.5, use.whole.runTime?.p50Ms], [0.95, use.whole.runTime?.p95Ms], [0.99, use.whole.runTime?.p99Ms]] as const) {
        const rank = quantile * (lengths.length - 1);
        // Within the relative error that the answer states, of the two lengths between which the quantile lies.
        expect(seen).toBeGreaterThanOrEqual((lengths[Math.floor(rank)] ?? 0) * 0.9899);
        expect(seen).toBeLessThanOrEqual((lengths[Math.ceil(rank)] ?? 0) * 1.0101);
      }
      const hours = use.points.map(({ from }) => own.filter(({ submittedAt }) => Math.floor(submittedAt / 3_600_000) * 3_600_000 === Date.parse(from)).length);
      expect(use.points.map(({ runsStarted }) => runsStarted ?? 0)).toEqual(hours);
    }
    expectSums(report);
    expect(report.total.whole).toMatchObject({ runsStarted: jobs.length, distinctUsers: new Set(jobs.map(({ user }) => user)).size });
  });
});

describe('WhatDoTheySay', () => {
  interface Figure { n: number; mean: number | null; nps: number | null; interval: { lower: number; upper: number } | null; withheld: object | null }
  interface Cell { n: number; invited: number | null; withheld: object | null; satisfaction: Figure; recommendation: Figure; comparisons: { sameBy: string; difference: number | null; interval: object | null }[] }
  interface Survey {
    edition: string;
    invited: number;
    responses: number;
    all: { nodes: Cell[] };
    byTeam: { nodes: (Cell & { team: { name: string; platformUse: { whole: { runsStarted: number | null } } } })[] };
    byJob: { nodes: (Cell & { job: { name: string; use: { whole: { runsStarted: number } } } })[] };
    byDataset: { nodes: (Cell & { dataset: { name: string; viewing: { hoursViewed: number | null } } })[] };
  }
  const editions = async (window: object): Promise<Survey[]> => (await question<{ surveys: { nodes: Survey[] } }>('WhatDoTheySay', { window })).surveys.nodes;
  const toMean = (counts: readonly number[]): number => sum(counts.map((count, place) => count * (place + 1))) / sum(counts);
  const toNps = (counts: readonly number[]): number => (100 * (sum(counts.slice(9)) - sum(counts.slice(0, 7)))) / sum(counts);
  /** Cells under five, and the next smallest, which the total would give away. */
  function toWithheld(sizes: readonly number[]): number[] {
    const small = inOrder(sizes.filter((n) => n > 0 && n < 5));
    return small.length === 0 ? [] : [...small, ...inOrder(sizes.filter((n) => n >= 5)).slice(0, 1)];
  }

  it('says of each team how many answered and were asked, and of the cells that are not small what they answered', async () => {
    const surveys = await editions(ALL);
    expect(surveys.map(({ edition }) => edition)).toEqual(Object.keys(truth.surveys));
    for (const { edition, invited, responses, byTeam } of surveys) {
      const tallies = Object.entries(truth.surveys[edition] ?? {}).map(([name, tally]) => ({ name, ...tally }));
      expect([invited, responses]).toEqual([sum(tallies.map((each) => each.invited)), sum(tallies.map((each) => each.responses))]);
      const counted = tallies.map(({ name, ...tally }) => [name, tally.responses, tally.invited, truth.runs[name]?.startsTold]);
      expect(byTeam.nodes.map(({ n, invited: asked, team }) => [team.name, n, asked, team.platformUse.whole.runsStarted ?? 0]).toSorted()).toEqual(counted.toSorted());
      const sizes = tallies.map((each) => each.responses);
      expect(toWithheld(sizes).length).toBeGreaterThan(1);
      const withheld = byTeam.nodes.filter((cell) => cell.withheld !== null);
      expect(inOrder(withheld.map(({ n }) => n))).toEqual(toWithheld(sizes));
      for (const { satisfaction, recommendation } of withheld) expect([satisfaction.mean, satisfaction.interval, recommendation.nps, recommendation.interval]).toEqual([null, null, null, null]);
      const shown = byTeam.nodes.filter(({ withheld: why, satisfaction, recommendation }) => why === null && satisfaction.withheld === null && recommendation.withheld === null);
      expect(shown.length).toBeGreaterThanOrEqual(5);
      for (const { team, satisfaction, recommendation } of shown) {
        const tally = tallies.find(({ name }) => name === team.name) ?? { satisfaction: [], recommendation: [] };
        expect([satisfaction.n, recommendation.n]).toEqual([sum(tally.satisfaction), sum(tally.recommendation)]);
        expect(satisfaction.mean).toBeCloseTo(toMean(tally.satisfaction), 9);
        expect(recommendation.nps).toBeCloseTo(toNps(tally.recommendation), 9);
        for (const [figure, interval] of [[satisfaction.mean, satisfaction.interval], [recommendation.nps, recommendation.interval]] as const) {
          expect(interval?.lower).toBeLessThan(figure ?? Number.NaN);
          expect(interval?.upper).toBeGreaterThan(figure ?? Number.NaN);
        }
      }
    }
  });

  it('counts those who named each job and dataset, beside its runs and the hours that it holds', async () => {
    for (const { edition, byJob, byDataset } of await editions(WEEKS)) {
      const own = stream.responses.filter(({ survey }) => survey.edition === edition);
      const tally = (kind: 'job' | 'dataset'): [string, number][] => {
        const found = own.map((response) => response[kind].name);
        return [...new Set(found)].toSorted().map((name) => [name, found.filter((each) => each === name).length]);
      };
      expect(byJob.nodes.map(({ job, n, invited }) => [job.name, n, invited, job.use.whole.runsStarted]).toSorted()).toEqual(tally('job').map(([name, n]) => [name, n, null, stream.startsOf(name)]));
      expect(byDataset.nodes.map(({ dataset, n }) => [dataset.name, n, dataset.viewing.hoursViewed]).toSorted()).toEqual(tally('dataset').map(([name, n]) => [name, n, stream.hoursOf(name, WEEKS.from, WEEKS.to)]));
      for (const [kind, cells] of [['job', byJob.nodes], ['dataset', byDataset.nodes]] as const) {
        const hidden = cells.filter(({ withheld }) => withheld !== null);
        expect(inOrder(hidden.map(({ n }) => n))).toEqual(toWithheld(tally(kind).map(([, n]) => n)));
        expect(hidden.every(({ satisfaction }) => satisfaction.mean === null && satisfaction.interval === null)).toBe(true);
      }
    }
  });

  it('compares two editions where the question is the same, and not the one that was asked in another way', async () => {
    const [first, second] = await editions(WEEKS);
    expect(first?.all.nodes[0]?.comparisons).toEqual([]);
    const graded = (edition: string, measure: 'satisfaction' | 'recommendation'): number[] => {
      const teams = Object.values(truth.surveys[edition] ?? {});
      return teams[0]?.[measure].map((_, place) => sum(teams.map((team) => team[measure][place] ?? 0))) ?? [];
    };
    const differences = (second?.all.nodes[0]?.comparisons ?? []).map(({ difference }) => difference ?? Number.NaN);
    const expected = [toMean(graded('2', 'satisfaction')) - toMean(graded('1', 'satisfaction')), toNps(graded('2', 'recommendation')) - toNps(graded('1', 'recommendation'))];
    expect(inOrder(differences).map((each) => each.toFixed(9))).toEqual(inOrder(expected).map((each) => each.toFixed(9)));
    expect(second?.all.nodes[0]?.comparisons.every(({ sameBy, interval }) => sameBy !== '' && interval !== null)).toBe(true);
  });
});

describe('WhatBreaksIfThisChanges', () => {
  interface Named { name: string; viewing: { hoursViewed: number | null } }
  interface Answer {
    dataset: { downstream: { truncated: boolean; jobs: Named[]; datasets: (Named & { shows: { nodes: object[] } })[] } };
    job: { downstream: { truncated: boolean; jobs: Named[]; datasets: Named[] } };
    shows: { nodes: { datasets: { name: string; upstream: { jobs: Named[]; datasets: Named[] } }[] }[] };
  }
  const examples = stream.shows.slice(0, 8).map(({ title, datasets: [held = { name: '' }] }) => ({
    title,
    dataset: held.name,
    job: stream.reach(held.name, 'up').jobs.find((name) => name.startsWith('show.')) ?? '',
  }));

  it.each([{ title: 'Narrow Inheritance', dataset: 'raw.playback_sessions', job: 'ingest.playback_sessions' }, ...examples])(
    'follows $dataset and $job down to all that reads them, most watched first, and $title up to what it is made from',
    async ({ title, dataset, job }) => {
      const answer = await question<Answer>('WhatBreaksIfThisChanges', { title, dataset, job });
      for (const [name, { downstream }] of [[dataset, answer.dataset], [job, answer.job]] as const) {
        const { jobs, datasets } = stream.reach(name, 'down');
        expect([names(downstream.jobs), downstream.truncated]).toEqual([jobs, false]);
        expect(downstream.datasets.map((each) => [each.name, each.viewing.hoursViewed]).toSorted()).toEqual(datasets.map((each) => [each, stream.hoursOf(each, WEEKS.from, WEEKS.to)]));
      }
      const ranked = answer.dataset.downstream.datasets.map(({ viewing }) => viewing.hoursViewed ?? -1);
      expect(ranked).toEqual(descending(ranked));
      const holding = (name: string): object[] => stream.shows.filter(({ datasets }) => datasets.some((each) => each.name === name)).map(({ title: shown, season, team }) => ({ title: shown, season, team: { name: team } }));
      expect(answer.dataset.downstream.datasets.map(({ shows }) => shows.nodes)).toEqual(answer.dataset.downstream.datasets.map(({ name }) => holding(name)));
      const held = stream.shows.find((show) => show.title === title)?.datasets ?? [];
      const upward = answer.shows.nodes.flatMap(({ datasets }) => datasets).map(({ name, upstream }) => [name, { jobs: names(upstream.jobs), datasets: names(upstream.datasets) }]);
      expect(upward).toEqual(held.map(({ name }) => [name, stream.reach(name, 'up')]));
    },
  );
});

describe('WhatBreaksIfThisChanges, asked of a column,', () => {
  interface Named { name: string }
  interface Reached { truncated: boolean; columns: { column: string; dataset: Named }[]; wholeDatasets: Named[]; jobs: Named[]; untracedJobs: Named[]; datasets: (Named & { viewing: { hoursViewed: number | null }; shows: { nodes: object[] } })[] }
  interface Answer { dataset: { column: { downstream: Reached } | null } }

  it.each(['watched_ms', 'country', 'startup_ms', 'session_id', 'no such column'])('follows %s down to what is made from it, with the hours that hang on it, and names the jobs that nobody can trace', async (column) => {
    const { dataset } = await question<Answer>('WhatBreaksIfThisChanges', { column });
    const expected = stream.below('raw.playback_sessions', column);
    const found = dataset.column?.downstream ?? null;
    expect(found === null).toBe(column === 'no such column');
    expect((found?.columns ?? []).map((each) => `${each.dataset.name}.${each.column}`).toSorted()).toEqual(expected.columns);
    expect([names(found?.jobs ?? []), found?.wholeDatasets ?? []]).toEqual([expected.jobs, []]);
    expect(names(found?.untracedJobs ?? [])).toEqual(found === null ? [] : expected.untraced);
    expect((found?.datasets ?? []).map((each) => [each.name, each.viewing.hoursViewed]).toSorted()).toEqual(expected.datasets.map((each) => [each, stream.hoursOf(each, WEEKS.from, WEEKS.to)]));
    expect(found?.truncated ?? false).toBe(false);
  });
});

describe('WhichFailuresHurtMost', () => {
  it('holds every run of the studio that failed, was aborted or vanished, by the hours that depend on its job, and those of none last', async () => {
    interface Answer { failures: { nodes: { kind: string; run: { job: { name: string } } }[]; pageInfo: { hasNextPage: boolean } } }
    const { failures, rows } = await question<Answer>('WhichFailuresHurtMost', { window: { ...ALL, granularity: 'WHOLE' }, first: 1000 });
    const total = (name: 'failed' | 'aborted' | 'lost'): number => sum([...Object.values(truth.runs), truth.unattributed].map((tally) => tally[name]));
    const count = (kind: string): number => failures.nodes.filter((failure) => failure.kind === kind).length;
    expect([count('FAILED'), count('ABORTED'), count('VANISHED')]).toEqual([total('failed'), total('aborted'), total('lost')]);
    const toHours = (job: string): number | null => {
      const hours = stream.reach(job, 'down').datasets.flatMap((dataset) => stream.hoursOf(dataset, WEEKS.from, WEEKS.to) ?? []);
      return hours.length === 0 ? null : sum(hours);
    };
    const jobs = new Map([...new Set(failures.nodes.map(({ run }) => run.job.name))].map((name) => [name, toHours(name)]));
    expect(failures.nodes.map(({ run }, place) => [run.job.name, rows[place]?.hoursViewed])).toEqual(failures.nodes.map(({ run }) => [run.job.name, jobs.get(run.job.name)]));
    const ranked = rows.map(({ hoursViewed }) => hoursViewed ?? -1);
    expect(ranked).toEqual(descending(ranked));
    expect([ranked.at(-1), failures.pageInfo.hasNextPage]).toEqual([-1, false]);
  });

  it('weighs a failure by the hours of the very window that is asked', async () => {
    const window = { from: '2026-01-26', to: '2026-02-02', granularity: 'WHOLE' };
    const { failures, rows } = await question<{ failures: { nodes: { run: { job: { name: string } } }[] } }>('WhichFailuresHurtMost', { window });
    const expected = failures.nodes.map(({ run }) => {
      const hours = stream.reach(run.job.name, 'down').datasets.flatMap((dataset) => stream.hoursOf(dataset, window.from, window.to) ?? []);
      return hours.length === 0 ? null : sum(hours);
    });
    expect(expected.filter((hours) => hours !== null && hours > 0).length).toBeGreaterThan(10);
    expect(rows.map(({ hoursViewed }) => hoursViewed)).toEqual(expected);
  });
});
