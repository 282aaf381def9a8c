import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const user = (id: unknown): Row => ({ id, rank: `rank ${String(id)}`, name: `name ${String(id)}`, nick: `nick ${String(id)}` });
const own = (key: string) => (parent: Row): unknown => user(parent['id'])[key];

describe.each([
  ['type User @key(fields: "id") @extends'],
  ['extend type User @key(fields: "id")'],
])('a federation 1 subgraph that says %s', (head) => {
  const rig = createRig({
    link: '',
    subgraphs: {
      ranks: `type Query { some: User given: User @provides(fields: "name") } ${head} { id: ID! @external name: String! @external rank: ID }`,
      users: 'type Query { user(id: ID): User } type User @key(fields: "id") { id: ID! name: String! nick: String }',
    },
    resolvers: { Query: { some: () => user('1'), given: () => user('1'), user: (_, { id }) => user(id) }, User: { name: own('name'), nick: own('nick'), rank: own('rank') } },
    only: { ranks: { Query: { some: () => ({ id: '1' }) }, User: { name: (parent) => parent['name'] ?? 'never' } } },
  });

  it.each(['{ some { id name } user(id: "2") { id name nick rank } }', '{ some { rank } }', '{ some { id rank name } }', '{ given { id rank name nick } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('a federation 1 subgraph with keys of other people\'s fields', () => {
  const good: Row = { id: 'g', name: 'Good', pid: 'p', upc: 'u', price: 1.5 };
  const rig = createRig({
    link: '',
    subgraphs: {
      goods: 'type Query { good: Good } type Good @key(fields: "id") { id: ID! name: String pid: ID }',
      prices: 'type Query { priced: Good } extend type Good @key(fields: "id name") @key(fields: "upc") { id: ID @external name: String @external upc: String @external price: Float! }',
    },
    resolvers: { Query: { good: () => good, priced: () => good } },
    only: { prices: { Good: { __resolveReference: (key) => (key['name'] === 'Good' || key['upc'] === 'u' ? good : null) } } },
  });

  it.each(['{ good { id pid price upc name } }', '{ good { price } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
