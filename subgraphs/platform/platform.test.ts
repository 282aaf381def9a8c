import { expect, it } from 'vitest';
import { describeOnEachStore } from '../../kit/store/test-stores.ts';
import { toNameId } from '../../kit/graph/id.ts';
import { events } from './collections.ts';
import { collections, createDesk, NOW, readEverything, toOutput, toRunEvent } from './fixtures.ts';
import { datasetIdOf } from './ingest-datasets.ts';
import { jobIdOf, runIdOf } from './ingest.ts';

const dataset = (name: string): { namespace: string; name: string } => ({ namespace: 'tests', name });
const at = (minute: number): string => new Date(Date.parse('2024-03-01T00:00:00Z') + minute * 60_000).toISOString();

/** A run of each of some jobs: `job n` reads `table n` and writes `table n + 1`, for one of a few teams. */
function chainOf(length: number): unknown[] {
  return Array.from({ length }, (_, place) => {
    const said = {
      run: `run ${place}`, job: `job ${place}`, inputs: [{ ...dataset(`table ${place}`), inputFacets: { inputStatistics: { rowCount: place }, dataQualityAssertions: { assertions: [{ assertion: 'unique', success: true }] }, dataQualityMetrics: { rowCount: place } } }],
      outputs: [{
        ...(toOutput(`table ${place + 1}`, { header: ['a'], lines: 9 + place, bytes: 100 }) as object),
        facets: { schema: { fields: [{ name: 'a' }] }, columnLineage: { fields: { a: { inputFields: [{ ...dataset(`table ${place}`), field: 'a' }] } }, dataset: [{ ...dataset(`table ${place}`), field: 'a' }] } },
      }],
      runFacets: { loopgraph_team: { name: `team ${place % 7}` }, loopgraph_user: { user: `user ${place % 5}` } },
    };
    return [toRunEvent({ ...said, at: at(place), type: 'START' }), toRunEvent({ ...said, at: at(place + 2), type: 'COMPLETE' })];
  }).flat();
}

await describeOnEachStore('the platform', ({ name: storeName, open }) => {
  it('answers a question across parents with as many store commands for 12 as for 400', async () => {
    const commands: number[] = [];
    for (const parents of [12, 400]) {
      const store = await open(collections);
      const desk = createDesk(store);
      await desk.send('openlineage', chainOf(parents));
      const before = store.commands();
      const window = '{ from: "2024-03-01", to: "2024-03-02" }';
      const { datasets } = await desk.ask<{ datasets: { nodes: { writers: { latestRun: { team: { claimedName: string } } }[] }[] } }>(`{
        datasets(first: 1000) { nodes {
          name columns { name downstream { truncated } } column(name: "a") { inputs { column job { name } transformations { type } } downstream { jobs { name } datasets { name } untracedJobs { name } } } rowInputs { column }
          schemaVersions(first: 3) { totalCount nodes { columns { name } change { added } } } assertions { success run { runId } }
          freshness(at: "2024-03-02T00:00:00Z") { stale } incidents(first: 5) { nodes { fault } }
          outputs(first: 3) { nodes { verdict columns metrics { rows } assertions { success } run { state reads { rows metrics { rows } assertions { success } } } } }
          partition(fromOn: "2024-02-01", toOn: "2024-02-08") { firstRun { runId } }
          readers { name }
          writers { name team { claimedName } use(window: ${window}) { whole { runsStarted runHours } }
            runs(first: 2, filter: { state: COMPLETE }) { nodes { runId } totalCount }
            latestRun { state durationMs user { id } team { claimedName team { id runs(first: 2) { nodes { runId job { name } } } jobs(first: 2) { nodes { name } } platformUse(window: ${window}) { whole { distinctUsers } } } }
              inputs { name } outputs { rows verdict } children(first: 2) { nodes { runId } } facets }
            downstream(depth: 4) { jobs { name } datasets { name } } outages { since } }
        } } }`);
      commands.push(store.commands() - before);
      expect(datasets.nodes.length).toBe(parents + 1);
      expect(datasets.nodes.filter(({ writers }) => writers[0]?.latestRun.team.claimedName.startsWith('team ')).length).toBe(parents);
    }
    const [few, many] = commands as [number, number];
    // A server's answers come in any order, so that what asks for the same may miss a batch: never as often as there are parents.
    expect(Math.abs(many - few)).toBeLessThanOrEqual(storeName === 'LMDB' ? 0 : 11);
    expect(few).toBeLessThan(70);
  });

  it('walks lineage down and up, through circles, and says where it stopped', async () => {
    const desk = createDesk(await open(collections));
    await desk.send('openlineage', [
      ...chainOf(4),
      // The last table feeds the first job again.
      toRunEvent({ run: 'back', job: 'job 0', at: at(90), type: 'COMPLETE', inputs: [dataset('table 4')], outputs: [dataset('side')] }),
    ]);
    const { job, table } = await desk.ask<Record<'job' | 'table', Record<string, unknown>>>(`{
      job(namespace: "tests", name: "job 0") { downstream { jobs { name } datasets { name } truncated } near: downstream(depth: 1) { jobs { name } datasets { name } truncated } }
      table: dataset(namespace: "tests", name: "table 2") { upstream(depth: 3) { jobs { name } datasets { name } truncated } }
    }`);
    const names = (...list: string[]): { name: string }[] => list.map((name) => ({ name }));
    expect(job['downstream']).toEqual({ jobs: names('job 1', 'job 2', 'job 3'), datasets: expect.arrayContaining(names('table 1', 'side', 'table 2', 'table 3', 'table 4')) as unknown, truncated: false });
    expect(job['near']).toEqual({ jobs: [], datasets: expect.arrayContaining(names('table 1', 'side')) as unknown, truncated: true });
    expect(table['upstream']).toEqual({ jobs: names('job 1', 'job 0'), datasets: names('table 1'), truncated: true });
    expect(await desk.refusal('{ job(namespace: "tests", name: "job 0") { downstream(depth: 0) { truncated } } }')).toBe('BAD_ARGUMENT');
  });

  it('follows columns from dataset to dataset', async () => {
    const desk = createDesk(await open(collections));
    const made = (name: string, column: string, from: string, field: string): unknown => ({
      ...dataset(name),
      facets: { schema: { fields: [{ name: column, type: 'INT' }] }, columnLineage: { fields: { [column]: { inputFields: [{ ...dataset(from), field }] } } } },
    });
    await desk.send('openlineage', [
      toRunEvent({ run: 'a', at: at(0), type: 'COMPLETE', outputs: [made('middle', 'm', 'raw', 'r')] }),
      toRunEvent({ run: 'b', at: at(1), type: 'COMPLETE', outputs: [made('end', 'e', 'middle', 'm')] }),
    ]);
    const reached = '{ columns { column dataset { name } } truncated }';
    const { middle, end } = await desk.ask<Record<string, unknown>>(`{
      middle: dataset(namespace: "tests", name: "middle") { columns { name type inputs { column dataset { name } } downstream ${reached} } }
      end: dataset(namespace: "tests", name: "end") { columns { upstream ${reached} near: upstream(depth: 1) { truncated } } }
    }`);
    expect(middle).toEqual({ columns: [{ name: 'm', type: 'INT', inputs: [{ column: 'r', dataset: { name: 'raw' } }], downstream: { columns: [{ column: 'e', dataset: { name: 'end' } }], truncated: false } }] });
    expect(end).toEqual({ columns: [{ upstream: { columns: [{ column: 'm', dataset: { name: 'middle' } }, { column: 'r', dataset: { name: 'raw' } }], truncated: false }, near: { truncated: true } }] });
  });

  it('adds up cost by currency, waits and people, and leaves null what nobody recorded', async () => {
    const desk = createDesk(await open(collections));
    const cost = (BilledCost: number, BillingCurrency: string): unknown => ({ BilledCost, BillingCurrency, ServiceName: 'compute' });
    await desk.send('openlineage', [
      toRunEvent({ run: 'a', at: at(0), type: 'START', runFacets: { loopgraph_wait: { submittedAt: at(-3) }, loopgraph_user: { user: 'Jo' } } }),
      toRunEvent({ run: 'a', at: at(30), type: 'COMPLETE', runFacets: { focus_cost: { charges: [cost(0.1, 'USD'), cost(0.2, 'USD'), cost(5, 'EUR')] } } }),
      toRunEvent({ run: 'b', at: at(10), type: 'START', runFacets: { loopgraph_user: { user: ' jo' } } }),
      toRunEvent({ run: 'b', at: at(20), type: 'FAIL', runFacets: { focus_cost: { BilledCost: '1.5', BillingCurrency: 'usd' } } }),
    ]);
    const { platformUse } = await desk.ask<{ platformUse: { unattributed: { points: unknown[]; asOf: string } } }>(`{
      platformUse(window: { from: "2024-03-01", to: "2024-03-03" }) { unattributed { asOf points {
        from runsStarted runsCompleted runsFailed runsAborted runHours waitTime { sampleSize totalMs } costs { billedCost billingCurrency } distinctUsers } } } }`);
    expect(platformUse.unattributed).toEqual({
      asOf: '2024-03-01T00:10:00.000Z',
      points: [
        {
          from: '2024-03-01T00:00:00.000Z', runsStarted: 2, runsCompleted: 1, runsFailed: 1, runsAborted: 0, runHours: 40 / 60, waitTime: { sampleSize: 1, totalMs: 180_000 },
          costs: [{ billedCost: 5, billingCurrency: 'EUR' }, { billedCost: 1.8, billingCurrency: 'USD' }], distinctUsers: 1,
        },
        { from: '2024-03-02T00:00:00.000Z', runsStarted: null, runsCompleted: null, runsFailed: null, runsAborted: null, runHours: null, waitTime: null, costs: [], distinctUsers: null },
      ],
    });
    const { run } = await desk.ask<{ run: unknown }>('query ($id: ID!) { run(id: $id) { waitMs cost { billedCost billingCurrency serviceName } } }', { id: runIdOf('a') });
    expect(run).toEqual({ waitMs: 180_000, cost: [{ billedCost: 0.3, billingCurrency: 'USD', serviceName: 'compute' }, { billedCost: 5, billingCurrency: 'EUR', serviceName: 'compute' }] });
  });

  it('cuts days where daylight saving ends', async () => {
    const desk = createDesk(await open(collections));
    const run = (number: number, startedAt: string): unknown => ({ source: 'log', number, namespace: 'n', job: 'j', startedAt, durationMs: 60_000 });
    await desk.send('log-run', [run(1, '2024-11-03T03:59:00Z'), run(2, '2024-11-03T04:00:00Z'), run(3, '2024-11-04T04:59:00Z'), run(4, '2024-11-04T05:00:00Z')]);
    const { platformUse } = await desk.ask<{ platformUse: { total: { points: unknown[] } } }>(
      '{ platformUse(window: { from: "2024-11-02", to: "2024-11-05", timeZone: "America/New_York" }) { total { points { from runsStarted } } } }',
    );
    expect(platformUse.total.points).toEqual([
      { from: '2024-11-02T04:00:00.000Z', runsStarted: 1 },
      { from: '2024-11-03T04:00:00.000Z', runsStarted: 2 },
      { from: '2024-11-04T05:00:00.000Z', runsStarted: 1 },
    ]);
    expect(await desk.refusal('{ platformUse(window: { from: "2024-11-02T01:00:00Z", to: "2024-11-05" }) { total { whole { from } } } }')).toBe('WINDOW_OFF_GRANULARITY');
  });

  it('lists runs that failed, were aborted or vanished, by what is usual for the job', async () => {
    const now = Date.parse('2024-03-02T00:00:00Z');
    const desk = createDesk(await open(collections), now);
    const quick = Array.from({ length: 6 }, (_, place) => [
      toRunEvent({ run: `quick ${place}`, job: 'quick', at: at(place), type: 'START' }),
      toRunEvent({ run: `quick ${place}`, job: 'quick', at: at(place + 10), type: 'COMPLETE' }),
    ]).flat();
    await desk.send('openlineage', [
      ...quick,
      toRunEvent({ run: 'lost', job: 'quick', at: at(60), type: 'START' }),
      toRunEvent({ run: 'going', job: 'slow', at: at(61), type: 'START' }),
      toRunEvent({ run: 'failed', at: at(62), type: 'FAIL' }),
      toRunEvent({ run: 'stopped', at: at(63), type: 'ABORT' }),
    ]);
    const { failures, going } = await desk.ask<{ failures: { nodes: unknown[] }; going: unknown }>(`query ($id: ID!) {
      failures(window: { from: "2024-03-01", to: "2024-03-02" }) { nodes { kind at run { runId state } } } going: run(id: $id) { state }
    }`, { id: runIdOf('going') });
    expect(failures.nodes).toEqual([
      { kind: 'ABORTED', at: at(63), run: { runId: 'stopped', state: 'ABORT' } },
      { kind: 'FAILED', at: at(62), run: { runId: 'failed', state: 'FAIL' } },
      { kind: 'VANISHED', at: at(60), run: { runId: 'lost', state: 'VANISHED' } },
    ]);
    expect(going).toEqual({ state: 'RUNNING' });
  });

  it('pages runs by state and time, and refuses cursors of another list', async () => {
    const desk = createDesk(await open(collections));
    await desk.send('openlineage', chainOf(9));
    const query = 'query ($after: String, $order: RunOrder!) { runs(first: 4, after: $after, orderBy: $order, filter: { state: COMPLETE, startedFrom: "2024-03-01T00:02:00Z" }) { nodes { runId } pageInfo { hasNextPage endCursor } totalCount } }';
    interface Page { runs: { nodes: { runId: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string }; totalCount: number } }
    const first = await desk.ask<Page>(query, { order: 'STARTED_AT_DESC' });
    const second = await desk.ask<Page>(query, { order: 'STARTED_AT_DESC', after: first.runs.pageInfo.endCursor });
    expect([...first.runs.nodes, ...second.runs.nodes].map(({ runId }) => runId)).toEqual([8, 7, 6, 5, 4, 3, 2].map((place) => `run ${place}`));
    expect([first.runs.totalCount, second.runs.pageInfo.hasNextPage]).toEqual([7, false]);
    expect(await desk.refusal(query, { order: 'STARTED_AT_ASC', after: first.runs.pageInfo.endCursor })).toBe('CURSOR_OF_ANOTHER_QUERY');
    expect(await desk.refusal(query, { order: 'STARTED_AT_ASC', after: 'x' })).toBe('BAD_CURSOR');
    expect(await desk.refusal('{ runs(first: 1001) { totalCount } }')).toBe('PAGE_TOO_LARGE');
    expect(await desk.refusal('{ job(namespace: "tests") { id } }')).toBe('BAD_ARGUMENT');
  });

  it('resolves what other subgraphs refer to, by id or natural key', async () => {
    const desk = createDesk(await open(collections));
    await desk.send('openlineage', chainOf(1));
    const representations = [
      { __typename: 'Job', namespace: 'tests', name: 'job 0' },
      { __typename: 'Dataset', id: datasetIdOf('tests', 'table 1') },
      { __typename: 'JobRun', id: runIdOf('run 0') },
      { __typename: 'Team', id: toNameId('Team', 'team 0') },
      { __typename: 'Job', id: jobIdOf('tests', 'nobody') },
    ];
    const { _entities: found } = await desk.ask<{ _entities: unknown[] }>(`query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Job { name } ... on Dataset { name } ... on JobRun { runId } ... on Team { jobs { nodes { name } } } } }`, { representations });
    expect(found).toEqual([{ name: 'job 0' }, { name: 'table 1' }, { runId: 'run 0' }, { jobs: { nodes: [{ name: 'job 0' }] } }, null]);
  });

  it('keeps the simulated apart from the recorded unless both are asked for', async () => {
    const desk = createDesk(await open(collections));
    await desk.send('openlineage', [
      toRunEvent({ run: 'real', at: at(0), type: 'START', runFacets: { loopgraph_team: { name: 'drama' } } }),
      toRunEvent({ run: 'made up', at: at(0), type: 'START', namespace: 'simulated', runFacets: { loopgraph_team: { name: 'simulated/drama' } } }),
    ]);
    for (const [origin, runs] of [['RECORDED', ['real']], ['SIMULATED', ['made up']], ['ANY', ['real', 'made up']]] as const) {
      const found = await desk.ask<{ runs: { nodes: { runId: string }[]; totalCount: number }; platformUse: { total: { whole: { runsStarted: number } }; groups: unknown[] } }>(
        'query ($origin: Origin!) { runs(origin: $origin) { nodes { runId } totalCount } platformUse(window: { from: "2024-03-01", to: "2024-03-02" }, origin: $origin) { total { whole { runsStarted } } groups { team { id } } } }',
        { origin },
      );
      expect(found.runs).toEqual({ nodes: runs.map((runId) => ({ runId })), totalCount: runs.length });
      expect([found.platformUse.total.whole.runsStarted, found.platformUse.groups.length]).toEqual([runs.length, runs.length]);
    }
  });

  it('says of each bad event which field is wrong, sets those of the future aside, and keeps the good ones', async () => {
    const desk = createDesk(await open(collections));
    const good = toRunEvent({ run: 'a', at: at(0), type: 'START' }) as Record<string, unknown>;
    const receipt = await desk.send('openlineage', [
      good, { ...good, eventTime: 'yesterday' }, { ...good, run: {} }, 'text', null, {}, { ...good, outputs: [{ name: 'x' }] },
      { ...good, eventTime: new Date(NOW + 90_000_000).toISOString() }, { ...good, eventTime: new Date(NOW + 3_600_000).toISOString() },
    ]);
    expect(receipt.accepted).toBe(2);
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [1, 'EVENT_INVALID', 'eventTime'], [2, 'EVENT_INVALID', 'run.runId'], [3, 'EVENT_INVALID', null], [4, 'EVENT_INVALID', null],
      [5, 'EVENT_INVALID', 'eventTime'], [6, 'EVENT_INVALID', 'outputs.0.namespace'], [7, 'EVENT_IN_FUTURE', 'eventTime'],
    ]);
  });

  it('stores no person and no secret', async () => {
    const store = await open(collections);
    const desk = createDesk(store);
    await desk.send('openlineage', [
      toRunEvent({
        run: 'a', at: at(0), type: 'START', jobFacets: { ownership: { owners: [{ name: 'jo.doe@example.org' }] } },
        runFacets: { loopgraph_user: { user: 'jdoe' }, 'environment-properties': { env: { KEY: 'hunter2' } } },
        inputs: [{ namespace: 'postgres://jdoe:hunter2@db', name: 'x' }],
      }),
    ]);
    await desk.send('log-run', [{ source: 'log', number: 1, namespace: 'n', job: 'j', startedAt: at(0), user: 'jdoe', host: { ip: '10.0.0.1' } }]);
    const written: unknown[] = [];
    for (const collection of collections) for (const index of collection.indexes) written.push(...(await readEverything(store, index)));
    expect(written.length).toBeGreaterThan((await readEverything(store, events.bySubject)).length);
    expect(JSON.stringify(written)).not.toMatch(/jdoe|jo\.doe|hunter2|10\.0\.0\.1/);
  });
});
