import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const stub = (row: Row | undefined): Row | null => (row ? { __typename: row['__typename'], id: row['id'] } : null);
const accounts: Row[] = [
  { __typename: 'Admin', id: 'x1', email: 'x1@example.org', level: 3, score: 10 },
  { __typename: 'User', id: 'x2', email: null, score: 20 },
];
const account = (parent: Row): Row => accounts.find((row) => row['id'] === parent['id']) ?? {};
const accountFields = { email: (parent: Row) => account(parent)['email'], level: (parent: Row) => account(parent)['level'], score: (parent: Row) => account(parent)['score'], friend: (parent: Row) => stub(accounts[parent['id'] === 'x1' ? 1 : 0]) };

/** A subgraph that knows an interface as an object. */
export const createAccountsRig = (): Rig => createRig({
  subgraphs: {
    people: `type Query { accounts: [Account!] account(id: ID!): Account }
      interface Account @key(fields: "id") { id: ID! email: String }
      type Admin implements Account @key(fields: "id") { id: ID! email: String level: Int }
      type User implements Account @key(fields: "id") { id: ID! email: String }`,
    scores: `type Query { best: Account ranking: [Account] }
      type Account @key(fields: "id") @interfaceObject { id: ID! score: Int! friend: Account }`,
  },
  resolvers: {
    Query: { accounts: () => accounts.map(stub), account: (_, { id }) => stub(accounts.find((row) => row['id'] === id)), best: () => stub(accounts[1]), ranking: () => [stub(accounts[1]), null, stub(accounts[0])] },
    Admin: accountFields, User: accountFields,
  },
  only: {
    people: { Account: { __resolveReference: (reference) => stub(accounts.find((row) => row['id'] === reference['id'])) } },
    scores: {
      Query: { best: () => ({ id: 'x2' }), ranking: () => [{ id: 'x2' }, null, { id: 'x1' }] },
      Account: { score: accountFields.score, friend: (parent) => ({ id: parent['id'] === 'x1' ? 'x2' : 'x1' }) },
    },
  },
});

