import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { describe, expect, it, test } from 'vitest';
import { toId, toNameId } from '../../kit/graph/id.ts';
import { createStores } from '../../kit/store/test-stores.ts';
import { createHarness, declare, respond } from './fixtures.ts';
import { feedback } from './index.ts';

describe('teams and people', () => {
  const { open } = createStores('LMDB', null);
  const start = async () => createHarness(await open(feedback.collections));
  const TEAM = 'id name namespace origin registered description memberCount';
  const blue = { source: 'hr', id: '1', name: 'simulated/blue', description: 'Makes films', members: ['ann', 'bob'] };

  it('finds a registered team by id and by name', async () => {
    const harness = await start();
    expect(await harness.send('team', [blue])).toEqual({ accepted: 1, repeated: 0, rejected: [] });
    const id = toNameId('Team', blue.name);
    const team = { id, name: blue.name, namespace: 'simulated', origin: 'SIMULATED', registered: true, description: 'Makes films', memberCount: 2 };
    expect(await harness.ask(`query ($id: ID!) { byId: team(id: $id) { ${TEAM} } byName: team(name: "simulated/blue") { ${TEAM} } }`, { id })).toEqual({
      byId: team,
      byName: team,
    });
  });

  it('resolves a team that nobody registered by its id or its name alone', async () => {
    const harness = await start();
    const id = toNameId('Team', 'Data Tools');
    const data = await harness.ask(
      `query ($id: ID!, $of: [_Any!]!) { byId: team(id: $id) { ${TEAM} members { nodes { id } } feedback { id } } byName: team(name: "Data Tools") { ${TEAM} } long: team(name: "${'x'.repeat(200)}") { id name registered } none: team(name: "") { id }
        _entities(representations: $of) { ... on Team { name registered } } }`,
      { id, of: [{ __typename: 'Team', id }, { __typename: 'Team', name: 'Other' }, { __typename: 'Team', name: 'x'.repeat(200) }, { __typename: 'Team', id: toId('Team', 'x') }] },
    );
    const team = { id, name: 'Data Tools', namespace: 'default', origin: 'RECORDED', registered: false, description: null, memberCount: null };
    expect(data).toEqual({
      byId: { ...team, members: { nodes: [] }, feedback: [] },
      byName: team,
      long: { id: toNameId('Team', 'x'.repeat(200)), name: 'x'.repeat(200), registered: false },
      none: null,
      _entities: [{ name: 'Data Tools', registered: false }, { name: 'Other', registered: false }, { name: 'x'.repeat(200), registered: false }, null],
    });
  });

  it('finds by name a team that only an answer names, and keeps its registration when it comes', async () => {
    const harness = await start();
    await harness.send('survey', [declare()]);
    await harness.send('survey-response', [respond(1, { content: 3 }, { team: 'a' })]);
    const ask = async () => harness.ask('{ team(name: "a") { registered memberCount } }');
    expect(await ask()).toEqual({ team: { registered: false, memberCount: null } });
    await harness.send('team', [{ source: 'hr', id: '1', name: 'a', memberCount: 7 }]);
    await harness.send('survey-response', [respond(2, { content: 3 }, { team: 'a' })]);
    expect(await ask()).toEqual({ team: { registered: true, memberCount: 7 } });
  });

  it('refuses one identity with another content, and counts the same as repeated', async () => {
    const harness = await start();
    const receipt = await harness.send('team', [blue, blue, { ...blue, description: 'Else' }, { ...blue, id: '', name: 'x' }, { ...blue, id: '2', at: '2030-01-01T00:00:00Z' }]);
    expect(receipt).toMatchObject({ accepted: 1, repeated: 1 });
    expect(receipt.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [2, 'EVENT_CONFLICT', 'id'],
      [3, 'EVENT_INVALID', 'id'],
      [4, 'EVENT_IN_FUTURE', 'at'],
    ]);
  });

  it('keeps recorded and simulated teams apart unless both are asked for', async () => {
    const harness = await start();
    await harness.send('team', [blue, { source: 'hr', id: '2', name: 'Data' }]);
    const names = async (origin: string) => {
      const data = await harness.ask(`{ teams(origin: ${origin}) { nodes { name } totalCount } }`);
      return data['teams'];
    };
    expect(await names('RECORDED')).toEqual({ nodes: [{ name: 'Data' }], totalCount: 1 });
    expect(await names('SIMULATED')).toEqual({ nodes: [{ name: 'simulated/blue' }], totalCount: 1 });
    expect(await names('ANY')).toEqual({ nodes: [{ name: 'Data' }, { name: 'simulated/blue' }], totalCount: 2 });
  });

  it('moves a person to the team of the newest claim, and lists them there', async () => {
    const harness = await start();
    const claim = (id: string, name: string, at: string) => ({ source: 'hr', id, name, members: ['ann'], at });
    await harness.send('team', [claim('2', 'new', '2024-02-01T00:00:00Z'), claim('1', 'old', '2024-01-01T00:00:00Z')]);
    const data = await harness.ask('{ old: team(name: "old") { members { nodes { id } } } new: team(name: "new") { members { nodes { id team { name } } } } }');
    expect(data).toMatchObject({ old: { members: { nodes: [] } }, new: { members: { nodes: [{ team: { name: 'new' } }] } } });
    const { new: team } = data as { new: { members: { nodes: { id: string }[] } } };
    const id = team.members.nodes[0]?.id;
    expect(await harness.ask('query ($id: ID!) { user(id: $id) { id namespace } }', { id })).toEqual({ user: { id, namespace: 'default' } });
  });

  it('answers a person whom only another system names', async () => {
    const harness = await start();
    const id = toId('User', 'somebody');
    const data = await harness.ask(
      'query ($id: ID!, $of: [_Any!]!) { user(id: $id) { id } _entities(representations: $of) { ... on User { id namespace team { id } } } }',
      { id, of: [{ __typename: 'User', id }] },
    );
    expect(data).toEqual({ user: null, _entities: [{ id, namespace: null, team: null }] });
  });

  it('refuses both ways or no way to name a team', async () => {
    const harness = await start();
    for (const named of ['', '(id: "a", name: "b")']) {
      const { errors } = await harness.run(`{ team${named} { id } }`);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_ARGUMENT' });
    }
  });
});

test('the subgraph composes with one that adds to teams by id and one that knows only their names', () => {
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
  const { errors, supergraphSdl } = composeServices([
    { name: 'feedback', url: 'http://feedback', typeDefs: parse(feedback.typeDefs) },
    {
      name: 'jobs',
      url: 'http://jobs',
      typeDefs: parse(`${link} type Query { latest: Job } type Job @key(fields: "id") { id: ID! team: Team } type Team @key(fields: "id") { id: ID! jobs: [Job!]! }`),
    },
    { name: 'outside', url: 'http://outside', typeDefs: parse(`${link} type Query { desk: Team } type Team @key(fields: "name") { name: String! desk: String }`) },
  ]);
  expect(errors ?? []).toEqual([]);
  expect(supergraphSdl).toContain('registered: Boolean!');
});
