import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const media: Row[] = [
  { __typename: 'Book', id: 'b1', title: 'B1', pages: 10, author: 'a1' },
  { __typename: 'Film', id: 'f1', title: 'F1', pages: 1.5, author: 'a1' },
  { __typename: 'Book', id: 'b2', title: null, pages: null, author: 'a2' },
  { __typename: 'Song', id: 's1', title: 'S1', pages: 3, author: 'a2' },
];
const find = (parent: Row): Row => media.find((row) => row['id'] === parent['id']) ?? {};
const stub = (row: Row | undefined): Row | null => (row ? { __typename: row['__typename'], id: row['id'] } : null);
const authorOf = (parent: Row): Row => ({ __typename: 'Author', id: find(parent)['author'] });
const mediaFields = {
  title: (parent: Row) => find(parent)['title'],
  pages: (parent: Row) => find(parent)['pages'],
  author: authorOf,
  rank: (parent: Row, { by }: Row) => `${String(parent['id'])}/${String(by)}`,
  next: (parent: Row) => stub(media[media.findIndex((row) => row['id'] === parent['id']) + 1]),
};

const rig = createRig({
  subgraphs: {
    library: `type Query { media: [Media] medium(id: ID!): Media things: [Thing!]! nested: [[Thing]] self: Holder }
      interface Media { id: ID! title: String next: Media author: Author }
      union Thing = Book | Film | Author
      type Holder { media: Media thing: Thing list: [Media!] }
      type Book implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Film implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Song implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Author @key(fields: "id") { id: ID! }`,
    counts: `interface Ranked { rank(by: Int): String }
      type Query { ranked: [Ranked!] }
      type Book implements Ranked @key(fields: "id") { id: ID! pages: Int rank(by: Int): String }
      type Film implements Ranked @key(fields: "id") { id: ID! pages: Float! rank(by: Int): String }
      type Author @key(fields: "id") { id: ID! name: String books: [Book!] rank(by: Int): Int publisher: Publisher }
      type Publisher @key(fields: "id") { id: ID! }`,
    houses: `type Publisher @key(fields: "id") { id: ID! city(tag: String): String }
      type Song @key(fields: "id") { id: ID! pages: Float! }`,
  },
  resolvers: {
    Query: {
      media: () => [...media.map(stub), null], medium: (_, { id }) => stub(media.find((row) => row['id'] === id)), ranked: () => media.filter((row) => row['__typename'] !== 'Song').map(stub),
      things: () => [stub(media[0]), { __typename: 'Author', id: 'a1' }, stub(media[1])],
      nested: () => [[stub(media[0]), null], null, [stub(media[1]), { __typename: 'Author', id: 'a2' }]],
      self: () => ({}),
    },
    Holder: { media: () => stub(media[2]), thing: () => ({ __typename: 'Author', id: 'a2' }), list: () => [stub(media[1]), stub(media[0])] },
    Book: mediaFields, Film: mediaFields, Song: mediaFields,
    Author: {
      name: (parent) => `Author ${String(parent['id'])}`,
      books: (parent) => media.filter((row) => row['__typename'] === 'Book' && row['author'] === parent['id']).map(stub),
      rank: (parent, { by }) => Number(by ?? 0) + String(parent['id']).length,
      publisher: (parent) => ({ __typename: 'Publisher', id: parent['id'] === 'a1' ? 'p1' : 'p2' }),
    },
    Publisher: { city: (parent, { tag }) => `City ${String(parent['id'])} ${String(tag)}` },
  },
});

describe('interfaces and unions', () => {
  it.each([
    '{ media { title } }',
    '{ media { __typename id title ... on Book { pages } ... on Film { length: pages } } }',
    '{ media { t: __typename ... on Book { x: title y: pages n: rank } ... on Film { x: rank(by: 1) z: pages n: title } } }',
    '{ media { next { next { ... on Film { length: pages rank(by: 2) } ... on Song { title } } } } }',
    '{ media { ... on Book { author { name } } ... on Film { author { books { title pages } } } ... on Song { author { id name } } } }',
    '{ media { ... on Book { author { publisher { city(tag: "b") } } } ... on Film { author { publisher { city(tag: "f") } } } } }',
    '{ media { author { publisher { id } } ... on Book { author { publisher { c: city(tag: "b") } } } ... on Film { author { publisher { c: city(tag: "f") } } } } }',
    '{ media { ... on Ranked { rank(by: 1) } ... on Media { title ... on Book { pages } } } }',
    '{ ranked { rank ... on Media { title author { name } } } }',
    '{ ranked { __typename rank(by: 3) ... on Book { title next { title } } } }',
    '{ things { __typename ... on Author { name rank } ... on Book { title pages } ... on Ranked { r: rank } } }',
    '{ things { ... on Author { id books { id author { name } } } ...M } } fragment M on Media { title next { ...N } } fragment N on Book { pages author { name } }',
    '{ nested { __typename ... on Author { name } ... on Film { length: pages author { name } } } }',
    '{ self { media { title author { name } } thing { ... on Author { publisher { city } } } list { id ... on Film { length: pages } } } }',
    '{ a: medium(id: "s1") { title } b: medium(id: "zz") { title } c: medium(id: "b1") { ... on Song { title } } }',
    '{ media { ... on Song { length: pages } } }',
    'query ($yes: Boolean!, $no: Boolean!) { media { ... on Book @include(if: $yes) { pages title @skip(if: $yes) } ... on Film @skip(if: $no) { length: pages } ...S @include(if: $no) } } fragment S on Song { title }',
  ])('answers %s as a monolith does', async (query) => {
    for (const [yes, no] of [[true, false], [false, true], [true, true]]) {
      const { ours, theirs } = await rig.compare(query, { yes, no });
      expect(ours).toBe(theirs);
    }
  });
});

const accounts: Row[] = [
  { __typename: 'Admin', id: 'x1', email: 'x1@example.org', level: 3, score: 10 },
  { __typename: 'User', id: 'x2', email: null, score: 20 },
];
const account = (parent: Row): Row => accounts.find((row) => row['id'] === parent['id']) ?? {};
const accountFields = { email: (parent: Row) => account(parent)['email'], level: (parent: Row) => account(parent)['level'], score: (parent: Row) => account(parent)['score'], friend: (parent: Row) => stub(accounts[parent['id'] === 'x1' ? 1 : 0]) };

const objects = createRig({
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

describe('interface objects', () => {
  it.each([
    '{ accounts { id score } }',
    '{ accounts { __typename id score email ... on Admin { level } } }',
    '{ best { id score } }',
    '{ best { __typename score email } ranking { id ... on Admin { level } ... on User { email } } }',
    '{ ranking { score friend { email friend { __typename score } } } }',
    '{ account(id: "x1") { score ... on Admin { level friend { id email } } } none: account(id: "x9") { score } }',
    '{ accounts { ... on Admin { score s: score } ... on User { email friend { score } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await objects.compare(query);
    expect(ours).toBe(theirs);
  });
});
