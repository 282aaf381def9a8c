import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, createFolder, startTest } from '../gateway/test-gateway.ts';
import { projectPath } from '../kit/project.ts';
import { platform } from '../subgraphs/platform/index.ts';

/** What unmodified clients sent once, in runs of test/emitters; people, hosts and folders are replaced. */

const readRecorded = async (...parts: readonly string[]): Promise<readonly object[]> =>
  (await readFile(projectPath('test', 'emitters', ...parts), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as object);

const QUESTION = `{
  runs(first: 1000, orderBy: STARTED_AT_ASC) { nodes {
    runId state attempts startedAt endedAt nominalStartAt events facets
    job { name description jobType integration } parent { runId } root { runId } user { id } team { basis claimedName evidence }
    inputs { name } outputs { rows bytes columns verdict dataset { name } } } }
  jobs(first: 1000) { nodes { name inputs { name } outputs { name } latestRun { runId } } }
  datasets(first: 1000) { nodes { name description columns { name type description inputs { column dataset { name } } } } }
  platformUse(window: { from: "2026-11-24", to: "2026-11-25", granularity: WHOLE }) { total { whole { runs runsStarted runsEnded runsCompleted runsFailed runHours distinctUsers } } } }`;

interface Summary {
  readonly job: { readonly name: string };
  readonly state: string;
  readonly team: { readonly basis: string | null; readonly claimedName: string | null };
  readonly user: { readonly id: string } | null;
}

interface Answer {
  readonly data: {
    readonly runs: { readonly nodes: readonly Summary[] };
    readonly platformUse: { readonly total: { readonly whole: { readonly distinctUsers: number | null } } };
  };
}

let folder: Awaited<ReturnType<typeof createFolder>>;
let stores = 0;

beforeAll(async () => {
  folder = await createFolder();
});

afterAll(() => folder.remove());

/** What a server over an empty store answers once the bodies were posted one after the other. */
async function answerAfter(bodies: readonly unknown[]): Promise<Answer> {
  const environment = { STORE: `lmdb:${join(folder.path, `store-${++stores}`)}`, PSEUDONYM_KEY: 'a-key-of-the-tests-and-of-nobody' };
  const running = await startTest(environment, { subgraphs: [platform], now: () => Date.parse('2026-11-24T20:00:00Z') });
  try {
    for (const body of bodies) {
      const { status } = await ask(`${running.address}/api/v1/lineage`, body);
      expect(status).toBe(Array.isArray(body) ? 200 : 201);
    }
    return (await ask(`${running.address}/graphql`, { query: QUESTION })).body as Answer;
  } finally {
    await running.close();
  }
}

const summarise = ({ data }: Answer): unknown =>
  data.runs.nodes.map(({ job, state, team }) => [job.name, state, team.basis, team.claimedName]).sort();

const wrapper = 'dbt-run-nightly';

describe.each([
  [
    'Spark',
    ['spark', 'recorded', 'figures.ndjson'],
    [
      ['nightly', 'COMPLETE', 'OWNERSHIP', 'drama'],
      ['nightly.adaptive_spark_plan.warehouse_daily', 'COMPLETE', 'OWNERSHIP', 'drama'],
      ['nightly.execute_insert_into_hadoop_fs_relation_command.warehouse_broken', 'FAIL', 'OWNERSHIP', 'drama'],
      ['nightly.execute_insert_into_hadoop_fs_relation_command.warehouse_views', 'COMPLETE', 'OWNERSHIP', 'drama'],
      ['nightly.map_partitions_parallel_collection', 'RUNNING', 'PARENT', 'drama'],
      ['nightly.map_partitions_parallel_collection', 'RUNNING', 'PARENT', 'drama'],
      ['nightly.map_partitions_python_parallel_collection', 'COMPLETE', 'PARENT', 'drama'],
    ],
  ],
  [
    'dbt',
    ['dbt', 'recorded', 'artifacts.ndjson'],
    [
      [wrapper, 'COMPLETE', null, null],
      ['warehouse.main.nightly.daily.build.run', 'COMPLETE', 'OWNERSHIP', 'drama'],
      ['warehouse.main.nightly.daily.build.test', 'COMPLETE', 'TAG', 'drama'],
      ['warehouse.main.nightly.views.build.run', 'COMPLETE', null, null],
      ['warehouse.main.nightly.views.build.test', 'COMPLETE', null, null],
    ],
  ],
  [
    'Airflow',
    ['airflow', 'recorded', 'nightly.ndjson'],
    [
      ['nightly', 'COMPLETE', 'RUN', 'news'],
      ['nightly.load', 'COMPLETE', 'RUN', 'news'],
      ['nightly.report', 'COMPLETE', 'RUN', 'news'],
    ],
  ],
] as const)('what %s sent', (_, path, expected) => {
  test('is read back alike in any order, with repeats and in any batches, and names no person', async () => {
    const events = await readRecorded(...path);
    const asSent = await answerAfter(events);
    expect(summarise(asSent)).toEqual(expected);
    expect(JSON.stringify(asSent)).not.toMatch(/"ann"/);
    expect(JSON.stringify(await answerAfter(events.toReversed()))).toBe(JSON.stringify(asSent));

    const arrangement = fc.tuple(fc.shuffledSubarray([...events], { minLength: events.length }), fc.subarray([...events]), fc.integer({ min: 1, max: events.length }));
    await fc.assert(
      fc.asyncProperty(arrangement, async ([shuffled, again, size]) => {
        const all = [...shuffled, ...again];
        const batches = Array.from({ length: Math.ceil(all.length / size) }, (__, index) => all.slice(index * size, (index + 1) * size));
        expect(JSON.stringify(await answerAfter(batches))).toBe(JSON.stringify(asSent));
      }),
      { numRuns: 3 },
    );
  });
});

test('who started an Airflow run is counted once and not named', async () => {
  const { data } = await answerAfter(await readRecorded('airflow', 'recorded', 'nightly.ndjson'));
  expect(data.runs.nodes.map(({ user }) => user)).toEqual(Array.from({ length: 3 }, () => ({ id: expect.stringMatching(/^User:/) })));
  expect(new Set(data.runs.nodes.map(({ user }) => user?.id)).size).toBe(1);
  expect(data.platformUse.total.whole.distinctUsers).toBe(1);
});
