import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const users: Row[] = [{ __typename: 'User', id: 'u1', handle: 'ann' }];
const rooms: Row[] = [{ __typename: 'Room', id: 'r1', topic: 'tea', owner: 'u1' }];
const all = [...users, ...rooms];
const find = (id: unknown): Row | null => all.find((row) => row['id'] === id) ?? null;

describe('Query.node of other people', () => {
  const rig = createRig({
    subgraphs: {
      people: `type Query { node(id: ID!): Node @shareable user(id: ID!): User }
        interface Node { id: ID! }
        type User implements Node @key(fields: "id") { id: ID! handle: String! }
        type Room implements Node @key(fields: "id") { id: ID! @external owner: User! }`,
      talk: `type Query { node(id: ID!): Node @shareable room(id: ID!): Room }
        interface Node { id: ID! }
        type User implements Node @key(fields: "id") { id: ID! @external rooms: [Room!]! }
        type Room implements Node @key(fields: "id") { id: ID! topic: String! }`,
    },
    resolvers: {
      Query: { node: (_, { id }) => find(id), user: (_, { id }) => find(id), room: (_, { id }) => find(id) },
      User: { handle: (parent) => find(parent['id'])?.['handle'], rooms: (parent) => rooms.filter((room) => room['owner'] === parent['id']) },
      Room: { topic: (parent) => find(parent['id'])?.['topic'], owner: (parent) => find(find(parent['id'])?.['owner']) },
    },
    // What a subgraph must not be asked: each knows the ids of its own type only.
    only: { people: { Room: { id: () => 'never' } }, talk: { User: { id: () => 'never' } } },
  });

  it.each([
    '{ user: node(id: "u1") { __typename } room: node(id: "r1") { __typename } none: node(id: "x") { __typename } }',
    '{ user: node(id: "u1") { ... on User { id handle } } room: node(id: "r1") { ... on Room { id topic } } }',
    '{ user: node(id: "u1") { ... on Room { id } } room: node(id: "r1") { t: __typename ... on User { id } } }',
    '{ room(id: "r1") { id topic owner { id handle rooms { topic } } } user(id: "u1") { rooms { id owner { id } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });

  it('says that it cannot plan what no subgraph can answer, and asks none', async () => {
    const result = await rig.ask('{ node(id: "u1") { id } }');
    expect(result.data ?? null).toBe(null);
    expect(result.errors?.map(({ extensions }) => extensions['code'])).toEqual(['PLANNING_FAILED']);
    expect(rig.requests).toEqual([]);
  });

  it('asks only whom it must, also where a subgraph is called as the gateway\'s own', async () => {
    const other = createRig({
      subgraphs: {
        node: 'type Query { node(id: ID!): Node @shareable first: Node } interface Node { id: ID! } type Cat implements Node @key(fields: "id") { id: ID! }',
        cats: 'type Query { node(id: ID!): Node @shareable } interface Node { id: ID! } type Cat implements Node @key(fields: "id") { id: ID! name: String! }',
      },
      resolvers: { Query: { node: () => ({ __typename: 'Cat', id: 'c' }), first: () => ({ __typename: 'Cat', id: 'c' }) }, Cat: { name: () => 'Tom' } },
    });
    for (const query of ['{ node(id: "c") { id } }', '{ first { id } }']) {
      const { ours, theirs } = await other.compare(query);
      expect(ours).toBe(theirs);
      expect(other.requests.length).toBe(1);
    }
  });
});
