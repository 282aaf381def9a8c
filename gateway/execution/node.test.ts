import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, validate } from 'graphql';
import type { ExecutionResult, GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { composeSubgraphs } from '../graph/composition.ts';
import { createNodeSubgraph } from '../graph/node-subgraph.ts';
import { createLocalClient } from './local-client.ts';
import { createSupergraph } from './supergraph.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';
const NODE = 'interface Node { id: ID! }\n';
const JOB = `Job:${'a'.repeat(22)}`;
const TEAM = `Team:${'b'.repeat(22)}`;
const sources = [
  {
    name: 'platform',
    typeDefs: `${LINK}${NODE}type Query { jobs: [Job!]! }
      type Job implements Node @key(fields: "id") @key(fields: "name") { id: ID! name: String! runs(first: Int): Int team: Team }
      type Team @key(fields: "id") { id: ID! jobs: [Job!]! }`,
    resolvers: {
      Query: { jobs: () => [{ id: JOB }] },
      Job: { __resolveReference: ({ id }: { id: string }) => (id === JOB ? { id } : null), name: () => 'job', runs: () => 3, team: () => ({ id: TEAM }) },
      Team: { jobs: ({ id }: { id: string }) => (id === TEAM ? [{ id: JOB }] : []) },
    },
  },
  {
    name: 'feedback',
    typeDefs: `${LINK}${NODE}type Query { teams: [Team!]! }
      type Team implements Node @key(fields: "id") { id: ID! name: String! registered: Boolean! }
      type Job @key(fields: "id") { id: ID! feedback: [String!]! }
      type Bare implements Node @key(fields: "name") { id: ID! name: String! }`,
    resolvers: {
      Query: { teams: () => [{ id: TEAM }] },
      Team: { __resolveReference: ({ id }: { id: string }) => (id === TEAM ? { id } : null), name: () => 'team', registered: () => true },
      Job: { feedback: () => [] },
    },
  },
];

function toSchema(typeDefs: string, resolvers: object): GraphQLSchema {
  return buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers: resolvers as Record<string, Record<string, GraphQLFieldResolver<unknown, unknown>>> }]);
}

const node = createNodeSubgraph(sources.map((source) => source.typeDefs));
const requests: string[] = [];
const supergraph = createSupergraph(
  composeSubgraphs([...sources, node].map(({ name, typeDefs }) => ({ name, url: 'http://x/', typeDefs }))).supergraphSdl,
  new Map([...sources, node].map(({ name, typeDefs, resolvers }) => [name, createLocalClient(name, toSchema(typeDefs, resolvers), () => ({}))])),
  { onRequest: ({ subgraph }) => requests.push(subgraph) },
);

function ask(query: string, variables: Record<string, unknown> = {}): Promise<ExecutionResult> {
  const document = parse(query);
  expect(validate(supergraph.apiSchema, document)).toEqual([]);
  return supergraph.execute({ document, variables });
}

describe('node(id:)', () => {
  beforeEach(() => {
    requests.length = 0;
  });

  it('has a stub for each entity with an id, of the subgraph that owns it', () => {
    expect(node.typeDefs).toContain('type Job implements Node');
    expect(node.typeDefs).toContain('type Team implements Node');
    expect(node.typeDefs).not.toContain('Bare');
  });

  it('finds an entity with fields of several subgraphs', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on Job { name runs(first: 2) feedback team { name } } ... on Team { name jobs { name } } } }';
    expect(await ask(query, { id: JOB })).toEqual({ data: { node: { __typename: 'Job', id: JOB, name: 'job', runs: 3, feedback: [], team: { name: 'team' } } } });
    expect(await ask(query, { id: TEAM })).toEqual({ data: { node: { __typename: 'Team', id: TEAM, name: 'team', jobs: [{ name: 'job' }] } } });
  });

  it('asks the owner whether the entity exists, in one request', async () => {
    expect(await ask('{ node(id: "' + JOB + '") { id } }')).toEqual({ data: { node: { id: JOB } } });
    expect(requests).toEqual(['node', 'platform']);
  });

  it.each([`Job:${'z'.repeat(22)}`, `Team:${'z'.repeat(22)}`, `Bare:${'a'.repeat(22)}`, `Nothing:${'a'.repeat(22)}`, 'Job', 'Job:', ':', '', `Job:${'a'.repeat(21)}`, `Job:${'a'.repeat(22)} `, '__proto__:aaaaaaaaaaaaaaaaaaaaaa'])('gives null for %s, without an error', async (id) => {
    for (const selection of ['id', '__typename', '... on Job { name }', '... on Job { feedback }', 'id ... on Team { name registered jobs { name } }']) {
      expect(await ask(`query ($id: ID!) { n: node(id: $id) { ${selection} } }`, { id })).toEqual({ data: { n: null } });
    }
  });
});
