import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { createFolder } from '../../program.ts';
import { preparePython, tryRun } from '../../python.ts';
import { useReceiver } from '../receiver.ts';

/** As the listener's documentation has it: Spark fetches it itself. */
const LISTENER = 'io.openlineage:openlineage-spark_2.13:1.53.0';
const SCHEDULER_RUN = '01941f29-7c00-7aaa-8bbb-0123456789ab';

const here = (file: string): string => projectPath('test', 'emitters', 'spark', file);
const java = await tryRun('java', ['-version']);
const prepared = java.ok ? await preparePython(here('requirements.txt'), 'emitters', 'spark') : { missing: 'no Java is on the path' };
const receiver = useReceiver();
let folder: Awaited<ReturnType<typeof createFolder>>;
let missing = 'missing' in prepared ? prepared.missing : null;

/** Runs the job on one core of this machine; what Spark printed. */
async function submit(python: string): Promise<string> {
  const bin = dirname(python);
  const settings = {
    'spark.jars.ivy': projectPath('.cache', 'emitters', 'spark', 'ivy'),
    'spark.ui.enabled': 'false',
    'spark.extraListeners': 'io.openlineage.spark.agent.OpenLineageSparkListener',
    'spark.openlineage.transport.type': 'http',
    'spark.openlineage.transport.url': receiver.address,
    'spark.openlineage.transport.compression': 'gzip',
    'spark.openlineage.namespace': 'spark',
    'spark.openlineage.job.owners.team': 'drama',
    'spark.openlineage.run.tags': 'environment:staging',
    'spark.openlineage.parentJobNamespace': 'scheduler',
    'spark.openlineage.parentJobName': 'nightly',
    'spark.openlineage.parentRunId': SCHEDULER_RUN,
  };
  const conf = Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
  const { output } = await tryRun('/usr/bin/env', [
    `PYSPARK_PYTHON=${python}`,
    join(bin, 'spark-submit'),
    ...['--master', 'local[1]', '--name', 'figures', '--packages', LISTENER],
    ...conf,
    here('job.py'),
    join(folder.path, 'warehouse'),
  ]);
  return output;
}

beforeAll(async () => {
  folder = await createFolder();
  if (!('python' in prepared)) return;
  const output = await submit(prepared.python);
  if (/Server access error/.test(output)) missing = 'no registry of Java packages can be had';
  else if (!output.includes('failed as it should: ArithmeticException')) throw new Error(output.slice(-5_000));
  else await receiver.tellOfScheduler(SCHEDULER_RUN);
});

afterAll(() => folder.remove());

beforeEach(({ skip }) => {
  if (missing !== null) skip(missing);
});

describe("Spark's listener", () => {
  const named = (name: string): string => `figures.${name}`;
  const command = (name: string): string => named(`execute_insert_into_hadoop_fs_relation_command.warehouse_${name}`);

  test('is read back as one run of the application and a run a query, a failed one failed although a completion follows', async () => {
    interface Run {
      readonly state: string;
      readonly attempts: number;
      readonly job: { readonly name: string };
      readonly parent: Pick<Run, 'job'> | null;
      readonly root: Pick<Run, 'job'> | null;
      readonly team: { readonly basis: string | null; readonly claimedName: string | null };
    }
    const { runs } = await receiver.ask<{ runs: { nodes: Run[] } }>(
      '{ runs(first: 1000, orderBy: STARTED_AT_ASC) { nodes { state attempts job { name } parent { job { name } } root { job { name } } team { basis claimedName } } } }',
    );
    const read = runs.nodes.map(({ job, state, attempts, parent, root, team }) => [job.name, state, attempts, parent?.job.name, root?.job.name, team.basis, team.claimedName]);
    const under = ['figures', 'nightly'];
    const owned = [...under, 'OWNERSHIP', 'drama'];
    const inherited = [...under, 'PARENT', 'drama'];
    expect(read.filter(([name]) => name !== 'nightly')).toEqual([
      ['figures', 'COMPLETE', 1, 'nightly', 'nightly', 'OWNERSHIP', 'drama'],
      [command('views'), 'COMPLETE', 1, ...owned],
      [named('map_partitions_parallel_collection'), 'RUNNING', 1, ...inherited],
      [named('adaptive_spark_plan.warehouse_daily'), 'COMPLETE', 1, ...owned],
      [named('map_partitions_python_parallel_collection'), 'COMPLETE', 1, ...inherited],
      [named('map_partitions_parallel_collection'), 'RUNNING', 1, ...inherited],
      [command('broken'), 'FAIL', 1, ...owned],
    ]);
  });

  test('gives what was written, each row counted once, its columns and what they are made from', async () => {
    const { daily, views, numbers } = await receiver.ask<Record<string, { columns: object[]; outputs: object }>>(
      `query ($daily: String!, $views: String!, $numbers: String!) {
        daily: dataset(namespace: "file", name: $daily) { columns { name type inputs { column dataset { name } } } writers { name } ...outputs }
        views: dataset(namespace: "file", name: $views) { columns { name type } readers { name } ...outputs }
        numbers: dataset(namespace: "file", name: $numbers) { ...outputs } }
        fragment outputs on Dataset { outputs { nodes { rows columns run { job { name } } } } }`,
      Object.fromEntries(['daily', 'views', 'numbers'].map((name) => [name, join(folder.path, 'warehouse', name)])),
    );
    const from = (...columns: string[]): object[] => columns.map((column) => ({ column, dataset: { name: join(folder.path, 'warehouse', 'views') } }));
    expect(daily).toEqual({
      columns: [
        { name: 'title', type: 'string', inputs: from('title') },
        { name: 'hours', type: 'decimal(27,6)', inputs: from('watched_s') },
      ],
      writers: [{ name: named('adaptive_spark_plan.warehouse_daily') }],
      outputs: { nodes: [{ rows: 2, columns: ['title', 'hours'], run: { job: { name: named('adaptive_spark_plan.warehouse_daily') } } }] },
    });
    expect(views).toMatchObject({
      columns: [{ name: 'title', type: 'string' }, { name: 'country', type: 'string' }, { name: 'watched_s', type: 'long' }],
      outputs: { nodes: [{ rows: 3, columns: ['title', 'country', 'watched_s'], run: { job: { name: command('views') } } }] },
    });
    expect(numbers?.outputs).toEqual({ nodes: [{ rows: 10, columns: null, run: { job: { name: named('map_partitions_python_parallel_collection') } } }] });
  });

  test('keeps facets of any name, and the error of the failed query', async () => {
    const { job } = await receiver.ask<{ job: object }>('query ($name: String!) { job(namespace: "spark", name: $name) { jobType integration latestRun { facets } } }', {
      name: command('broken'),
    });
    expect(job).toMatchObject({
      jobType: 'SQL_JOB',
      integration: 'SPARK',
      latestRun: {
        facets: {
          'environment-properties': {},
          tags: { tags: expect.arrayContaining([expect.objectContaining({ key: 'environment', value: 'staging' })]) },
          'spark.exception': { stackTrace: expect.stringContaining('DIVIDE_BY_ZERO') },
        },
      },
    });
  });
});
