import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { createFolder } from '../../program.ts';
import { preparePython } from '../../python.ts';
import { runClient, useReceiver } from '../receiver.ts';

const here = (file: string): string => projectPath('test', 'emitters', 'airflow', file);
const prepared = await preparePython(here('requirements.txt'), 'emitters', 'airflow');
const receiver = useReceiver();
let folder: Awaited<ReturnType<typeof createFolder>>;

/** Runs Airflow's own command in a home that is new for this file; what it printed. */
async function airflow(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const bin = 'python' in prepared ? dirname(prepared.python) : '';
  const { output } = await runClient(join(bin, 'airflow'), args, {
    cwd: folder.path,
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: folder.path,
      PYTHONDONTWRITEBYTECODE: '1',
      AIRFLOW_HOME: folder.path,
      AIRFLOW__CORE__DAGS_FOLDER: here('dags'),
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__OPENLINEAGE__NAMESPACE: 'airflow',
      AIRFLOW__OPENLINEAGE__TRANSPORT: JSON.stringify({ type: 'http', url: receiver.address }),
      ...environment,
    },
  });
  return output;
}

/** Runs a DAG for a day, in the foreground. */
async function runDag(dag: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const output = await airflow(['dags', 'test', dag, '2026-03-02', ...args], environment);
  expect(output).toContain('Successfully emitted OpenLineage');
}

beforeAll(async () => {
  folder = await createFolder();
  if ('python' in prepared) await airflow(['db', 'migrate']);
});

afterAll(() => folder.remove());

beforeEach(({ skip }) => {
  if ('missing' in prepared) skip(prepared.missing);
});

interface Run {
  readonly runId: string;
  readonly state: string;
  readonly attempts: number;
  readonly nominalStartAt: string;
  readonly parent: { readonly job: { readonly name: string } } | null;
  readonly root: { readonly job: { readonly name: string } } | null;
  readonly team: { readonly basis: string | null; readonly claimedName: string | null };
}

/** The runs of a job, newest first. */
async function readRuns(name: string): Promise<readonly Run[]> {
  const { job } = await receiver.ask<{ job: { runs: { nodes: Run[] } } }>(
    `query ($name: String!) { job(namespace: "airflow", name: $name) { runs {
      nodes { runId state attempts nominalStartAt parent { job { name } } root { job { name } } team { basis claimedName } } } } }`,
    { name },
  );
  return job.runs.nodes;
}

const day = { nominalStartAt: '2026-03-02T00:00:00.000Z' };
const under = (name: string): object => ({ parent: { job: { name } }, root: { job: { name } } });

describe("Airflow's provider", () => {
  test('is read back as a run a DAG and a run a task, for the team that it was started for', async () => {
    await runDag('nightly', ['--conf', '{"team":"news"}']);
    const news = { state: 'COMPLETE', team: { basis: 'RUN', claimedName: 'news' } };
    expect(await readRuns('nightly')).toMatchObject([{ ...day, ...news, parent: null }]);
    expect(await readRuns('nightly.load')).toMatchObject([{ ...day, ...news, ...under('nightly'), attempts: 1 }]);
    expect(await readRuns('nightly.report')).toMatchObject([{ ...day, ...news, ...under('nightly'), attempts: 1 }]);
    const { job } = await receiver.ask<{ job: object }>('{ job(namespace: "airflow", name: "nightly.load") { description integration jobType inputs { name } outputs { name } } }');
    expect(job).toEqual({ description: 'Loads what was watched.', integration: 'AIRFLOW', jobType: 'TASK', inputs: [{ name: 'views' }], outputs: [{ name: 'daily' }] });
  });

  test('that runs a day again is read back as a new attempt of the same run', async () => {
    await runDag('broken');
    const docs = { basis: 'OWNERSHIP', claimedName: 'docs' };
    const [failed] = await readRuns('broken.fail');
    expect(failed).toMatchObject({ ...day, ...under('broken'), state: 'FAIL', attempts: 1, team: docs });
    await runDag('broken', [], { MENDED: 'yes' });
    expect(await readRuns('broken.fail')).toMatchObject([{ runId: failed?.runId, state: 'COMPLETE', attempts: 2, team: docs }]);
  });

  test('says by a tag for whom a DAG runs that a person owns', async () => {
    await runDag('tagged');
    expect(await readRuns('tagged.load')).toMatchObject([{ state: 'COMPLETE', team: { basis: 'TAG', claimedName: 'kids' } }]);
  });
});
