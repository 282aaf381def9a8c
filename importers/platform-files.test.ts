import { createReadStream, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStores, describeOnEachStore } from '../kit/store/test-stores.ts';
import { itWithRealData } from '../kit/test-data.ts';
import { collections, createDesk, type Desk } from '../subgraphs/platform/fixtures.ts';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';
import { FileError, type Importer } from './importer.ts';
import { openlineage } from './openlineage.ts';
import { importFile, type Summary } from './runner.ts';
import { scrapeHistory } from './scrape-history.ts';
import { swf } from './swf.ts';

const RECORDED = 'platform/openlineage-recorded-runs.jsonl';
const HANDWRITTEN = 'platform/openlineage-handwritten.jsonl';
const TEMPLATE = 'platform/marquez-food-delivery.template.json';
const HISTORY = 'platform/netflix-top10-scrape-runs.jsonl';
const WORKFLOWS = 'platform/netflix-top10-scrape-job-history.json';
const LCG = 'platform/LCG-2005-1.swf.gz';

const load = (desk: Desk, importer: Importer, file = '', batchSize = 2_000): Promise<Summary> =>
  importFile(importer, createReadStream(file), {}, desk.send, { batchSize });

/** A line of the scrape job's history, as the tests below read it for themselves. */
interface HistoryLine {
  readonly committed_at: string;
  readonly by: string;
  readonly outputs: readonly {
    readonly path: string;
    readonly git_blob: string;
    readonly lines?: number;
    readonly header?: readonly string[] | null;
    readonly first_line?: string | null;
  }[];
}

const readLines = (file = ''): HistoryLine[] => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as HistoryLine);

/** Stretches of bad outputs, told from the raw lines: what begins with a tag or is `null` is bad, until the blob changes. */
function expectedStretches(lines: readonly HistoryLine[]): unknown[] {
  const open = new Map<string, { output: string; since: string; until: string | null; blob: string }>();
  const closed: { output: string; since: string; until: string | null }[] = [];
  const runs = lines.filter(({ by }) => by === 'bot').sort((one, other) => Date.parse(one.committed_at) - Date.parse(other.committed_at));
  for (const { committed_at: at, outputs } of runs) {
    const moment = new Date(at).toISOString();
    for (const { path, git_blob: blob, first_line: first } of outputs) {
      const isBad = first != null && (first.startsWith('<') || first === 'null');
      const stretch = open.get(path);
      if (stretch !== undefined && !isBad && stretch.blob !== blob) {
        closed.push({ output: path, since: stretch.since, until: moment });
        open.delete(path);
      } else if (stretch === undefined && isBad) open.set(path, { output: path, since: moment, until: null, blob });
    }
  }
  for (const { output, since, until } of open.values()) closed.push({ output, since, until });
  return closed.sort((one, other) => `${one.since} ${one.output}`.localeCompare(`${other.since} ${other.output}`));
}

await describeOnEachStore('files of the platform', ({ open }) => {
  itWithRealData('are taken row by row, and again as repeats', [RECORDED, HANDWRITTEN, TEMPLATE, HISTORY, WORKFLOWS], async (...paths) => {
    const desk = createDesk(await open(collections));
    const expected: readonly [Importer, accepted: number, repeated: number, rejected: number][] = [
      [openlineage, 49, 4, 0],
      [openlineage, 19, 1, 0],
      [openlineage, 0, 0, 26],
      [scrapeHistory, 160, 0, 0],
      [scrapeHistory, 4, 0, 0],
    ];
    for (const [place, [importer, accepted, repeated, rejected]] of expected.entries()) {
      const summary = await load(desk, importer, paths[place], 7);
      expect([paths[place], summary.accepted, summary.repeated, summary.rejectedTotal]).toEqual([paths[place], accepted, repeated, rejected]);
      const again = await load(desk, importer, paths[place]);
      expect([again.accepted, again.repeated, again.rejectedTotal]).toEqual([0, accepted + repeated, rejected]);
      for (const row of summary.rejected) expect(row).toMatchObject({ code: 'ROW_INVALID', field: 'eventTime', message: expect.stringContaining('template') as string });
    }
    const { runs, incidents, job } = await desk.ask<{ runs: { totalCount: number }; incidents: { totalCount: number }; job: unknown }>(`{
      runs { totalCount } incidents { totalCount }
      job(namespace: "netflix-top10", name: "Scrape Netflix Top 10") { inputs { namespace } use(window: { from: "2021-11-01", to: "2024-12-01", granularity: MONTH }) { whole { runs runsStarted runsCompleted } } }
    }`);
    expect(job).toMatchObject({ use: { whole: { runs: 154, runsStarted: 0, runsCompleted: 154 } } });
    // Runs: 18 of Spark and Airflow, 11 by hand, 154 of the scrape job.
    expect(runs.totalCount).toBe(183);
    expect(incidents.totalCount).toBe(5);
  });

  itWithRealData('give the stretches of bad output that the raw history gives', [HISTORY], async (file) => {
    const desk = createDesk(await open(collections));
    await load(desk, scrapeHistory, file, 11);
    const { incidents, outages } = await desk.ask<{ incidents: { nodes: { output: string; since: string }[] }; outages: { since: string; until: string; incidents: unknown[] }[] }>(
      '{ incidents(first: 100) { nodes { output since until } } outages { since until incidents { output } } }',
    );
    const stretches = incidents.nodes.sort((one, other) => `${one.since} ${one.output}`.localeCompare(`${other.since} ${other.output}`));
    expect(stretches).toEqual(expectedStretches(readLines(file)));
    expect(outages.map((outage) => [outage.since.slice(0, 10), outage.until.slice(0, 10), outage.incidents.length])).toEqual([
      ['2023-12-27', '2023-12-28', 1],
      ['2023-12-17', '2023-12-18', 1],
      ['2023-06-01', '2023-07-26', 3],
    ]);
  });

  itWithRealData('keep header changes and unrecorded content apart from incidents', [HISTORY], async (file) => {
    const desk = createDesk(await open(collections));
    await load(desk, scrapeHistory, file);
    const { datasets } = await desk.ask<{ datasets: { nodes: { name: string; schemaChanges: { change: { removed: string[] } }[]; outputs: { nodes: { verdict: string; columns: string[] | null }[] } }[] } }>(
      '{ datasets { nodes { name schemaChanges { change { removed } } outputs(first: 1000) { nodes { verdict columns } } } } }',
    );
    const outputs = datasets.nodes.flatMap((dataset) => dataset.outputs.nodes);
    const raw = readLines(file).filter(({ by }) => by === 'bot').flatMap((line) => line.outputs);
    expect(outputs.length).toBe(raw.length);
    expect(outputs.filter(({ verdict }) => verdict === 'UNKNOWN').length).toBe(raw.filter((output) => output.lines === undefined).length);
    expect(outputs.filter(({ verdict }) => verdict === 'BAD').length).toBe(raw.filter(({ first_line: first }) => first != null).length);
    // The countries file has one header on record, the two others two each.
    expect(new Set(outputs.flatMap(({ columns }) => (columns === null ? [] : [columns.join()]))).size).toBe(5);
    expect(datasets.nodes.flatMap(({ name, schemaChanges }) => schemaChanges.map(({ change }) => [name, change.removed])).sort()).toEqual([
      ['all-weeks-global.tsv', []],
      ['most-popular.tsv', ['hours_viewed_first_28_days']],
    ]);
  });

  itWithRealData('tell which run wrote a week, and what is stale when', [HISTORY], async (file) => {
    const desk = createDesk(await open(collections));
    await load(desk, scrapeHistory, file);
    const week = (fromOn: string, toOn: string): string => `partition(fromOn: "${fromOn}", toOn: "${toOn}") { firstRun { endedAt } lastRun { endedAt } }`;
    const { dataset, then, calm } = await desk.ask<{ dataset: Record<string, unknown>; then: unknown; calm: unknown }>(`{
      dataset(namespace: "netflix-top10", name: "all-weeks-global.tsv") {
        last: ${week('2024-11-04', '2024-11-11')} next: ${week('2024-11-11', '2024-11-18')} lost: ${week('2023-05-29', '2023-06-05')}
      }
      then: staleDatasets(at: "2023-06-20T00:00:00Z") { dataset { name } freshness { newestPeriodOn lagDays cadenceDays usualDelayDays } }
      calm: staleDatasets(at: "2024-11-19T00:00:00Z") { dataset { name } }
    }`);
    const lastRun = { endedAt: '2024-11-13T13:31:01.000Z' };
    expect(dataset['last']).toEqual({ firstRun: lastRun, lastRun });
    expect(dataset['next']).toEqual({ firstRun: null, lastRun: null });
    // The week that was first published while the outputs were bad was written when they were good again.
    expect(dataset['lost']).toMatchObject({ firstRun: { endedAt: '2023-07-26T06:20:23.000Z' } });
    expect(then).toEqual([{ dataset: { name: 'all-weeks-global.tsv' }, freshness: { newestPeriodOn: '2023-05-28', lagDays: 23, cadenceDays: 7, usualDelayDays: 3 } }]);
    expect(calm).toEqual([]);
  });
});

const LOADED = 40_000;

describe('a template that was filled in', () => {
  const { open } = createStores('LMDB', null);

  itWithRealData('gives its runs and their lineage', [TEMPLATE], async (file) => {
    const text = readFileSync(file ?? '', 'utf8')
      .replaceAll('{{RUN_START_TIME}}', '2024-03-01T00:00:00Z')
      .replaceAll(/\{\{RUN_END_TIME_AFTER_(\d+)_MINUTES\}\}/g, (_, minutes: string) => `2024-03-01T00:${minutes.padStart(2, '0')}:00Z`);
    const desk = createDesk(await open(collections));
    const summary = await importFile(openlineage, inChunks(text, 4_096), {}, desk.send);
    expect([summary.accepted, summary.rejectedTotal]).toEqual([26, 0]);
    const events = JSON.parse(text) as { job: { name: string }; inputs?: { name: string }[]; outputs?: { name: string }[] }[];
    // The lineage below a table, told from the raw events.
    const reached = { jobs: new Set<string>(), tables: new Set<string>() };
    for (let open = ['public.menus']; open.length > 0; ) {
      const jobs = events.filter(({ inputs = [] }) => inputs.some(({ name }) => open.includes(name)));
      for (const { job } of jobs) reached.jobs.add(job.name);
      const names = new Set(jobs.map(({ job }) => job.name));
      const tables = events.filter(({ job }) => names.has(job.name)).flatMap(({ outputs = [] }) => outputs.map(({ name }) => name));
      open = [...new Set(tables)].filter((name) => name !== 'public.menus' && !reached.tables.has(name));
      for (const name of open) reached.tables.add(name);
    }
    const { runs, dataset } = await desk.ask<{ runs: { totalCount: number; nodes: { state: string; durationMs: number }[] }; dataset: { downstream: { jobs: { name: string }[]; datasets: { name: string }[]; truncated: boolean } } }>(`{
      runs { totalCount nodes { state durationMs } }
      dataset(namespace: "food_delivery", name: "public.menus") { downstream { jobs { name } datasets { name } truncated } }
    }`);
    expect(runs.totalCount).toBe(13);
    expect(runs.nodes.every(({ state, durationMs }) => state === 'COMPLETE' && durationMs >= 300_000 && durationMs <= 600_000)).toBe(true);
    expect(reached.jobs.size).toBeGreaterThan(1);
    expect(new Set(dataset.downstream.jobs.map(({ name }) => name))).toEqual(reached.jobs);
    expect(new Set(dataset.downstream.datasets.map(({ name }) => name))).toEqual(reached.tables);
    expect(dataset.downstream.truncated).toBe(false);
  });
});

/** A run of the log as its raw line has it. */
interface LogLine {
  readonly start: number;
  readonly end: number;
  readonly user: string;
  readonly group: string;
}

function readLog(file = ''): LogLine[] {
  const text = gunzipSync(readFileSync(file)).toString();
  const origin = Number(/UnixStartTime:\s*(\d+)/.exec(text)?.[1]);
  return text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith(';')).map((line) => {
    const cells = line.trim().split(/\s+/);
    const start = (origin + Number(cells[1])) * 1_000;
    return { start, end: start + Number(cells[3]) * 1_000, user: cells[11] ?? '', group: cells[12] ?? '' };
  });
}

describe('a workload log', () => {
  const { open } = createStores('LMDB', null);

  itWithRealData('gives the totals that its raw lines give, in any window and zone', [LCG], async (file) => {
    const desk = createDesk(await open(collections));
    let taken = 0;
    const summary = await importFile(swf, createReadStream(file ?? ''), {}, (kind, events) => {
      // A part of the log is enough to add up, and all of it to read.
      const receipt = taken < LOADED ? desk.send(kind, events) : Promise.resolve({ accepted: events.length, repeated: 0, rejected: [] });
      taken += events.length;
      return receipt;
    });
    expect([summary.rows, summary.accepted, summary.rejectedTotal]).toEqual([188_041, 188_041, 0]);
    const lines = readLog(file).slice(0, LOADED);
    const zones: readonly [timeZone: string, offset: string][] = [['UTC', 'Z'], ['Asia/Kolkata', '+05:30'], ['Asia/Kathmandu', '+05:45'], ['America/New_York', '-05:00'], ['Pacific/Apia', '-11:00']];
    const days: readonly [from: string, to: string][] = [['2005-11-20', '2005-11-24'], ['2005-11-21', '2005-11-22'], ['2004-11-20', '2004-11-21']];
    const windows = days.flatMap(([from, to]) => zones.map(([timeZone, offset]) => ({ from, to, timeZone, granularity: 'DAY', fromMs: Date.parse(`${from}T00:00:00${offset}`), toMs: Date.parse(`${to}T00:00:00${offset}`) })));
    const first = Date.parse('2005-11-20T00:00:00Z');
    for (const [from, length] of fc.sample(fc.tuple(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 1, max: 99 })), { numRuns: 25, seed: 7 })) {
      const [fromMs, toMs] = [first + from * 900_000, first + (from + length) * 900_000];
      windows.push({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), timeZone: 'Asia/Kathmandu', granularity: 'QUARTER_HOUR', fromMs, toMs });
    }
    interface Point { runsStarted: number | null; runsEnded: number | null; distinctUsers: number | null; runTime: { totalMs: number; sampleSize: number; p50Ms: number } | null }
    interface Use { points: Point[]; whole: Point }
    const fields = 'runsStarted runsEnded distinctUsers runTime { totalMs sampleSize p50Ms }';
    for (const { from, to, timeZone, granularity, fromMs, toMs } of windows) {
      const { platformUse } = await desk.ask<{ platformUse: { total: Use; groups: { team: { id: string } | null; use: Use }[] } }>(
        `query ($window: Window!) { platformUse(window: $window) { total { points { ${fields} } whole { ${fields} } } groups { team { id } use { whole { ${fields} } } } } }`,
        { window: { from, to, timeZone, granularity } },
      );
      const started = lines.filter(({ start }) => start >= fromMs && start < toMs);
      const ended = lines.filter(({ end }) => end >= fromMs && end < toMs);
      const whole = platformUse.total.whole;
      expect([timeZone, whole.runsStarted ?? 0, whole.runsEnded ?? 0]).toEqual([timeZone, started.length, ended.length]);
      expect(whole.distinctUsers ?? 0).toBe(new Set(started.map(({ user }) => user)).size);
      expect(whole.runTime?.totalMs ?? 0).toBe(ended.reduce((sum, { start, end }) => sum + end - start, 0));
      const lengths = ended.map(({ start, end }) => end - start).sort((one, other) => one - other);
      const median = lengths[Math.floor((lengths.length - 1) / 2)];
      if (median !== undefined) expect(Math.abs((whole.runTime?.p50Ms ?? 0) - median)).toBeLessThanOrEqual(0.011 * median);
      expect(platformUse.total.points.reduce((sum, point) => sum + (point.runsStarted ?? 0), 0)).toBe(started.length);
      expect(platformUse.groups.reduce((sum, { use }) => sum + (use.whole.runsStarted ?? 0), 0)).toBe(started.length);
      expect(platformUse.groups.filter(({ use }) => (use.whole.runsStarted ?? 0) > 0).length).toBe(new Set(started.map(({ group }) => group)).size);
    }
  });

  it('reads numbers by its header, and says of each line what is wrong with it', async () => {
    const log = [
      '; Installation: Small', '; UnixStartTime: 1000', '; TimeZone: 3600', '; Queue: 2 batch', '; Group: 7 physics', ';',
      '1 10 5 60 1 -1 -1 -1 -1 -1 1 3 7 -1 2 -1 -1 -1',
      '2 20 -1 -1 1 -1 -1 -1 -1 -1 0 -1 -1 4 2 -1 -1 -1',
      '3 20 -1 30 1 -1 -1 -1 -1 -1 2 -1 -1 4 2 -1 -1 -1',
      '4 20 -1 30', '5 x -1 30 1 -1 -1 -1 -1 -1 5 -1 -1 4 2 -1 -1 -1',
    ].join('\n');
    const rows = await collect(swf.read(inChunks(log), {}));
    expect(rejectionsOf(rows).map(({ line, field }) => [line, field])).toEqual([[9, 'column 11'], [10, null], [11, 'column 2']]);
    const shared = { source: 'Small 1970-01-01', namespace: 'Small', processors: 1 };
    expect(eventsOf(rows.filter((row) => !('rejected' in row)))).toEqual([
      { ...shared, number: 1, job: 'batch', submittedAt: '1970-01-01T00:16:50.000Z', startedAt: '1970-01-01T00:16:55.000Z', waitMs: 5_000, durationMs: 60_000, team: 'physics', user: 'Small user 3', outcome: 'COMPLETE', status: 1 },
      { ...shared, number: 2, job: 'executable 4', submittedAt: '1970-01-01T00:17:00.000Z', startedAt: '1970-01-01T00:17:00.000Z', outcome: 'FAIL', status: 0, queue: 'batch' },
    ]);
  });

  it('refuses a line that says something else of a run than before', async () => {
    const desk = createDesk(await open(collections));
    const run = { source: 'log', number: 1, namespace: 'n', job: 'j', startedAt: '2024-03-01T00:00:00Z', durationMs: 1_000 };
    expect(await desk.send('log-run', [run, run])).toMatchObject({ accepted: 1, repeated: 1, rejected: [] });
    const receipt = await desk.send('log-run', [run, { ...run, durationMs: 2_000 }, { ...run, number: -1 }]);
    expect(receipt).toMatchObject({ accepted: 0, repeated: 1, rejected: [{ index: 1, code: 'EVENT_CONFLICT' }, { index: 2, code: 'EVENT_INVALID', field: 'number' }] });
  });
});

describe('a file of another kind', () => {
  const read = async (importer: Importer, text: string): Promise<string> => {
    try {
      await collect(importer.read(inChunks(text), {}));
    } catch (error) {
      if (error instanceof FileError) return error.code;
      throw error;
    }
    return 'taken';
  };

  it.each([
    [openlineage, '{"commit":"x","committed_at":"2024-01-01T00:00:00Z","outputs":[]}', 'FILE_WRONG_KIND'],
    [openlineage, 'week\tcategory\n', 'FILE_WRONG_KIND'],
    [openlineage, '', 'FILE_WRONG_KIND'],
    [openlineage, '[]', 'taken'],
    [openlineage, '[{"eventTime":"2024-01-01T00:00:00Z"}', 'FILE_TRUNCATED'],
    [scrapeHistory, '{"eventTime":"2024-01-01T00:00:00Z","run":{}}', 'FILE_WRONG_KIND'],
    [scrapeHistory, '<html>', 'FILE_WRONG_KIND'],
    [swf, '{"a":1}', 'FILE_WRONG_KIND'],
    [swf, 'a,b,c\n1,2,3\n', 'FILE_WRONG_KIND'],
    [swf, '1 0 -1 83 1 -1 -1 -1 1200 -1 -1 1 1 -1 -1 1 -1 -1', 'FILE_MISSING_COLUMN'],
  ])('is refused: %o', async (importer, text, code) => {
    expect(await read(importer, text)).toBe(code);
  });

  it('has its broken lines named, and its good ones taken', async () => {
    const rows = await collect(openlineage.read(inChunks('{"eventTime":"2024-01-01T00:00:00Z","run":{"runId":"a"},"job":{"namespace":"n","name":"j"}}\n{broken\n'), {}));
    expect(rows.map((row) => ('rejected' in row ? row.rejected.code : row.kind))).toEqual(['openlineage', 'ROW_INVALID']);
  });
});
