import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { createFolder } from '../../program.ts';
import { preparePython } from '../../python.ts';
import { runClient, useReceiver } from '../receiver.ts';

const prepared = await preparePython(projectPath('test', 'emitters', 'dbt', 'requirements.txt'), 'emitters', 'dbt');
const receiver = useReceiver();
let folder: Awaited<ReturnType<typeof createFolder>>;

beforeAll(async () => {
  folder = await createFolder();
});

afterAll(() => folder.remove());

beforeEach(({ skip }) => {
  if ('missing' in prepared) skip(prepared.missing);
});

/** Runs dbt's wrapper on a fresh copy of the project; what it printed. */
async function build(namespace: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const bin = 'python' in prepared ? dirname(prepared.python) : '';
  const project = join(folder.path, namespace);
  await cp(projectPath('test', 'emitters', 'dbt', 'project'), project, { recursive: true });
  const { output } = await runClient(join(bin, 'dbt-ol'), args, {
    cwd: project,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder.path, OPENLINEAGE_URL: receiver.address, OPENLINEAGE_NAMESPACE: namespace, ...environment },
  });
  expect(output).toMatch(/Emitted \d+ OpenLineage events/);
  return output;
}

interface Run {
  readonly state: string;
  readonly job: { readonly namespace: string; readonly name: string };
  readonly parent: { readonly job: { readonly name: string } } | null;
  readonly root: { readonly job: { readonly name: string } } | null;
  readonly team: { readonly basis: string | null; readonly claimedName: string | null };
}

/** What each job's run is read back as: state, parent, root, basis, team. A test's name ends with a hash, which is left out. */
async function readRuns(namespace: string): Promise<Map<string, readonly (string | null)[]>> {
  const { runs } = await receiver.ask<{ runs: { nodes: Run[] } }>(
    '{ runs(first: 1000) { nodes { state job { namespace name } parent { job { name } } root { job { name } } team { basis claimedName } } } }',
  );
  const short = (run: { readonly job: { readonly name: string } } | null): string | null => run?.job.name.replace(/\.[0-9a-f]{10}(?=\.|$)/, '') ?? null;
  return new Map(
    runs.nodes
      .filter(({ job }) => job.namespace === namespace)
      .map((run) => [short(run) ?? '', [run.state, short(run.parent), short(run.root), run.team.basis, run.team.claimedName]]),
  );
}

describe('dbt-ol', () => {
  test('that reads artifacts is read back as models and tests under one run, whose owner is in meta', async () => {
    await build('artifacts', ['build', '--exclude', 'tag:broken']);
    const wrapper = 'dbt-run-nightly';
    expect(Object.fromEntries(await readRuns('artifacts'))).toEqual({
      [wrapper]: ['COMPLETE', null, null, null, null],
      'warehouse.main.nightly.views.build.run': ['COMPLETE', wrapper, wrapper, null, null],
      'warehouse.main.nightly.views.build.test': ['COMPLETE', wrapper, wrapper, null, null],
      'warehouse.main.nightly.daily.build.run': ['COMPLETE', wrapper, wrapper, 'OWNERSHIP', 'drama'],
      'warehouse.main.nightly.daily.build.test': ['COMPLETE', wrapper, wrapper, 'TAG', 'drama'],
    });
  });

  test('gives the columns, their lineage and what is documented', async () => {
    const { dataset } = await receiver.ask<{ dataset: object }>(
      `{ dataset(namespace: "duckdb://warehouse.duckdb", name: "warehouse.main.daily") {
        description columns { name description inputs { column dataset { name } } }
        writers { name } readers { name } upstream { datasets { name } } } }`,
    );
    const from = (column: string): object[] => [{ column, dataset: { name: 'warehouse.main.views' } }];
    expect(dataset).toEqual({
      description: 'Hours by show.',
      columns: [
        { name: 'title', description: 'The title.', inputs: from('title') },
        { name: 'hours', description: 'Hours watched.', inputs: from('watched_s') },
      ],
      writers: [{ name: 'warehouse.main.nightly.daily.build.run' }],
      readers: [{ name: 'warehouse.main.nightly.daily.build.test' }],
      upstream: { datasets: expect.arrayContaining([{ name: 'warehouse.main.views' }]) },
    });
  });

  test('that reads logs is read back down to its statements, which inherit from the run that started dbt', async () => {
    const runId = '01941f29-7c00-7aaa-8bbb-0123456789ab';
    await build('logs', ['--consume-structured-logs', 'build'], { OPENLINEAGE_PARENT_ID: `scheduler/nightly/${runId}` });
    await receiver.tellOfScheduler(runId);
    const runs = await readRuns('logs');
    const wrapper = 'dbt-run-nightly';
    expect(Object.fromEntries([...runs].filter(([name]) => !/\.sql\.\d+$/.test(name)))).toEqual({
      [wrapper]: ['FAIL', 'nightly', 'nightly', 'PARENT', 'platform'],
      'seed.nightly.raw_views': ['COMPLETE', wrapper, 'nightly', 'OWNERSHIP', 'ingest'],
      'model.nightly.views': ['COMPLETE', wrapper, 'nightly', 'PARENT', 'platform'],
      'model.nightly.daily': ['COMPLETE', wrapper, 'nightly', 'OWNERSHIP', 'drama'],
      'model.nightly.broken': ['FAIL', wrapper, 'nightly', 'PARENT', 'platform'],
      'test.nightly.not_null_views_title': ['COMPLETE', wrapper, 'nightly', 'PARENT', 'platform'],
      'test.nightly.unique_daily_title': ['COMPLETE', wrapper, 'nightly', 'PARENT', 'platform'],
    });
    const statements = [...runs].filter(([name]) => /\.sql\.\d+$/.test(name));
    expect(statements.length).toBeGreaterThan(20);
    for (const [name, [state, parent, root, basis, team]] of statements) {
      const node = name.replace(/\.sql\.\d+$/, '');
      const owner = node === 'model.nightly.daily' ? 'drama' : node === 'seed.nightly.raw_views' ? 'ingest' : 'platform';
      expect([name, parent, root, basis, team]).toEqual([name, node, 'nightly', 'PARENT', owner]);
      expect([name, state]).toEqual([name, name === 'model.nightly.broken.sql.2' ? 'FAIL' : 'COMPLETE']);
    }
  });
});
