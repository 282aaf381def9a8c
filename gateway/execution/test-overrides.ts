import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const never = (): string => 'never';
const posts: Row[] = [{ __typename: 'Photo', id: 'p1' }, { __typename: 'Photo', id: 'p2' }];
const made = (post: Row): string => `made ${String(post['id'])}`;

/** Fields that moved, some of them below interfaces. */
export const createOverrideRig = (): Rig => createRig({
  subgraphs: {
    old: `type Query { feed: [Post] shared: [Photo] @shareable }
      interface Post { id: ID! made: String! }
      type Photo implements Post @key(fields: "id") { id: ID! made: String! gone: String @shareable slow: String }`,
    fresh: `type Query { other: [Entry] shared: [Photo] @shareable }
      interface Post { id: ID! made: String! }
      interface Entry { id: ID! made: String! }
      type Text implements Post @key(fields: "id") { id: ID! made: String! body: String! }
      type Photo implements Entry @key(fields: "id") { id: ID! made: String! @override(from: "old") gone: String @shareable @override(from: "nobody") slow: String @override(from: "old", label: "percent(30)") }`,
  },
  resolvers: { Query: { feed: () => posts, other: () => posts, shared: () => posts }, Photo: { made, gone: () => 'still', slow: (post) => `slow ${String(post['id'])}` } },
  only: { old: { Photo: { made: never } } },
});

/** A field that moved and that others require. */
export const createRequiredOverrideRig = (): Rig => createRig({
  subgraphs: {
    a: 'type Query { inA: Person } type Person @key(fields: "id") { id: ID! name: String! @external a: String! @requires(fields: "name") }',
    b: 'type Query { inB: Person } type Person @key(fields: "id") { id: ID! name: String! @override(from: "c") }',
    c: 'type Query { inC: Person } type Person @key(fields: "id") { id: ID! name: String! @external c: String! @requires(fields: "name") }',
  },
  resolvers: {
    Query: { inA: () => ({ id: '1' }), inB: () => ({ id: '2' }), inC: () => ({ id: '3' }) },
    Person: { name: (person) => `name ${String(person['id'])}`, a: (person) => `a name ${String(person['id'])}`, c: (person) => `c name ${String(person['id'])}` },
  },
  only: { a: { Person: { name: never, a: (person) => `a ${String(person['name'])}` } }, c: { Person: { name: never, c: (person) => `c ${String(person['name'])}` } } },
});
