import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../../kit/project.ts';
import { preparePython } from '../../python.ts';
import { useReceiver } from '../receiver.ts';

const run = promisify(execFile);
const here = (file: string): string => projectPath('test', 'emitters', 'openlineage-python', file);
const prepared = await preparePython(here('requirements.txt'), 'emitters', 'openlineage-python');
const receiver = useReceiver();

beforeEach(({ skip }) => {
  if ('missing' in prepared) skip(prepared.missing);
});

/** Runs the emitter with the client set up by its own environment variables; its run ids by job. */
async function emit(mode: string, prefix: string, environment: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const python = 'python' in prepared ? prepared.python : '';
  const { stdout, stderr } = await run(python, [here('emit.py'), mode, prefix], { env: environment });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, string>;
}

const transport = (type: string, compression?: string): Record<string, string> => ({
  OPENLINEAGE__TRANSPORT__TYPE: type,
  OPENLINEAGE__TRANSPORT__URL: receiver.address,
  ...(compression === undefined ? {} : { OPENLINEAGE__TRANSPORT__COMPRESSION: compression }),
});

interface Claim {
  readonly basis: string | null;
  readonly claimedName: string | null;
  readonly evidence: string | null;
}

const nobody: Claim = { basis: null, claimedName: null, evidence: null };

const ways: readonly [string, () => Record<string, string>][] = [
  ['with nothing but its address', () => ({ OPENLINEAGE_URL: receiver.address })],
  ['over the sync transport, gzipped', () => transport('http', 'gzip')],
  ['over the async transport', () => transport('async_http')],
  ['over the async transport, gzipped', () => transport('async_http', 'gzip')],
];

describe.each(ways)('openlineage-python %s', (way, environment) => {
  const prefix = way.replace(/\W+/g, '-');
  const name = (job: string): string => `${prefix}.${job}`;
  let runs: Record<string, string> = {};
  beforeAll(async () => {
    if ('python' in prepared) runs = await emit('night', prefix, environment());
  });

  test('is read back as it ran: states, parents, roots, teams, times', async () => {
    interface Read {
      readonly latestRun: { runId: string; state: string; startedAt: string; endedAt: string | null; parent: { runId: string } | null; root: { runId: string } | null; team: Claim; events: number };
    }
    const read = async (job: string): Promise<Read['latestRun']> => {
      const answer = await receiver.ask<{ job: Read }>(
        `query ($name: String!) { job(namespace: "python-client", name: $name) {
          latestRun { runId state startedAt endedAt events parent { runId } root { runId } team { basis claimedName evidence } } } }`,
        { name: name(job) },
      );
      return answer.job.latestRun;
    };
    const parent = { runId: runs['nightly'] };
    const load = { runId: runs['load'] };
    const at = (minutes: number): string => new Date(Date.parse('2026-03-02T01:00:00.123Z') + minutes * 60_000).toISOString();
    const inherited = { basis: 'PARENT', claimedName: 'drama', evidence: `ancestor run ${runs['nightly']}, job facet ownership` };
    const owner = (claimedName: string): Claim => ({ basis: 'OWNERSHIP', claimedName, evidence: 'job facet ownership' });

    expect(await read('nightly')).toEqual({ ...parent, state: 'COMPLETE', startedAt: at(0), endedAt: at(9), events: 2, parent: null, root: null, team: owner('drama') });
    expect(await read('load')).toEqual({ ...load, state: 'COMPLETE', startedAt: at(1), endedAt: at(5), events: 3, parent, root: parent, team: inherited });
    expect(await read('report')).toEqual({ runId: runs['report'], state: 'FAIL', startedAt: at(6), endedAt: at(7), events: 2, parent: load, root: parent, team: inherited });
    expect(await read('stopped')).toMatchObject({ state: 'ABORT', parent, root: parent, team: owner('docs') });
    expect(await read('open')).toMatchObject({ state: 'VANISHED', endedAt: null, team: { basis: 'TAG', claimedName: 'news', evidence: 'run facet tags' } });
    expect(await read('nobody')).toMatchObject({ state: 'COMPLETE', parent: null, root: null, team: nobody });
  });

  test('is read back with what it read and wrote: columns, statistics, facets, designs', async () => {
    const { job, designed, catalogued } = await receiver.ask<{ job: object; designed: object; catalogued: object }>(
      `query ($load: String!, $designed: String!, $catalogued: String!) {
        job(namespace: "python-client", name: $load) { latestRun {
          nominalStartAt nominalEndAt facets
          inputs { name columns { name type } }
          outputs { rows bytes columns dataset { name columns { name type inputs { column dataset { name } } } } } } }
        designed: job(namespace: "python-client", name: $designed) { team { claimedName } latestRun { runId } inputs { name } outputs { name } }
        catalogued: dataset(namespace: "postgres://warehouse.example:5432", name: $catalogued) { columns { name type } writers { name } } }`,
      { load: name('load'), designed: name('designed'), catalogued: name('catalogued') },
    );
    const from = (column: string): object[] => [{ column, dataset: { name: name('views') } }];
    expect(job).toMatchObject({
      latestRun: {
        nominalStartAt: '2026-03-02T01:00:00.000Z',
        nominalEndAt: '2026-03-03T01:00:00.000Z',
        facets: { tickets: { number: 7 }, parent: {}, tags: { tags: [{ key: 'openlineage_client_version', value: '1.54.0' }] } },
        inputs: [{ name: name('views'), columns: [{ name: 'show', type: 'VARCHAR' }, { name: 'watched_s', type: 'BIGINT' }] }],
        outputs: [
          {
            rows: 42,
            bytes: 4096,
            columns: ['show', 'hours'],
            dataset: {
              name: name('daily'),
              columns: [{ name: 'show', type: 'VARCHAR', inputs: from('show') }, { name: 'hours', type: 'DOUBLE', inputs: from('watched_s') }],
            },
          },
        ],
      },
    });
    expect(designed).toEqual({ team: { claimedName: 'archive' }, latestRun: null, inputs: [{ name: name('daily') }], outputs: [{ name: name('catalogued') }] });
    expect(catalogued).toEqual({ columns: [{ name: 'id', type: 'UUID' }], writers: [{ name: name('designed') }] });
  });
});

test('loses none of 100 runs that it sends at once, and counts each once', async () => {
  const before = await countRuns();
  await emit('many', 'many', transport('async_http', 'gzip'));
  const after = await countRuns();
  expect({ runs: after.runs - before.runs, completed: after.completed - before.completed, failed: after.failed - before.failed }).toEqual({ runs: 100, completed: 80, failed: 10 });
});

async function countRuns(): Promise<{ runs: number; completed: number; failed: number }> {
  const { platformUse } = await receiver.ask<{ platformUse: { total: { whole: { runs: number | null; runsCompleted: number | null; runsFailed: number | null } } } }>(
    '{ platformUse(window: { from: "2026-03-02", to: "2026-03-03", granularity: WHOLE }) { total { whole { runs runsCompleted runsFailed } } } }',
  );
  const { runs, runsCompleted, runsFailed } = platformUse.total.whole;
  return { runs: runs ?? 0, completed: runsCompleted ?? 0, failed: runsFailed ?? 0 };
}

test('a tag that the client was configured with says for whom its runs ran', async () => {
  await emit('tagged', 'configured', { OPENLINEAGE_URL: receiver.address, OPENLINEAGE__TAGS__JOB__TEAM: 'team:kids', OPENLINEAGE__TAGS__RUN__ENVIRONMENT: 'staging' });
  const { job } = await receiver.ask<{ job: object }>(
    '{ job(namespace: "python-client", name: "configured.tagged") { latestRun { facets team { basis claimedName evidence } } } }',
  );
  expect(job).toMatchObject({
    latestRun: {
      facets: { tags: { tags: expect.arrayContaining([expect.objectContaining({ key: 'environment', value: 'staging' })]) } },
      team: { basis: 'TAG', claimedName: 'kids', evidence: 'job facet tags' },
    },
  });
});
