import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, readFacts, readScrapeOutputs, readWeeks, toStaleness } from '../raw-facts.ts';
import { startSavedQuestions, type SavedQuestions } from './saved-questions.ts';

/*
 * The saved questions about published facts, asked by name. Every week, writing and stretch that they answer with is
 * computed a second time here from the raw lines of the shipped files, by nothing of loopgraph's.
 */

let asked: SavedQuestions;
const question: SavedQuestions['question'] = (name, variables) => asked.question(name, variables);

beforeAll(async () => {
  asked = await startSavedQuestions();
});

afterAll(() => asked.stop());

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

interface RawOutput {
  readonly path: string;
  readonly changed: boolean;
  readonly header?: readonly string[] | null;
  readonly first_line?: string | null;
}
interface RawRun {
  readonly committed_at: string;
  readonly outputs: readonly RawOutput[];
}

const scrapes: readonly RawRun[] = readFacts('netflix-top10-scrape-runs.jsonl.gz').map((line) => JSON.parse(line) as RawRun);
const iso = (text: string): string => new Date(text).toISOString();

describe('WhereDoesThisNumberComeFrom', () => {
  interface Run { endedAt: string; state: string; team: { claimedName: string | null } }
  interface Point { from: string; hoursViewed: number | null; dataset: { name: string; writers: { name: string }[]; freshness: object } | null; partition: { firstRun: Run | null; lastRun: Run | null } | null }
  interface Answer { shows: { nodes: { season: string | null; publishedViewing: { whole: { hoursViewed: number | null }; points: Point[] } }[] } }
  const outputs = readScrapeOutputs();

  it.each([
    ['Wednesday', 'Wednesday: Season 1'],
    ['Squid Game', 'Squid Game: Season 1'],
    ['The Witcher', 'The Witcher: Season 3'],
    ['Hot Frosty', 'N/A'],
  ])('knows of every week of %s, %s, which run first and last wrote it, or that none is known', async (title, season) => {
    const window = { from: '2021-06-28', to: '2024-11-18', granularity: 'WEEK' };
    const { shows } = await question<Answer>('WhereDoesThisNumberComeFrom', { title, window });
    const viewing = shows.nodes.find((each) => (each.season ?? 'N/A') === season)?.publishedViewing;
    const points = viewing?.points.filter(({ hoursViewed }) => hoursViewed !== null) ?? [];
    const weeks = [...readWeeks(title, season)].toSorted();
    expect(weeks.length).toBeGreaterThan(0);
    expect(viewing?.whole.hoursViewed).toBe(sum(weeks.map(([, hours]) => hours)));
    const expected = weeks.map(([week, hours]) => {
      const covering = outputs.filter(({ bad, minWeek, maxWeek }) => !bad && (minWeek ?? '9') <= week && (maxWeek ?? '0') >= week);
      return [week, hours, covering[0]?.at, covering.at(-1)?.at];
    });
    expect(points.map(({ from, hoursViewed, partition }) => [addDays(from, 6), hoursViewed, partition?.firstRun?.endedAt, partition?.lastRun?.endedAt])).toEqual(expected);
    const runs = points.flatMap(({ partition }) => partition?.firstRun ?? []);
    // Nothing in the history says for whom the job runs.
    expect(runs.every(({ state, team }) => state === 'COMPLETE' && team.claimedName === null)).toBe(true);
    const datasets = points.map(({ dataset }) => [dataset?.name, dataset?.writers.map(({ name }) => name)]);
    expect(datasets).toEqual(points.map(() => ['all-weeks-global.tsv', ['Scrape Netflix Top 10']]));
    const { newest, lagDays, stale } = toStaleness(outputs, '2023-01-15T00:00:00.000Z');
    expect(points[0]?.dataset?.freshness).toMatchObject({ newestPeriodOn: newest, lagDays, stale });
  });

  it('knows no run for the last published week, which the history ends before', async () => {
    const { shows } = await question<Answer>('WhereDoesThisNumberComeFrom', { title: 'Hot Frosty', window: { from: '2024-11-11', to: '2024-11-18', granularity: 'WEEK' } });
    expect(shows.nodes[0]?.publishedViewing.points).toMatchObject([{ hoursViewed: 24_600_000, partition: { firstRun: null, lastRun: null } }]);
  });
});

describe('WhichNumbersAreWrongOrStale', () => {
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
      const { incidents, outages } = await question<{ incidents: { nodes: { output: string; since: string; until: string | null }[] }; outages: object[] }>('WhichNumbersAreWrongOrStale', { at });
      const expected = stretches.filter(({ since, until }) => since <= at && (until === null || at < until));
      const byName = (one: { output: string }, other: { output: string }): number => (one.output < other.output ? -1 : 1);
      expect(incidents.nodes.map(({ output, since, until }) => ({ output, since, until })).toSorted(byName)).toEqual(expected.toSorted(byName));
      expect(outages.length).toBe(new Set(expected.map(({ since }) => since)).size);
    }
  });

  it.each([
    ['2023-01-15', false], ['2023-06-07', false], ['2023-06-09', true], ['2023-07-01', true], ['2023-07-27', false], ['2024-11-21', false], ['2024-11-22', true], ['2024-12-10', true],
  ])('judges at %s whether the newest week lags its cadence', async (day, stale) => {
    const at = `${day}T00:00:00.000Z`;
    const expected = toStaleness(readScrapeOutputs(), at);
    expect(expected.stale).toBe(stale);
    const { staleDatasets } = await question<{ staleDatasets: { dataset: { name: string }; freshness: { newestPeriodOn: string; lagDays: number } }[] }>('WhichNumbersAreWrongOrStale', { at });
    expect(staleDatasets.map(({ dataset, freshness }) => [dataset.name, freshness.newestPeriodOn, freshness.lagDays])).toEqual(stale ? [['all-weeks-global.tsv', expected.newest, expected.lagDays]] : []);
  });
});
