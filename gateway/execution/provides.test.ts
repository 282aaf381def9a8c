import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const never = (): never => {
  throw new Error('somebody else provides this');
};
const asked = (requests: readonly { subgraph: string }[]): string[] => requests.map(({ subgraph }) => subgraph);

describe('@provides of several levels', () => {
  const tags: Row[] = [{ id: 't1', word: 'green', like: ['t2'] }, { id: 't2', word: 'tall', like: ['t1', 't2'] }];
  const tag = (parent: Row): Row => tags.find((row) => row['id'] === parent['id']) ?? {};
  const like = (parent: Row): Row[] => (tag(parent)['like'] as string[]).map((id) => ({ id, word: tags.find((row) => row['id'] === id)?.['word'] }));
  const rig = createRig({
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

  it.each(['{ trees { id tags { id word } } }', '{ trees { tags { word like { id word } } } }', '{ trees { ...T } } fragment T on Tree { tags { w: word like { word } } }'])('answers %s as a monolith does, from who provides it', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
    expect(asked(rig.requests)).toEqual(['trees']);
  });
});

describe('@provides below interfaces', () => {
  const pets: Row[] = [{ __typename: 'Dog', id: 'p1', name: 'Rex', age: 3 }, { __typename: 'Cat', id: 'p2', name: 'Tom', age: 6 }];
  const pet = (parent: Row): Row => pets.find((row) => row['id'] === parent['id']) ?? {};
  const fields = { name: (parent: Row) => pet(parent)['name'], age: (parent: Row) => pet(parent)['age'] };
  const home: Row = { __typename: 'House', id: 'h', pets };
  const rig = createRig({
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

  it.each([
    ['{ home { id pets { id name } } }', ['halls']],
    ['{ home { id pets { __typename id name } } }', ['halls']],
    ['{ home { id pets { id name ... on Cat { age } } } }', ['halls', 'vets']],
    ['{ home { pets { ...P } } } fragment P on Pet { name t: __typename ... on Cat { age } }', ['halls', 'vets']],
    ['{ house { pets { ... on Dog { name } } } }', ['doors']],
    ['{ house { pets { __typename ... on Dog { name } ... on Cat { id name } } } }', ['doors', 'vets']],
  ])('answers %s as a monolith does, from who provides it', async (query, subgraphs) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
    expect(asked(rig.requests)).toEqual(subgraphs);
  });
});

describe('@provides for one member of a union', () => {
  const media: Row[] = [{ __typename: 'Song', id: 's', title: 'A song' }, { __typename: 'Clip', id: 'c', title: 'A clip' }];
  const title = (parent: Row): unknown => media.find((row) => row['id'] === parent['id'])?.['title'];
  const rig = createRig({
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

  it.each([
    ['{ list { ... on Song { id title } ... on Clip { id } } }', ['given']],
    ['{ list { ... on Song { title } ... on Clip { id title } } }', ['given', 'titles']],
    ['{ list { __typename ...S ... on Clip { title } } } fragment S on Song { t: title }', ['given', 'titles']],
  ])('answers %s as a monolith does, from who provides it', async (query, subgraphs) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
    expect(asked(rig.requests)).toEqual(subgraphs);
  });
});

describe('@provides where little of it is asked', () => {
  const rig = createRig({
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

  it.each([
    '{ top { id } }', '{ top { id name: front } }', '{ top { ... on Card { front } ...C } } fragment C on Card { id }', '{ top { front rank } cards { rank front } }',
    'query ($no: Boolean = false) { top { id ... on Card @include(if: $no) { back } back @skip(if: true) } }', '{ cards { id ... { front } ... { rank } } }',
  ])('answers %s as a monolith does, and asks for no more', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
