import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const never = (): never => {
  throw new Error('somebody else provides this');
};

/** @provides where little of it is asked. */
export const createSmallProvidesRig = (): Rig => createRig({
  subgraphs: {
    owner: 'type Query { unused: Boolean } type Card @key(fields: "id") { id: ID! front: String! @shareable back: String! @shareable rank: Int! }',
    deck: `type Query { top: Card @provides(fields: "front back") cards: [Card!]! @provides(fields: "front back") }
      type Card @key(fields: "id") { id: ID! front: String! @external back: String! @external }`,
  },
  resolvers: {
    Query: { top: () => ({ id: '1', front: 'ace' }), cards: () => [{ id: '1', front: 'ace' }, { id: '2', front: 'two' }] },
    Card: { front: (card) => (card['id'] === '1' ? 'ace' : 'two'), rank: (card) => Number(card['id']) * 10 },
  },
  only: { owner: { Card: { front: never, back: never } }, deck: { Card: { __resolveReference: never, back: never } } },
});

/** @provides for one member of a union. */
export function createUnionProvidesRig(): Rig {
  const media: Row[] = [{ __typename: 'Song', id: 's', title: 'A song' }, { __typename: 'Clip', id: 'c', title: 'A clip' }];
  const title = (parent: Row): unknown => media.find((row) => row['id'] === parent['id'])?.['title'];
  return createRig({
    subgraphs: {
      bare: 'type Query { list: [Media] @shareable } union Media = Song | Clip type Song @key(fields: "id") { id: ID! } type Clip @key(fields: "id") { id: ID! }',
      given: `type Query { list: [Media] @shareable @provides(fields: "... on Song { title }") }
        union Media = Song | Clip
        type Song @key(fields: "id") { id: ID! title: String @external }
        type Clip @key(fields: "id") { id: ID! }`,
      titles: 'type Song @key(fields: "id") { id: ID! title: String @shareable } type Clip @key(fields: "id") { id: ID! title: String @shareable }',
    },
    resolvers: { Query: { list: () => media }, Song: { title }, Clip: { title } },
    only: { bare: { Query: { list: never } }, titles: { Song: { __resolveReference: never } } },
  });
}

/** @provides below interfaces. */
export function createInterfaceProvidesRig(): Rig {
  const pets: Row[] = [{ __typename: 'Dog', id: 'p1', name: 'Rex', age: 3 }, { __typename: 'Cat', id: 'p2', name: 'Tom', age: 6 }];
  const pet = (parent: Row): Row => pets.find((row) => row['id'] === parent['id']) ?? {};
  const fields = { name: (parent: Row) => pet(parent)['name'], age: (parent: Row) => pet(parent)['age'] };
  const home: Row = { __typename: 'House', id: 'h', pets };
  return createRig({
    subgraphs: {
      doors: `type Query { home: Home @shareable house: House @provides(fields: "pets { ... on Dog { name } }") }
        interface Home { id: ID! }
        interface Pet { id: ID! }
        type House implements Home @key(fields: "id") { id: ID! pets: [Pet] @shareable }
        type Dog implements Pet @key(fields: "id") { id: ID! @external name: String @external }
        type Cat implements Pet @key(fields: "id") { id: ID! @external }`,
      halls: `type Query { home: Home @shareable @provides(fields: "pets { id name }") }
        interface Home { id: ID! pets: [Pet] }
        interface Pet { id: ID! name: String }
        type House implements Home { id: ID! @shareable pets: [Pet] @external }
        type Dog implements Pet { id: ID! @external name: String @external }
        type Cat implements Pet { id: ID! @external name: String @external }`,
      vets: `interface Home { id: ID! pets: [Pet] }
        interface Pet { id: ID! name: String }
        type House implements Home @key(fields: "id") { id: ID! pets: [Pet] @shareable }
        type Dog implements Pet @key(fields: "id") { id: ID! name: String @shareable age: Int }
        type Cat implements Pet @key(fields: "id") { id: ID! name: String @shareable age: Int }`,
    },
    resolvers: { Query: { home: () => home, house: () => home }, Dog: fields, Cat: fields },
    only: { doors: { Query: { home: never } }, vets: { House: { pets: () => pets }, Dog: { __resolveReference: never } } },
  });
}

/** @provides of several levels. */
export function createDeepProvidesRig(): Rig {
  const tags: Row[] = [{ id: 't1', word: 'green', like: ['t2'] }, { id: 't2', word: 'tall', like: ['t1', 't2'] }];
  const tag = (parent: Row): Row => tags.find((row) => row['id'] === parent['id']) ?? {};
  const like = (parent: Row): Row[] => (tag(parent)['like'] as string[]).map((id) => ({ id, word: tags.find((row) => row['id'] === id)?.['word'] }));
  return createRig({
    subgraphs: {
      // Named to come first, so that it would be taken for anything that it could answer.
      all: 'type Tree @key(fields: "id") { id: ID! }',
      trees: `type Query { trees: [Tree] @shareable @provides(fields: "tags { id word like { id word } }") }
        type Tree @key(fields: "id") { id: ID! tags: [Tag] @external }
        type Tag @key(fields: "id") { id: ID! word: String like: [Tag] @external }`,
      words: `type Tree @key(fields: "id") { id: ID! tags: [Tag] @shareable }
        type Tag @key(fields: "id") { id: ID! like: [Tag] @shareable }`,
    },
    resolvers: {
      Query: { trees: () => [{ id: 'a', tags: tags.map((row) => ({ id: row['id'] })) }, null, { id: 'b', tags: [] }] },
      Tag: { word: (parent) => tag(parent)['word'], like },
    },
    only: { all: { Tree: { __resolveReference: never } }, trees: { Tree: { __resolveReference: never }, Tag: { __resolveReference: never, like } }, words: { Tree: { tags: never } } },
  });
}
