import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

/** @requires that asks one field with several arguments. */
export function createRequiredArgumentsRig(): Rig {
  const goods: Row[] = [{ id: 'g1', price: 11, weight: 1, class: { mean: 9 } }, { id: 'g2', price: 22, weight: 2, class: { mean: 20 } }];
  const good = (parent: Row): Row => goods.find((row) => row['id'] === parent['id']) ?? {};
  const price = (parent: Row, currency: unknown): number => Number(good(parent)['price']) * (currency === 'EUR' ? 2 : 1);
  return createRig({
    subgraphs: {
      ships: `type Good @key(fields: "id") { id: ID! weight: Int @external price(currency: String!): Int @external class: Class @external
          dollars: Int @requires(fields: "price(currency: \\"USD\\") weight") euros: Int @requires(fields: "price(currency: \\"EUR\\") weight")
          isDear: Boolean @requires(fields: "class { mean(currency: \\"USD\\") }") }
        type Class @external { mean(currency: String!): Int }`,
      shop: 'type Query { goods: [Good] } type Good @key(fields: "id") { id: ID! price(currency: String!): Int weight: Int class: Class } type Class { mean(currency: String!): Int }',
    },
    resolvers: {
      Query: { goods: () => goods.map(({ id }) => ({ id })) },
      Good: { price: (parent, { currency }) => price(parent, currency), weight: (parent) => good(parent)['weight'], class: (parent) => good(parent)['class'], dollars: (parent) => price(parent, 'USD') * Number(good(parent)['weight']), euros: (parent) => price(parent, 'EUR') * Number(good(parent)['weight']), isDear: (parent) => Number((good(parent)['class'] as Row)['mean']) > 11 },
    },
    only: {
      ships: { Good: { dollars: (parent) => Number(parent['price']) * Number(parent['weight']), euros: (parent) => Number(parent['price']) * Number(parent['weight']), isDear: (parent) => Number((parent['class'] as Row)['mean']) > 11 } },
    },
  });
}

/** @requires of what itself requires. */
export function createRequiredChainRig(): Rig {
  const posts: Row[] = [{ id: '1', by: 'x' }, { id: '2', by: 'y' }];
  const years: Row = { x: 1, y: 9 };
  const novice = (post: Row): boolean => Number(years[String(posts.find((row) => row['id'] === post['id'])?.['by'])]) < 5;
  return createRig({
    subgraphs: {
      feed: `type Query { feed: [Post] post: Post }
        type Post @key(fields: "id") { id: ID! isNovice: Boolean! @external isExpert: Boolean! @requires(fields: "isNovice") }
        type Author @key(fields: "id") { id: ID! name: String! years: Int! @inaccessible }`,
      authors: 'type Post @key(fields: "id") { id: ID! author: Author! isNovice: Boolean! @requires(fields: "author { years }") } type Author @key(fields: "id") { id: ID! years: Int! @external }',
      prizes: 'type Post @key(fields: "id") { id: ID! isExpert: Boolean! @external prize: Int! @requires(fields: "isExpert") other: Int @requires(fields: "isExpert") never: Int @requires(fields: "isExpert") }',
    },
    resolvers: {
      Query: { feed: () => posts.map(({ id }) => ({ id })), post: () => ({ id: '2' }) },
      Post: { isNovice: novice, isExpert: (post) => !novice(post), author: (post) => ({ id: posts.find((row) => row['id'] === post['id'])?.['by'] }), prize: (post) => (novice(post) ? 0 : 10), other: (post) => (novice(post) ? 1 : 2) },
      Author: { name: (author) => `Author ${String(author['id'])}`, years: (author) => years[String(author['id'])] },
    },
    only: {
      feed: { Post: { isExpert: (post) => (typeof post['isNovice'] === 'boolean' ? !post['isNovice'] : null) } },
      authors: { Post: { isNovice: (post) => Number((post['author'] as Row)['years']) < 5 } },
      prizes: { Post: { prize: (post) => (post['isExpert'] === true ? 10 : post['isExpert'] === false ? 0 : null), other: (post) => (post['isExpert'] === true ? 2 : 1), never: () => { throw new Error('nobody asked'); } } },
    },
  });
}

/** @requires through interfaces. */
export function createRequiredInterfacesRig(): Rig {
  const places: Row[] = [{ __typename: 'Flat', id: 'f', floor: 3, city: 'F-town' }, { __typename: 'Office', id: 'o', desk: 'd7', city: 'O-town' }];
  const place = (key: unknown): Row | null => places.find((row) => row['id'] === key) ?? null;
  const home = (person: Row): Row | null => place(person['id'] === '1' ? 'f' : person['id'] === '2' ? 'o' : 'none');
  return createRig({
    subgraphs: {
      people: `type Query { person: Person people: [Person!]! }
        interface Place { id: ID! }
        interface Spot implements Place { id: ID! city: String }
        type Flat implements Place & Spot @key(fields: "id") { id: ID! city: String @shareable floor: Int @shareable }
        type Office implements Place & Spot @key(fields: "id") { id: ID! city: String @shareable desk: String @shareable }
        type Person @key(fields: "id") { id: ID! place: Place @external city: String @requires(fields: "place { id }") office: String @requires(fields: "place { ... on Office { id } }")
          label: String @requires(fields: "place { id ... on Flat { city floor } ... on Office { city desk } }") }`,
      places: `type Query { other: Person }
        interface Place { id: ID! }
        interface Spot implements Place { id: ID! city: String }
        type Flat implements Place & Spot @key(fields: "id") { id: ID! city: String @shareable floor: Int @shareable }
        type Office implements Place & Spot @key(fields: "id") { id: ID! city: String @shareable desk: String @shareable }
        type Barn implements Place @key(fields: "id") { id: ID! }
        type Person @key(fields: "id") { id: ID! place: Place }`,
    },
    resolvers: {
      Query: { person: () => ({ id: '1' }), people: () => [{ id: '2' }, { id: '3' }, { id: '1' }], other: () => ({ id: '2' }) },
      Person: { place: home, city: (person) => home(person)?.['city'] ?? null, office: (person) => (home(person)?.['__typename'] === 'Office' ? 'o' : null), label: (person) => (home(person) ? `${String(home(person)?.['city'])} ${String(home(person)?.['floor'] ?? home(person)?.['desk'])}` : null) },
    },
    only: {
      people: {
        Person: {
          city: (person) => place((person['place'] as Row | null)?.['id'])?.['city'] ?? null,
          office: (person) => (place((person['place'] as Row | null)?.['id'])?.['__typename'] === 'Office' ? 'o' : null),
          label: (person) => { const at = person['place'] as Row | null; return at ? `${String(at['city'])} ${String(at['floor'] ?? at['desk'])}` : null; },
        },
      },
    },
  });
}
