import { describe, expect, it } from 'vitest';
import { createStores } from '../../kit/store/test-stores.ts';
import { type Attributed, attribute, ruleFor, toTeamName } from './attribution.ts';
import type { Attribution } from './documents.ts';
import { collections, createDesk, type Desk, toRunEvent, type TestEvent } from './fixtures.ts';
import { runIdOf } from './ingest.ts';

interface Shown {
  readonly claimedName: string | null;
  readonly basis: string | null;
  readonly evidence: string | null;
}

describe('a team name', () => {
  it.each([
    ['team:data', 'data'],
    ['@data', 'data'],
    ['data', 'data'],
    ['group:data eng', 'data eng'],
    ['simulated/drama', 'simulated/drama'],
    ['***', null],
    ['', null],
    ['@', null],
    ['user:jdoe', null],
    ['application:etl', null],
    ['person:abc', null],
  ])('is read from %j as %j', (claimed, name) => {
    expect(toTeamName(claimed)).toBe(name);
  });
});

describe('inheritance', () => {
  const claim: Attribution = { team: 'data', basis: 'OWNERSHIP', evidence: 'job facet ownership', rule: 'owners.form' };
  const run = (id: string, parentId: string | null, own: Attribution | null = null, rootId: string | null = null): Attributed => ({ id, runId: id, claim: own, parentId, rootId });
  const find = (...runs: Attributed[]) => (id: string) => runs.find((each) => each.id === id) ?? null;

  it('ends in a circle of parents', () => {
    expect(attribute(run('a', 'b'), { namespace: 'n', name: 'j' }, find(run('b', 'a'), run('a', 'b')))).toBeNull();
  });

  it('reaches past a parent that is unknown to the root', () => {
    expect(attribute(run('a', 'b', null, 'r'), { namespace: 'n', name: 'j' }, find(run('r', null, claim)))?.basis).toBe('ROOT');
  });

  it('takes the nearest ancestor before the root, and both before a rule', () => {
    const nearest = { ...claim, team: 'near' };
    const found = attribute(run('a', 'b', null, 'r'), { namespace: 'team:rule', name: 'j' }, find(run('b', 'c'), run('c', null, nearest), run('r', null, claim)));
    expect(found).toMatchObject({ team: 'near', basis: 'PARENT' });
    expect(attribute(run('a', null), { namespace: 'team:rule', name: 'j' }, find())).toEqual(ruleFor({ namespace: 'team:rule', name: 'j' }));
  });
});

describe('the team of a run', () => {
  const { open } = createStores('LMDB', null);

  async function sent(...events: readonly TestEvent[]): Promise<Desk> {
    const desk = createDesk(await open(collections));
    for (const event of events) {
      const receipt = await desk.send('openlineage', [toRunEvent(event)]);
      expect(receipt).toMatchObject({ accepted: 1, rejected: [] });
    }
    return desk;
  }

  async function teamOf(desk: Desk, run: string): Promise<Shown> {
    const { run: found } = await desk.ask<{ run: { team: Shown } }>('query ($id: ID!) { run(id: $id) { team { claimedName basis evidence } } }', { id: runIdOf(run) });
    return found.team;
  }

  const at = '2024-03-01T00:00:00Z';
  const owners = (...list: unknown[]): Record<string, unknown> => ({ ownership: { owners: list } });
  const tags = (...list: unknown[]): Record<string, unknown> => ({ tags: { tags: list } });

  it.each<[string, Partial<TestEvent>, string | null, string | null]>([
    ["the run's own word, before ownership and tags", { runFacets: { loopgraph_team: { name: 'own' }, ...tags({ key: 'team', value: 'tag' }) }, jobFacets: owners({ name: 'team:owner' }) }, 'own', 'RUN'],
    ["Airflow's configuration of a DAG run", { runFacets: { airflowDagRun: { dagRun: { conf: { team: 'conf' } } } } }, 'conf', 'RUN'],
    ['an owner of type team, as Spark writes it', { jobFacets: owners({ name: 'jo', type: 'owner' }, { name: 'search', type: 'team' }) }, 'search', 'OWNERSHIP'],
    ['an owner named team:x before a plain one', { jobFacets: owners({ name: 'airflow' }, { name: 'team:search' }) }, 'search', 'OWNERSHIP'],
    ['an owner named @x', { jobFacets: owners({ name: '@search' }) }, 'search', 'OWNERSHIP'],
    ['a plain owner, as Airflow writes it', { jobFacets: owners({ name: 'search' }) }, 'search', 'OWNERSHIP'],
    ['nobody where the owner is masked', { jobFacets: owners({ name: '***' }) }, null, null],
    ['nobody where the owner is the one that Airflow names by itself', { jobFacets: owners({ name: 'airflow' }) }, null, null],
    ['nobody where the owner is a person', { jobFacets: owners({ name: 'user:jo' }, { name: 'jo@example.org' }) }, null, null],
    ['a masked owner before a tag: the tag', { jobFacets: owners({ name: '***' }), runFacets: tags({ key: 'team', value: 'search', source: 'SPARK' }) }, 'search', 'TAG'],
    ["dbt's owner as a run tag", { runFacets: tags({ key: 'owner', value: 'search', source: 'DBT_META' }) }, 'search', 'TAG'],
    ["Airflow's tag whose key is its value", { runFacets: tags({ key: 'team:search', value: 'team:search' }) }, 'search', 'TAG'],
    ['a tag of the job', { jobFacets: { tags: { tags: [{ key: 'team', value: 'search' }] } } }, 'search', 'TAG'],
    ['the one owner of what it writes', { outputs: [{ namespace: 'w', name: 'a', facets: { ownership: { owners: [{ name: 'team:search' }] } } }] }, 'search', 'OWNERSHIP'],
    ['nobody where two teams own what it writes', { outputs: ['a', 'b'].map((name) => ({ namespace: 'w', name, facets: { ownership: { owners: [{ name: `team:${name}` }] } } })) }, null, null],
    ['a namespace that names a team', { namespace: 'team:search' }, 'search', 'RULE'],
    ['nobody where nothing says', {}, null, null],
  ])('is %s', async (_, said, team, basis) => {
    const desk = await sent({ run: 'r', at, type: 'START', ...said });
    expect(await teamOf(desk, 'r')).toMatchObject({ claimedName: team, basis });
  });

  it('is inherited by descendants when the parent comes last', async () => {
    const child = (run: string, parent: string, root?: string): TestEvent => ({
      run, at, type: 'START', runFacets: { parent: { run: { runId: parent }, ...(root === undefined ? {} : { root: { run: { runId: root } } }) } },
    });
    const desk = await sent(child('c', 'b'), child('b', 'a'), child('d', 'unknown', 'a'));
    for (const run of ['b', 'c', 'd']) expect((await teamOf(desk, run)).basis).toBeNull();
    await desk.send('openlineage', [toRunEvent({ run: 'a', at, type: 'START', jobFacets: owners({ name: 'team:late' }) })]);
    expect(await teamOf(desk, 'b')).toMatchObject({ claimedName: 'late', basis: 'PARENT' });
    expect(await teamOf(desk, 'c')).toMatchObject({ claimedName: 'late', basis: 'PARENT' });
    expect(await teamOf(desk, 'd')).toMatchObject({ claimedName: 'late', basis: 'ROOT' });
    const window = '{ from: "2024-03-01", to: "2024-03-02", granularity: WHOLE }';
    const use = await desk.ask<{ platformUse: Record<string, { whole: { runsStarted: number | null } }> }>(
      `{ platformUse(window: ${window}) { total { whole { runsStarted } } attributed { whole { runsStarted } } unattributed { whole { runsStarted } } } }`,
    );
    expect(use.platformUse).toEqual({ total: { whole: { runsStarted: 4 } }, attributed: { whole: { runsStarted: 4 } }, unattributed: { whole: { runsStarted: null } } });
  });

  it('takes the last word of one facet by event time, not by arrival', async () => {
    const desk = await sent(
      { run: 'r', at: '2024-03-01T00:00:02Z', type: 'COMPLETE', runFacets: { loopgraph_team: { name: 'later' } } },
      { run: 'R', at: '2024-03-01T00:00:01Z', type: 'START', runFacets: { loopgraph_team: { name: 'earlier' } } },
    );
    expect(await teamOf(desk, 'r')).toMatchObject({ claimedName: 'later' });
  });
});
