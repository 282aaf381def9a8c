import { beforeAll, describe, expect, it } from 'vitest';
import type { Truth } from './index.ts';
import { SIZES, createStudio } from './index.ts';
import type { StudioEvent } from './world.ts';

interface Told {
  readonly eventType: string;
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets: Record<string, unknown> };
  readonly job: { readonly name: string; readonly facets: Record<string, unknown> };
  readonly outputs: readonly { readonly name: string; readonly outputFacets?: { readonly loopgraph_content: { readonly header: readonly string[] | null; readonly lines: number; readonly firstLine: string } } }[];
}

let events: StudioEvent[];
let truth: Truth;
let runs: Map<string, Told[]>;

beforeAll(() => {
  const studio = createStudio(SIZES.small);
  events = [...studio.play()];
  truth = studio.truth();
  runs = new Map();
  for (const { kind, event } of events) {
    if (kind !== 'openlineage' || !('run' in event)) continue;
    const told = event as Told;
    runs.set(told.run.runId, [...(runs.get(told.run.runId) ?? []), told]);
  }
});

/** The state of a run by the rule that FAIL and ABORT stand until the next START; written anew here, on purpose. */
function stateOf(told: readonly Told[]): string {
  let state = 'LOST';
  for (const { eventType } of told) {
    if (eventType === 'START') state = 'LOST';
    else if (eventType !== 'RUNNING' && state === 'LOST') state = eventType;
  }
  return state;
}

function tallies(): Truth['unattributed'][] {
  return [...Object.values(truth.runs), truth.unattributed];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe("the player's truth", () => {
  it('counts the events that were told', () => {
    const counted: Record<string, number> = {};
    for (const { kind } of events) counted[kind] = (counted[kind] ?? 0) + 1;
    expect(truth.events).toEqual(counted);
    expect(Object.keys(counted).toSorted()).toEqual(
      ['openlineage', 'playback-session', 'published-report', 'show', 'survey', 'survey-response', 'team'],
    );
  });

  it('counts every run once, by the state in which its events leave it', () => {
    const states = [...runs.values()].map(stateOf);
    const count = (state: string): number => states.filter((each) => each === state).length;
    expect(sum(tallies().map(({ completed }) => completed))).toBe(count('COMPLETE'));
    expect(sum(tallies().map(({ failed }) => failed))).toBe(count('FAIL'));
    expect(sum(tallies().map(({ aborted }) => aborted))).toBe(count('ABORT'));
    expect(sum(tallies().map(({ lost }) => lost))).toBe(count('LOST'));
    expect(sum(tallies().map((tally) => tally.runs))).toBe(runs.size);
    for (const tally of tallies()) expect(tally.completed + tally.failed + tally.aborted + tally.lost).toBe(tally.runs);
  });

  it('holds each of the ways in which real emitters misbehave', () => {
    const types = [...runs.values()].map((told) => told.map(({ eventType }) => eventType).join(' '));
    const matching = (pattern: RegExp): number => types.filter((each) => pattern.test(each)).length;
    expect(matching(/FAIL COMPLETE$/)).toBe(sum(tallies().map(({ failedThenCompleted }) => failedThenCompleted)));
    expect(matching(/FAIL START/)).toBe(sum(tallies().map(({ retried }) => retried)));
    expect(matching(/START/)).toBe(sum(tallies().map(({ startsTold }) => startsTold)));
    expect(matching(/FAIL COMPLETE$/)).toBeGreaterThan(0);
    expect(matching(/FAIL START/)).toBeGreaterThan(0);
    expect(matching(/^(RUNNING )*COMPLETE$/)).toBeGreaterThan(0);
    expect(matching(/^START( RUNNING)*$/)).toBeGreaterThan(0);
  });

  it('has runs of every claim, a parent that is never heard of and runs that nothing attributes', () => {
    expect(Object.keys(truth.claims).toSorted()).toEqual(
      ['GRANDPARENT', 'JOB_TAG', 'NOTHING', 'OWNER_NAME', 'OWNER_TYPE', 'PARENT', 'ROOT', 'RUN_FACET', 'RUN_TAG'],
    );
    expect(sum(Object.values(truth.claims))).toBe(runs.size);
    expect(truth.claims['NOTHING']).toBe(truth.unattributed.runs);
    const parents = [...runs.values()].flatMap((told) => {
      const parent = told[0]?.run.facets['parent'] as { run: { runId: string }; root: { run: { runId: string } } } | undefined;
      return parent === undefined ? [] : [parent];
    });
    expect(parents.filter(({ run }) => !runs.has(run.runId))).toHaveLength(truth.claims['ROOT'] ?? 0);
    expect(parents.every(({ root }) => runs.has(root.run.runId))).toBe(true);
  });

  it('knows every stretch of bad output, found again in the stream by what good outputs never are', () => {
    const chains = new Map<string, { at: string; bad: boolean }[]>();
    const lastLines = new Map<string, number>();
    for (const told of [...runs.values()].filter((each) => stateOf(each) === 'COMPLETE').flatMap((each) => each.at(-1) ?? [])) {
      for (const { name, outputFacets } of told.outputs) {
        if (outputFacets === undefined) continue;
        const { lines, header } = outputFacets.loopgraph_content;
        const bad = lines * 2 < (lastLines.get(name) ?? 0) || header === null || !header.some((column) => ['watched_ms', 'session_id'].includes(column));
        if (!bad) lastLines.set(name, lines);
        chains.set(name, [...(chains.get(name) ?? []), { at: told.eventTime, bad }]);
      }
    }
    const found = [...chains].flatMap(([dataset, outputs]) => {
      const first = outputs.findIndex(({ bad }) => bad);
      if (first < 0) return [];
      const after = outputs.findIndex(({ bad }, place) => place > first && !bad);
      const badOutputs = outputs.filter(({ bad }) => bad).length;
      return [{ dataset, since: outputs[first]?.at, until: after < 0 ? null : outputs[after]?.at, badOutputs }];
    });
    const byDataset = (one: { dataset: string }, other: { dataset: string }): number => (one.dataset < other.dataset ? -1 : 1);
    expect(found.toSorted(byDataset)).toEqual(truth.incidents.map(({ dataset, since, until, badOutputs }) => ({ dataset, since, until, badOutputs })).toSorted(byDataset));
    expect(truth.incidents.map(({ fault }) => fault).toSorted()).toEqual(['COLUMN_GONE', 'EMPTY', 'NULL_CONTENT', 'ROW_LOSS', 'WEB_PAGE']);
    expect(truth.incidents.some(({ until }) => until === null)).toBe(true);
    expect(truth.schemaChanges).toHaveLength(1);
  });

  it('counts sessions and watched time by show, and weekly reports say the same to the hour', () => {
    const watched = new Map<string, number>();
    let sessions = 0;
    for (const { kind, event } of events) {
      if (kind !== 'playback-session') continue;
      const { show, watchedMs } = event as { show?: { title: string; season: string | null }; watchedMs: number };
      const key = show === undefined ? '' : show.season === null ? show.title : `${show.title} / ${show.season}`;
      watched.set(key, (watched.get(key) ?? 0) + watchedMs);
      sessions += 1;
    }
    expect(Object.fromEntries(Object.entries(truth.viewing).map(([key, { watchedMs }]) => [key, watchedMs]))).toEqual(
      Object.fromEntries([...watched].filter(([key]) => key !== '')),
    );
    expect(truth.viewingOfNoShow.watchedMs).toBe(watched.get(''));
    expect(sum(Object.values(truth.viewing).map((each) => each.sessions)) + truth.viewingOfNoShow.sessions).toBe(sessions);

    const firstWeek = events.filter(({ kind, at }) => kind === 'playback-session' && at < Date.parse('2026-01-12T00:00:00Z'));
    const inFirstWeek = sum(firstWeek.map(({ event }) => ('show' in event ? (event as unknown as { watchedMs: number }).watchedMs : 0)));
    const reports = events.map(({ event }) => event as { report?: string; period?: { to: string }; hoursViewed?: number });
    const reported = sum(reports.filter(({ report, period }) => report !== undefined && period?.to === '2026-01-12').map(({ hoursViewed }) => hoursViewed ?? 0));
    expect(Math.abs(reported - inFirstWeek / 3_600_000)).toBeLessThanOrEqual(SIZES.small.shows / 2);
  });

  it('counts what each team answered', () => {
    for (const [edition, teams] of Object.entries(truth.surveys)) {
      for (const [team, tally] of Object.entries(teams)) {
        const answers = events
          .filter(({ kind }) => kind === 'survey-response')
          .map(({ event }) => event as { survey: { edition: string }; team: string; answers: { question: string; value: unknown }[] })
          .filter((response) => response.survey.edition === edition && response.team === team);
        const grades = answers.flatMap((response) => response.answers.flatMap(({ question, value }) => (question === 'satisfaction' ? [Number(value)] : [])));
        expect(answers).toHaveLength(tally.responses);
        expect(tally.satisfaction).toEqual([1, 2, 3, 4, 5].map((grade) => grades.filter((each) => each === grade).length));
        expect(tally.responses).toBeLessThanOrEqual(tally.invited);
      }
    }
    expect(Object.keys(truth.surveys)).toEqual(['1', '2']);
  });

  it('shows the true effect of the change in the raw stream', () => {
    const changeAt = Date.parse(truth.change.at);
    const failures = [...runs.values()].map((told) => ({
      before: Date.parse(told[0]?.eventTime ?? '') < changeAt,
      failed: stateOf(told) === 'FAIL',
      version: (told[0]?.run.facets['processing_engine'] as { version: string } | undefined)?.version,
    }));
    const [before, after] = [failures.filter((run) => run.before), failures.filter((run) => !run.before)];
    expect(new Set(before.map(({ version }) => version))).toEqual(new Set([truth.change.versionBefore]));
    expect(new Set(after.map(({ version }) => version))).toEqual(new Set([truth.change.versionAfter]));
    const share = (side: typeof before): number => side.filter(({ failed }) => failed).length / side.length;
    const pooled = share(failures);
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.length + 1 / after.length));
    expect((share(before) - share(after)) / deviation).toBeGreaterThan(3);
    expect(share(before) * before.length).toBeCloseTo(truth.change.before.failed, 6);
    const { before: then, after: now } = truth.change;
    expect(now.waitMs / now.runs / (then.waitMs / then.runs)).toBeCloseTo(truth.change.waitRatio, 1);
  });
});
