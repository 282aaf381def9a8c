import { createReadStream, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { projectPath } from '../kit/project.ts';
import { describeOnEachStore } from '../kit/store/test-stores.ts';
import { collections, createDesk, readEverything } from '../subgraphs/platform/fixtures.ts';
import { dbt } from './dbt.ts';
import { runIdOf } from './dbt-events.ts';
import { collect, eventsOf, inChunks, rejectionsOf } from './fixtures.ts';
import type { Row } from './importer.ts';
import { importFile, joinFiles } from './runner.ts';

/** What `dbt build`, `dbt run` and `dbt docs generate` of dbt 1.11 on DuckDB left of a project of a few models; its macros are cut out. */
const FOLDER = projectPath('importers', 'fixtures-dbt');
const file = (name: string): string => `${FOLDER}/${name}`;
const text = (name: string): string => readFileSync(file(name), 'utf8');
const [MANIFEST, BUILD, RUN, CATALOG] = ['manifest.json', 'run_results-build.json', 'run_results-run.json', 'catalog.json'] as const;

interface RawResults {
  readonly metadata: { readonly invocation_id: string };
  readonly results: readonly { readonly unique_id: string; readonly status: string; readonly timing: readonly object[] }[];
}
const raw = (name: string): RawResults => JSON.parse(text(name)) as RawResults;
const read = (...names: string[]): Promise<Row[]> => collect(dbt.read(inChunks(names.map(text).join('\n'), 4_096), {}));

await describeOnEachStore('what dbt left', ({ open }) => {
  it('gives a run a node below one of the invocation, with state, times, tables, owners and tests, once', async () => {
    const desk = createDesk(await open(collections));
    const load = (...names: string[]) => importFile(dbt, joinFiles(names.map((name) => createReadStream(file(name)))), {}, desk.send);
    const summary = await load(BUILD, MANIFEST, RUN, CATALOG);
    const results = [...raw(BUILD).results, ...raw(RUN).results];
    const started = results.filter(({ timing }) => timing.length > 0).length;
    expect([summary.accepted, summary.repeated, summary.rejectedTotal]).toEqual([results.length + started + 4, 0, 0]);
    expect(await load(RUN, CATALOG, MANIFEST, BUILD)).toMatchObject({ accepted: 0, repeated: summary.accepted, rejectedTotal: 0 });

    interface Run { job: { name: string; namespace: string; jobType: string }; state: string; durationMs: number | null; parent: { job: { name: string } } | null; team: { claimedName: string | null }; reads: { dataset: { name: string }; assertions: object[] }[]; outputs: { rows: number | null; dataset: { name: string } }[] }
    const { runs } = await desk.ask<{ runs: { nodes: Run[] } }>(`{ runs(first: 100) { nodes {
      job { namespace name jobType } state durationMs parent { job { name } } team { claimedName }
      reads { dataset { name } assertions { assertion success column severity actual } } outputs { rows dataset { name } } } } }`);
    expect(runs.nodes.length).toBe(results.length + 2);
    const expected = { success: 'COMPLETE', pass: 'COMPLETE', warn: 'COMPLETE', fail: 'FAIL', error: 'FAIL', skipped: 'ABORT' } as Record<string, string>;
    const told = results.map(({ unique_id: id, status }) => `${id} ${expected[status]}`);
    expect(runs.nodes.filter(({ parent }) => parent !== null).map(({ job, state }) => `${job.name} ${state}`).toSorted()).toEqual(told.toSorted());
    expect(runs.nodes.filter(({ parent }) => parent === null).map(({ job, state }) => [job.namespace, job.name, job.jobType, state]).toSorted()).toEqual([
      ['duckdb/jaunt', 'dbt build', 'INVOCATION', 'FAIL'], ['duckdb/jaunt', 'dbt run', 'INVOCATION', 'FAIL'],
    ]);
    const built = (name: string, state: string): Run | undefined => runs.nodes.find(({ job, state: each, parent }) => job.name.startsWith(name) && each === state && parent?.job.name === 'dbt build');
    expect(built('seed.jaunt.raw_sessions', 'COMPLETE')).toMatchObject({ reads: [], outputs: [{ rows: 3, dataset: { name: 'jaunt.main.raw_sessions' } }], team: { claimedName: null } });
    expect(built('model.jaunt.sessions', 'COMPLETE')).toMatchObject({ durationMs: expect.any(Number) as number, reads: [{ dataset: { name: 'jaunt.main.raw_sessions' } }], outputs: [{ dataset: { name: 'jaunt.main.sessions' } }], team: { claimedName: 'playback' } });
    expect(built('model.jaunt.hours_by_show', 'ABORT')).toMatchObject({ durationMs: null, team: { claimedName: 'insights' } });
    // A test is for those who own what it tests.
    expect(built('test.jaunt.not_null_sessions_watched_ms', 'COMPLETE')).toMatchObject({ team: { claimedName: 'playback' }, reads: [{ dataset: { name: 'jaunt.main.sessions' }, assertions: [{ assertion: 'not_null', success: false, column: 'watched_ms', severity: 'warn', actual: '1 failures' }] }] });
    expect(built('test.jaunt.accepted_values', 'FAIL')).toMatchObject({ reads: [{ assertions: [{ assertion: 'accepted_values', success: false, column: 'title', severity: 'error' }] }] });
    expect(built('test.jaunt.not_null_hours_by_show', 'ABORT')).toMatchObject({ reads: [{ assertions: [] }] });

    const { dataset } = await desk.ask<{ dataset: { assertions: { success: boolean }[] } }>(`{ dataset(namespace: "duckdb", name: "jaunt.main.sessions") {
      description columns { name type description } writers { name versions { namedBy } } downstream { datasets { name } } assertions { name success } } }`);
    expect(dataset).toMatchObject({
      description: 'Sessions as they were played.',
      columns: [{ name: 'id', type: 'INTEGER', description: 'Of the session.' }, { name: 'title', type: 'VARCHAR', description: null }, { name: 'watched_ms', type: 'INTEGER', description: null }],
      writers: [{ name: 'model.jaunt.sessions', versions: [{ namedBy: 'jobVersion' }] }],
    });
    expect(dataset.assertions.filter(({ success }) => !success).length).toBe(2);
    const written = await Promise.all(collections.flatMap((collection) => collection.indexes.map((index) => readEverything(desk.surroundings.store, index))));
    expect(JSON.stringify(written)).not.toContain('insights@example.org');
  });
});

describe('artifacts of dbt', () => {
  it('are taken in any order, one behind the other without a line between, indented, zipped or as an array', async () => {
    const sorted = (rows: readonly Row[]): string[] => eventsOf(rows).map((event) => JSON.stringify(event)).toSorted();
    const expected = sorted(await read(MANIFEST, BUILD));
    const indent = (name: string): string => JSON.stringify(JSON.parse(text(name)), null, 2);
    const bodies = [text(BUILD) + text(MANIFEST), `${indent(BUILD)}\n${indent(MANIFEST)}`, `\uFEFF[${text(BUILD)}, ${text(MANIFEST)}]`];
    for (const body of bodies) expect(sorted(await collect(dbt.read(inChunks(body, 1_000), {})))).toEqual(expected);
    const zipped = joinFiles([BUILD, MANIFEST].map((name) => inChunks(gzipSync(text(name)), 500)));
    expect(sorted(await collect(dbt.read(zipped, {})))).toEqual(expected);
  });

  it('say of each result that cannot be read what is wrong, and give the others', async () => {
    const results = raw(BUILD).results;
    const [first, second, third] = results;
    const broken = { ...raw(BUILD), results: [first, { ...second, unique_id: 'model.other.gone' }, { ...third, status: 'puzzled' }, { status: 'success' }] };
    const rows = await collect(dbt.read(inChunks(`${text(MANIFEST)}\n${JSON.stringify(broken)}`, 999), {}));
    expect(rejectionsOf(rows).map(({ field }) => field)).toEqual(['results.1.unique_id', 'results.2.status', 'results.3']);
    expect(eventsOf(rows.filter((row) => !('rejected' in row))).length).toBe(4);
  });

  it.each([
    ['a manifest alone', () => text(MANIFEST), 'FILE_MISSING_COLUMN', 'run_results.json'],
    ['results alone', () => text(BUILD), 'FILE_MISSING_COLUMN', 'manifest.json'],
    ['nothing', () => '', 'FILE_WRONG_KIND', 'empty'],
    ['other text', () => 'a,b,c', 'FILE_WRONG_KIND', 'line 1'],
    ['other JSON', () => '{"a":1}', 'FILE_WRONG_KIND', 'dbt_schema_version'],
    ['another artifact', () => '{"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/sources/v3.json"}}', 'FILE_WRONG_KIND', 'sources'],
    ['a cut file', () => text(MANIFEST).slice(0, -5), 'FILE_TRUNCATED', 'line 1'],
    ['a broken one', () => '{"metadata": oops}', 'FILE_WRONG_KIND', 'expected JSON; it stops being so at offset 13 of 18 characters, in what begins in line 1'],
    ['a manifest of another form', () => '{"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json"},"nodes":[]}', 'FILE_MISSING_COLUMN', 'run_results.json'],
  ])('are refused where there is %s', async (_, body, code, message) => {
    await expect(collect(dbt.read(inChunks(body(), 100), {}))).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  it('name runs by invocation and node', () => {
    expect(runIdOf('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(runIdOf('a', 'b')).not.toBe(runIdOf('a', 'c'));
  });
});
