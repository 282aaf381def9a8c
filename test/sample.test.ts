import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQuestion } from '../gateway/questions/questions.ts';
import type { Running } from '../gateway/start.ts';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { importers } from '../importers/index.ts';
import { projectPath } from '../kit/project.ts';
import { SIZES, createStudio, loadSample } from '../sample/index.ts';
import type { Truth } from '../sample/index.ts';
import { subgraphs } from '../subgraphs/index.ts';

/** The whole period with a few days more, in which the last runs end. */
const WINDOW = '{ from: "2026-01-05", to: "2026-02-05", granularity: WHOLE }';
const truth: Truth = createStudio(SIZES.small).truth();
let running: Running;
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
  running = await startTest({ STORE: `lmdb:${folder.path}`, SAMPLE: 'on' }, { subgraphs, importers, loadSample });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

async function query<T>(text: string, variables: object = {}): Promise<T> {
  const { body } = await ask(`${running.address}/graphql`, { query: text, variables });
  const { data, errors } = body as { data: T; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

interface Use {
  readonly whole: {
    readonly runsStarted: number;
    readonly runsCompleted: number;
    readonly runsFailed: number | null;
    readonly runsAborted: number | null;
    readonly runTime: { readonly totalMs: number };
    readonly waitTime: { readonly totalMs: number };
    readonly costs: readonly { readonly billedCost: number }[];
  };
}

const USE = '{ whole { runsStarted runsCompleted runsFailed runsAborted runTime { totalMs } waitTime { totalMs } costs { billedCost } } }';

function figuresOf({ whole }: Use): object {
  return {
    startsTold: whole.runsStarted,
    completed: whole.runsCompleted,
    failed: whole.runsFailed ?? 0,
    aborted: whole.runsAborted ?? 0,
    runMs: whole.runTime.totalMs,
    waitMs: whole.waitTime.totalMs,
    costMicros: Math.round(whole.costs.reduce((sum, { billedCost }) => sum + billedCost, 0) * 1_000_000),
  };
}

describe('what the graph says of the simulated studio', () => {
  it('is the truth of every team and of the unattributed remainder, to the millisecond and the millionth', async () => {
    type Answer = { platformUse: { groups: { team: { name: string } | null; use: Use }[]; unattributed: Use } };
    const { platformUse } = await query<Answer>(`{ platformUse(window: ${WINDOW}, origin: SIMULATED) { groups { team { name } use ${USE} } unattributed ${USE} } }`);
    const seen = Object.fromEntries(platformUse.groups.flatMap(({ team, use }) => (team === null ? [] : [[team.name, figuresOf(use)]])));
    const known = Object.entries(truth.runs).filter(([, { runs }]) => runs > 0);
    expect(Object.keys(seen).toSorted()).toEqual(known.map(([team]) => team).toSorted());
    for (const [team, tally] of known) expect(tally).toMatchObject(seen[team] ?? {});
    expect(truth.unattributed).toMatchObject(figuresOf(platformUse.unattributed));
  });

  it('finds every incident and no other, with its fault, its beginning and its end', async () => {
    type Answer = { incidents: { nodes: { output: string; fault: string; since: string; until: string | null; badOutputs: number }[] } };
    const { incidents } = await query<Answer>('{ incidents(origin: SIMULATED, first: 100) { nodes { output fault since until badOutputs } } }');
    const found = incidents.nodes.map(({ output, ...rest }) => ({ dataset: output, ...rest }));
    const bySince = (one: { since: string }, other: { since: string }): number => (one.since < other.since ? -1 : 1);
    expect(found.toSorted(bySince)).toEqual(truth.incidents.toSorted(bySince));
  });

  it('finds every run that failed, was aborted or vanished', async () => {
    const { failures } = await query<{ failures: { nodes: { kind: string }[] } }>(`{ failures(window: ${WINDOW}, origin: SIMULATED, first: 1000) { nodes { kind } } }`);
    const tallies = [...Object.values(truth.runs), truth.unattributed];
    const sum = (name: 'failed' | 'aborted' | 'lost'): number => tallies.reduce((total, tally) => total + tally[name], 0);
    const count = (kind: string): number => failures.nodes.filter((failure) => failure.kind === kind).length;
    expect([count('FAILED'), count('ABORTED'), count('VANISHED')]).toEqual([sum('failed'), sum('aborted'), sum('lost')]);
  });

  it('counts the sessions and hours of every show', async () => {
    type Answer = { shows: { nodes: { title: string; season: string | null; viewing: { whole: { sessions: number; hoursViewed: number } } }[] } };
    const { shows } = await query<Answer>(`{ shows(origin: SIMULATED, first: 100) { nodes { title season viewing(window: ${WINDOW}) { whole { sessions hoursViewed } } } } }`);
    expect(shows.nodes).toHaveLength(Object.keys(truth.viewing).length);
    for (const { title, season, viewing } of shows.nodes) {
      const tally = truth.viewing[season === null ? title : `${title} / ${season}`];
      expect(viewing.whole.sessions).toBe(tally?.sessions);
      expect(viewing.whole.hoursViewed).toBeCloseTo((tally?.watchedMs ?? 0) / 3_600_000, 6);
    }
  });

  it('says what every team answered, and withholds the small cells', async () => {
    type Answer = { surveys: { nodes: { edition: string; feedback: { nodes: { team: { name: string } | null; n: number; withheld: object | null; satisfaction: { mean: number | null } | null }[] } }[] } };
    const { surveys } = await query<Answer>('{ surveys(origin: SIMULATED) { nodes { edition feedback(about: TEAM, first: 50) { nodes { team { name } n withheld { code } satisfaction { mean } } } } } }');
    let compared = 0;
    for (const { edition, feedback } of surveys.nodes) {
      for (const { team, n, withheld, satisfaction } of feedback.nodes) {
        const tally = truth.surveys[edition]?.[team?.name ?? ''];
        if (withheld !== null || tally === undefined || typeof satisfaction?.mean !== 'number') continue;
        const graded = tally.satisfaction.reduce((sum, count) => sum + count, 0);
        const mean = tally.satisfaction.reduce((sum, count, place) => sum + count * (place + 1), 0) / graded;
        expect(n).toBe(tally.responses);
        expect(satisfaction.mean).toBeCloseTo(mean, 9);
        compared += 1;
      }
      const small = feedback.nodes.filter(({ team }) => (truth.surveys[edition]?.[team?.name ?? '']?.responses ?? 5) < 5);
      expect(small.every(({ withheld }) => withheld !== null)).toBe(true);
    }
    expect(compared).toBeGreaterThan(8);
  });
});

describe('the saved questions', () => {
  const names = readdirSync(projectPath('questions')).filter((file) => file.endsWith('.graphql')).map((file) => file.slice(0, -'.graphql'.length));

  it('all fit the schema', () => {
    expect([...running.gateway.questions().problems]).toEqual([]);
    expect(running.gateway.questions().names.toSorted()).toEqual(names.toSorted());
  });

  it.each(names)('%s says first what it asks, and is answered from the shipped sample', async (name) => {
    const source = readFileSync(projectPath('questions', `${name}.graphql`), 'utf8');
    expect(source).toMatch(/^# [A-Z]/);
    const data = await query<Record<string, unknown>>(parseQuestion(name, source).text);
    expect(Object.keys(data).length).toBeGreaterThan(0);
    expect(Object.entries(data).filter(([, value]) => value === null)).toEqual([]);
  });

  it('take published facts as well as simulated ones', async () => {
    const textOf = (name: string): string => parseQuestion(name, readFileSync(projectPath('questions', `${name}.graphql`), 'utf8')).text;
    type Wrong = { incidents: { nodes: { output: string; fault: string; since: string; until: string }[] }; outages: { incidents: object[] }[] };
    const wrong = await query<Wrong>(textOf('which-numbers-are-wrong-or-stale'));
    expect(wrong.incidents.nodes.map(({ output, fault }) => [output, fault]).toSorted()).toEqual(
      ['all-weeks-countries.tsv', 'all-weeks-global.tsv', 'most-popular.tsv'].map((output) => [output, 'WEB_PAGE']),
    );
    expect(wrong.outages).toHaveLength(1);
    type Origin = { shows: { nodes: { publishedViewing: { points: { hoursViewed: number | null; partition: { firstRun: { state: string } | null } | null }[] } }[] } };
    const published = await query<Origin>(textOf('where-does-this-number-come-from'));
    expect(published.shows.nodes[0]?.publishedViewing.points[0]).toMatchObject({ hoursViewed: 341_230_000, partition: { firstRun: { state: 'COMPLETE' } } });
    const made = await query<Origin>(textOf('where-does-this-number-come-from'), {
      origin: 'SIMULATED', namespace: 'simulated', title: 'Narrow Inheritance', window: { from: '2026-01-05', to: '2026-02-02', granularity: 'WEEK' }, at: '2026-02-01T12:00:00Z',
    });
    const runs = made.shows.nodes[0]?.publishedViewing.points.map(({ partition }) => partition?.firstRun?.state ?? null);
    // The run that would cover the last week's Sunday comes after the period.
    expect(runs).toEqual(['COMPLETE', 'COMPLETE', 'COMPLETE', null]);
  });
});
