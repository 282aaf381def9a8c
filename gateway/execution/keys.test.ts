import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const rows: Row[] = [
  { id: '1', code: 'c1', kind: { id: 'k1', tag: 'x' }, price: 5, name: 'One' },
  { id: '2', code: 'c2', kind: { id: 'k2', tag: 'y' }, price: 7, name: 'Two' },
];
const find = (parent: Row): Row => rows.find((row) => row['id'] === parent['id']) ?? {};
const part = (id: string): Row => ({ id, code: find({ id })['code'] });

describe('keys of lists of objects with nested keys', () => {
  const list = (parents: readonly Row[]): Row => ({ parts: parents.map((parent) => find(parent)), first: find(parents[0] ?? {}), chosen: find(parents[1] ?? {}) });
  const rig = createRig({
    subgraphs: {
      links: 'type Part @key(fields: "id") @key(fields: "id code") { id: ID! code: String! }',
      lists: `type Box @key(fields: "parts { id code }") { parts: [Part!]! first: Part @shareable chosen: Part @shareable }
        type Part @key(fields: "id code") { id: ID! code: String }`,
      prices: `type Box @key(fields: "parts { id code kind { id tag } } chosen { id }") { parts: [Part!]! first: Part @shareable chosen: Part @shareable }
        type Part @key(fields: "id code kind { id tag }") { id: ID! code: String kind: Kind price: Price }
        type Kind @key(fields: "id tag") { id: ID! tag: String }
        type Price { amount: Float! }`,
      boxes: `type Query { box: Box! }
        type Box @key(fields: "parts { id }") { parts: [Part!]! }
        type Part @key(fields: "id") { id: ID! kind: Kind @shareable }
        type Kind @key(fields: "id") { id: ID! tag: String @shareable main: Part! @shareable }`,
    },
    resolvers: {
      Query: { box: () => list(rows) },
      Part: { code: (parent) => find(parent)['code'], kind: (parent) => find(parent)['kind'], price: (parent) => ({ amount: find(parent)['price'] }) },
      Kind: { tag: (kind) => kind['tag'] ?? (kind['id'] === 'k1' ? 'x' : 'y'), main: (kind) => ({ id: kind['id'] === 'k1' ? '1' : '2' }) },
    },
    only: {
      lists: { Box: { __resolveReference: (key) => list(key['parts'] as Row[]) } },
      prices: { Box: { __resolveReference: (key) => ({ ...list(key['parts'] as Row[]), chosen: key['chosen'] }) } },
    },
  });

  it.each([
    '{ box { parts { id code price { amount } kind { id tag main { id } } } chosen { id } first { id } } }',
    '{ box { first { code price { amount } } parts { kind { main { price { amount } kind { tag } } } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('keys of which a subgraph takes only some', () => {
  const parts = { one: 'o', two: 't', three: 'h' };
  const rig = createRig({
    subgraphs: {
      names: `type Leaf @key(fields: "id") @key(fields: "alt", resolvable: false) @key(fields: "parts { one two }", resolvable: false) @key(fields: "id parts { two three }", resolvable: false) { id: ID! alt: ID! parts: Parts! name: String! }
        type Parts { one: ID! two: ID! three: ID! }`,
      twigs: `type Query { twig: Twig twigs: [Twig!] }
        type Twig @key(fields: "id") { id: ID! leaves: [Leaf!]! }
        type Leaf @key(fields: "parts { one two }", resolvable: false) @key(fields: "id parts { two three }") @key(fields: "alt", resolvable: false) @key(fields: "id", resolvable: false) { id: ID! alt: ID! parts: Parts! name: String! @external greeting: String! @requires(fields: "name") }
        type Parts { one: ID! two: ID! three: ID! }`,
    },
    resolvers: {
      Query: { twig: () => ({ id: 't' }), twigs: () => [{ id: 't' }, { id: 'u' }] },
      Twig: { leaves: (twig) => (twig['id'] === 't' ? [{ id: '1' }] : [{ id: '2' }, { id: '1' }]) },
      Leaf: { alt: (leaf) => `alt${String(leaf['id'])}`, parts: () => parts, name: (leaf) => `leaf ${String(leaf['id'])}`, greeting: (leaf) => `hello leaf ${String(leaf['id'])}` },
    },
    only: { twigs: { Leaf: { greeting: (leaf) => `hello ${String(leaf['name'])}` } } },
  });

  it.each(['{ twig { id leaves { id name greeting } } }', '{ twigs { leaves { greeting alt parts { three one } } } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('fields that only an entity above can lead to', () => {
  const rig = createRig({
    subgraphs: {
      start: 'type Query { item(id: ID!): Item items: [Item!]! } type Item @key(fields: "id") @key(fields: "id code") { id: ID! code: String! }',
      details: 'type Item @key(fields: "id") { id: ID! @external group: Group @shareable } type Group { details: Details } type Details { count: Int }',
      ids: 'type Item @key(fields: "id code") { id: ID! code: String! group: Group @shareable } type Group { id: ID @shareable }',
      names: 'type Group @key(fields: "id") { id: ID name: String }',
    },
    resolvers: {
      Query: { item: (_, { id }) => part(String(id)), items: () => [part('1'), part('2')] },
      Item: { group: (item) => ({ id: `g${String(item['id'])}`, details: { count: Number(item['id']) } }) },
      Group: { name: (group) => `Group ${String(group['id'])}` },
    },
  });

  it.each(['{ item(id: "1") { id code group { id name details { count } } } }', '{ items { group { details { count } name } } }', '{ items { a: group { name } b: group { details { count } id } } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an entity that the subgraph on the way does not know', () => {
  const rig = createRig({
    subgraphs: {
      shelf: 'type Query { holders: [Holder] } type Holder { book: Book } type Book @key(fields: "isbn") { isbn: ID! }',
      bridge: 'type Book @key(fields: "id") @key(fields: "isbn") { id: ID! isbn: ID! }',
      writers: 'type Book @key(fields: "id") { id: ID! writer: Writer } type Writer { name: String }',
    },
    resolvers: {
      Query: { holders: () => ['1', '2', '3'].map((id) => ({ book: { id, isbn: `i${id}` } })) },
      Book: { writer: (book) => (book['id'] === '2' ? null : { name: `Writer ${String(book['id'])}` }) },
    },
    only: {
      bridge: { Book: { __resolveReference: ({ isbn, id }) => (isbn === 'i2' ? null : { isbn: isbn ?? `i${String(id)}`, id: id ?? String(isbn).slice(1) }) } },
      writers: { Book: { __resolveReference: (book) => { if (typeof book['id'] !== 'string') throw new Error('a key of null'); return book; } } },
    },
  });

  it('is null beyond it, without an error and without asking further', async () => {
    const { ours, theirs } = await rig.compare('{ holders { book { isbn writer { name } } } }');
    expect(ours).toBe(theirs);
    expect(rig.requests.map(({ subgraph, representations }) => [subgraph, representations])).toEqual([['shelf', 0], ['bridge', 3], ['writers', 2]]);
  });
});
