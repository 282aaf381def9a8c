import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const rows: Row[] = [
  { id: '1', code: 'c1', kind: { id: 'k1', tag: 'x' }, price: 5, name: 'One' },
  { id: '2', code: 'c2', kind: { id: 'k2', tag: 'y' }, price: 7, name: 'Two' },
];
const find = (parent: Row): Row => rows.find((row) => row['id'] === parent['id']) ?? {};
const part = (id: string): Row => ({ id, code: find({ id })['code'] });

/** Keys of lists of objects whose own keys are nested. */
export function createListKeysRig(): Rig {
  const list = (parents: readonly Row[]): Row => ({ parts: parents.map((parent) => find(parent)), first: find(parents[0] ?? {}), chosen: find(parents[1] ?? {}) });
  return createRig({
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
}

/** Keys of which a subgraph takes only some. */
export function createPartialKeysRig(): Rig {
  const parts = { one: 'o', two: 't', three: 'h' };
  return createRig({
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
}

/** Fields that only an entity above can lead to. */
export const createWayAboveRig = (): Rig => createRig({
  subgraphs: {
    start: 'type Query { item(id: ID!): Item items: [Item!]! } type Item @key(fields: "id") @key(fields: "id code") { id: ID! code: String! }',
    details: 'type Item @key(fields: "id") { id: ID! @external group: Group @shareable } type Group { details: Details } type Details { count: Int }',
    ids: 'type Item @key(fields: "id code") { id: ID! code: String! group: Group @shareable } type Group { id: ID @shareable }',
    names: 'type Group @key(fields: "id") { id: ID name: String }',
  },
  resolvers: {
    Query: { item: (_, { id }) => (id === '1' || id === '2' ? part(id) : null), items: () => [part('1'), part('2')] },
    Item: { group: (item) => ({ id: `g${String(item['id'])}`, details: { count: Number(item['id']) } }) },
    Group: { name: (group) => `Group ${String(group['id'])}` },
  },
});

/** An entity that the subgraph on the way does not know. */
export const createLostEntityRig = (): Rig => createRig({
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
