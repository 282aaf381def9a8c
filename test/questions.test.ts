import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '../gateway/start.ts';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { importers } from '../importers/index.ts';
import { projectPath } from '../kit/project.ts';
import { SIZES, createStudio, loadSample } from '../sample/index.ts';
import { subgraphs } from '../subgraphs/index.ts';

/*
 * The saved questions, asked by name. What they answer is computed a second time here: from the raw lines of the shipped
 * files, or from the stream of events that the studio plays, by nothing of loopgraph's. test/sample.test.ts holds the
 * studio's figures to its truth as well.
 */

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

async function question<Data>(operationName: string, variables: object = {}): Promise<{ data: Data; extensions?: { rows?: Record<string, number | null>[] } }> {
  const { body } = await ask(`${running.address}/graphql`, { operationName, variables });
  const { errors, ...answer } = body as { data: Data; errors?: unknown; extensions?: { rows?: Record<string, number | null>[] } };
  expect(errors).toBeUndefined();
  return answer;
}

const readFact = (name: string): string[] =>
  gunzipSync(readFileSync(projectPath('sample', 'facts', name))).toString('utf8').split('\n').filter((line) => line !== '');

interface RawOutput {
  readonly path: string;
  readonly changed: boolean;
  readonly lines?: number | null;
  readonly header?: readonly string[] | null;
  readonly first_line?: string | null;
  readonly min_week?: string;
  readonly max_week?: string;
}
interface RawRun {
  readonly by: string;
  readonly committed_at: string;
  readonly outputs: readonly RawOutput[];
}

const scrapes: readonly RawRun[] = readFact('netflix-top10-scrape-runs.jsonl.gz').map((line) => JSON.parse(line) as RawRun);
const iso = (text: string): string => new Date(text).toISOString();

describe('where does this number come from', () => {
  it('gives the hours of each week, and the first and last run that wrote the week, as the raw files have them', async () => {
    interface Point {
      from: string;
      hoursViewed: number | null;
      dataset: { name: string; writers: { name: string }[] } | null;
      partition: { firstRun: { endedAt: string; state: string } | null; lastRun: { endedAt: string } | null } | null;
    }
    const { data } = await question<{ shows: { nodes: { season: string | null; publishedViewing: { points: Point[] } }[] } }>('WhereDoesThisNumberComeFrom');
    const [header = '', ...lines] = readFact('netflix-top10-global.tsv.gz');
    const columns = header.trim().split('\t');
    const rows = lines.map((line) => Object.fromEntries(line.trim().split('\t').map((cell, place) => [columns[place] ?? '', cell])));
    const written = scrapes.filter(({ by }) => by === 'bot').flatMap(({ committed_at, outputs }) =>
      outputs.filter(({ path, changed, max_week }) => path === 'all-weeks-global.tsv' && changed && max_week !== undefined).map((output) => ({ at: iso(committed_at), ...output })),
    );
    let compared = 0;
    for (const { season, publishedViewing } of data.shows.nodes) {
      for (const point of publishedViewing.points) {
        const sunday = new Date(Date.parse(point.from) + 6 * 86_400_000).toISOString().slice(0, 10);
        const own = rows.filter((row) => row['show_title'] === 'Wednesday' && row['season_title'] === (season ?? 'N/A') && row['week'] === sunday);
        expect(point.hoursViewed).toBe(own.length === 0 ? null : own.reduce((sum, row) => sum + Number(row['weekly_hours_viewed']), 0));
        if (own.length === 0) continue;
        const covering = written.filter(({ min_week = '', max_week = '' }) => min_week <= sunday && sunday <= max_week).map(({ at }) => at).toSorted();
        expect([point.partition?.firstRun?.endedAt, point.partition?.lastRun?.endedAt]).toEqual([covering[0], covering.at(-1)]);
        expect(point.dataset).toMatchObject({ name: 'all-weeks-global.tsv', writers: [{ name: 'Scrape Netflix Top 10' }] });
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(6);
  });
});

describe('which numbers are wrong or stale', () => {
  /** By output, the stretches of changed content that is no table: since the run that wrote it, until the next that changed it. */
  const stretches = ['all-weeks-countries.tsv', 'all-weeks-global.tsv', 'most-popular.tsv'].flatMap((path) => {
    const found: { output: string; since: string; until: string | null }[] = [];
    for (const { committed_at, outputs } of scrapes) {
      const output = outputs.find((each) => each.path === path && each.changed);
      if (output === undefined) continue;
      const open = found.at(-1);
      if (open !== undefined && open.until === null) open.until = iso(committed_at);
      const text = output.first_line ?? output.header?.join('\t') ?? '';
      if (/^\s*<|^null$/.test(text)) found.push({ output: path, since: iso(committed_at), until: null });
    }
    return found;
  });

  it('finds the three stretches of the scrape job, five output by output, and nothing at any other time', async () => {
    expect(stretches).toHaveLength(5);
    const moments = [...new Set(scrapes.map(({ committed_at }) => iso(committed_at)))];
    const probes = [...stretches.map(({ since }) => since), ...moments.filter((_, place) => place % 8 === 0), '2024-11-20T00:00:00.000Z'];
    for (const at of probes) {
      const { data } = await question<{ incidents: { nodes: { output: string; since: string; until: string | null }[] }; outages: object[] }>('WhichNumbersAreWrongOrStale', { at });
      const expected = stretches.filter(({ since, until }) => since <= at && (until === null || at < until));
      const byName = (one: { output: string }, other: { output: string }): number => (one.output < other.output ? -1 : 1);
      expect(data.incidents.nodes.map(({ output, since, until }) => ({ output, since, until })).toSorted(byName)).toEqual(expected.toSorted(byName));
      expect(data.outages.length).toBe(new Set(expected.map(({ since }) => since)).size);
    }
  });

  it('calls a dataset stale once its newest good period lags, and not before', async () => {
    const stale = async (at: string): Promise<string[]> =>
      (await question<{ staleDatasets: { dataset: { name: string } }[] }>('WhichNumbersAreWrongOrStale', { at })).data.staleDatasets.map(({ dataset }) => dataset.name);
    expect(await stale('2023-05-31T00:00:00Z')).not.toContain('all-weeks-global.tsv');
    expect(await stale('2023-07-01T00:00:00Z')).toContain('all-weeks-global.tsv');
    expect(await stale('2023-08-05T00:00:00Z')).not.toContain('all-weeks-global.tsv');
  });
});

describe('who uses the platform', () => {
  it('counts the runs of every group of a real log, and the groups and the remainder add up to the total of every hour', async () => {
    interface Use {
      whole: { runsStarted: number | null };
      points: { runsStarted: number | null }[];
    }
    const { data } = await question<{ platformUse: { groups: { team: object | null; use: Use }[]; total: Use; attributed: Use; unattributed: Use } }>('WhoUsesThePlatform', {
      origin: 'RECORDED',
      window: { from: '2005-11-20', to: '2005-11-21', granularity: 'HOUR' },
    });
    const raw = readFact('LCG-2005-1.swf.gz');
    const origin = Number(/UnixStartTime:\s*(\d+)/.exec(raw.join('\n'))?.[1]);
    const runs = raw.filter((line) => !line.startsWith(';')).map((line) => line.trim().split(/\s+/)).map((cells) => ({ start: origin + Number(cells[1]) + Math.max(0, Number(cells[2])), group: cells[12] ?? '' }));
    const day = Date.parse('2005-11-20T00:00:00Z') / 1_000;
    const inside = runs.filter(({ start }) => start >= day && start < day + 86_400);
    const byGroup = new Map<string, number>();
    for (const { group } of inside) byGroup.set(group, (byGroup.get(group) ?? 0) + 1);
    const { groups, total, attributed, unattributed } = data.platformUse;
    const counted = groups.map(({ use }) => use.whole.runsStarted ?? 0).filter((count) => count > 0);
    expect(inside.length).toBeGreaterThan(1_000);
    expect(counted.toSorted((a, b) => a - b)).toEqual([...byGroup.values()].toSorted((a, b) => a - b));
    expect(total.points.map(({ runsStarted }) => runsStarted ?? 0)).toEqual(Array.from({ length: 24 }, (_, hour) => inside.filter(({ start }) => Math.floor((start - day) / 3_600) === hour).length));
    expect(total.points.map(({ runsStarted }) => runsStarted ?? 0)).toEqual(total.points.map((_, hour) => (attributed.points[hour]?.runsStarted ?? 0) + (unattributed.points[hour]?.runsStarted ?? 0)));
  });
});

describe('what do they say', () => {
  it('gives n, invited and interval beside the use, and withholds what fewer than five said', async () => {
    interface Said {
      n: number;
      invited: number | null;
      withheld: object | null;
      satisfaction: { n: number; mean: number | null; interval: object | null } | null;
      team: { name: string; platformUse: { whole: { runsStarted: number } } };
    }
    const truth = createStudio(SIZES.small).truth();
    const { data } = await question<{ surveys: { nodes: { edition: string; byTeam: { nodes: Said[] } }[] } }>('WhatDoTheySay');
    let shown = 0;
    const withheldMeans: (number | null)[] = [];
    for (const { edition, byTeam } of data.surveys.nodes) {
      for (const { n, invited, withheld, satisfaction, team } of byTeam.nodes) {
        const tally = truth.surveys[edition]?.[team.name];
        if (withheld !== null) {
          withheldMeans.push(satisfaction?.mean ?? null);
          continue;
        }
        expect([n, invited]).toEqual([tally?.responses, tally?.invited]);
        expect(n).toBeGreaterThanOrEqual(5);
        expect(satisfaction?.interval).not.toBeNull();
        expect(team.platformUse.whole.runsStarted).toBeGreaterThan(0);
        shown += 1;
      }
    }
    expect(shown).toBeGreaterThan(8);
    expect(withheldMeans.length).toBeGreaterThan(0);
    expect(withheldMeans.filter((mean) => mean !== null)).toEqual([]);
  });
});

describe('what depends on a dataset or a job of the studio', () => {
  interface Named {
    namespace: string;
    name: string;
  }
  const [FROM, TO] = ['2026-01-05', '2026-02-02'];
  const reads = new Map<string, Set<string>>();
  const writes = new Map<string, Set<string>>();
  const holds = new Map<string, Set<string>>();
  const sessions: { show: string; startedAt: string; watchedMs: number }[] = [];
  const published: { dataset: string; from: string; to: string; hours: number }[] = [];
  const link = (map: Map<string, Set<string>>, from: string, to: string): void => void map.set(from, (map.get(from) ?? new Set()).add(to));
  const showKey = ({ title, season }: { title: string; season?: string | null }): string => JSON.stringify([title, season ?? null]);

  beforeAll(() => {
    for (const { kind, event } of createStudio(SIZES.small).play()) {
      if (kind === 'openlineage') {
        const { job, inputs = [], outputs = [] } = event as { job?: Named; inputs?: Named[]; outputs?: Named[] };
        if (job === undefined) continue;
        for (const { name } of inputs) link(reads, name, job.name);
        for (const { name } of outputs) link(writes, job.name, name);
      } else if (kind === 'show') {
        const show = event as { title: string; season?: string | null; datasets?: Named[] };
        for (const { name } of show.datasets ?? []) link(holds, name, showKey(show));
      } else if (kind === 'playback-session') {
        const { show, startedAt, watchedMs } = event as { show?: { title: string; season?: string | null }; startedAt: string; watchedMs: number };
        if (show !== undefined) sessions.push({ show: showKey(show), startedAt, watchedMs });
      } else if (kind === 'published-report') {
        const row = event as { dataset: Named; period: { from: string; to: string }; hoursViewed: number; title: string; season?: string | null };
        published.push({ dataset: row.dataset.name, ...row.period, hours: row.hoursViewed });
        link(holds, row.dataset.name, showKey(row));
      }
    }
  });

  /** Datasets down the lineage of jobs, breadth first. */
  const downstreamOf = (jobs: Iterable<string>): Set<string> => {
    const [seen, found, queue] = [new Set<string>(), new Set<string>(), [...jobs]];
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      if (seen.has(job)) continue;
      seen.add(job);
      for (const dataset of writes.get(job) ?? []) {
        found.add(dataset);
        queue.push(...(reads.get(dataset) ?? []));
      }
    }
    return found;
  };

  /** Hours watched of what a dataset holds: as published where it is, else as played; null where neither is. */
  const hoursOf = (dataset: string, from: string, to: string): number | null => {
    const rows = published.filter((row) => row.dataset === dataset && row.from >= from && row.to <= to);
    if (rows.length > 0) return rows.reduce((sum, { hours }) => sum + hours, 0);
    const own = sessions.filter(({ show, startedAt }) => holds.get(dataset)?.has(show) === true && startedAt >= from && startedAt < to);
    return own.length === 0 ? null : own.reduce((sum, { watchedMs }) => sum + watchedMs, 0) / 3_600_000;
  };
  const expectHours = (actual: number | null, expected: number | null): void =>
    expected === null ? expect(actual).toBeNull() : expect(actual).toBeCloseTo(expected, 6);

  it('is what breaks if it changes, weighted by the hours watched, most first', async () => {
    const { data } = await question<{ dataset: { downstream: { truncated: boolean; datasets: { name: string; viewing: { hoursViewed: number | null } | null }[] } }; job: { downstream: { datasets: Named[] } } }>('WhatBreaksIfThisChanges');
    const expected = downstreamOf(reads.get('raw.playback_sessions') ?? []);
    const { truncated, datasets } = data.dataset.downstream;
    expect(truncated).toBe(false);
    expect(expected.size).toBeGreaterThan(24);
    expect(datasets.map(({ name }) => name).toSorted()).toEqual([...expected].toSorted());
    for (const { name, viewing } of datasets) expectHours(viewing?.hoursViewed ?? null, hoursOf(name, FROM, TO));
    const hours = datasets.map(({ viewing }) => viewing?.hoursViewed ?? -1);
    expect(hours).toEqual(hours.toSorted((a, b) => b - a));
    expect(data.job.downstream.datasets.map(({ name }) => name).toSorted()).toEqual([...downstreamOf(['ingest.playback_sessions'])].toSorted());
  });

  it('is what a failed run hurts: the sum of the hours that depend on its job, most first', async () => {
    const window = { from: '2026-01-26', to: TO, granularity: 'WHOLE' };
    const { data, extensions } = await question<{ failures: { nodes: { kind: string; at: string; run: { job: Named } }[]; pageInfo: { hasNextPage: boolean } } }>('WhichFailuresHurtMost', { window });
    const { nodes } = data.failures;
    const sums = (extensions?.rows ?? []).map(({ hoursViewed }) => hoursViewed ?? null);
    expect(nodes.length).toBeGreaterThan(10);
    expect(sums).toHaveLength(nodes.length);
    nodes.forEach(({ run }, place) => {
      const hours = [...downstreamOf([run.job.name])].map((dataset) => hoursOf(dataset, window.from, window.to)).filter((each) => each !== null);
      expectHours(sums[place] ?? null, hours.length === 0 ? null : hours.reduce((sum, each) => sum + each, 0));
    });
    expect(sums).toEqual(sums.toSorted((a, b) => (b ?? -1) - (a ?? -1)));
    expect(sums.some((sum) => sum !== null)).toBe(true);
  });
});
