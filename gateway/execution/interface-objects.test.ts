import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const people: Row[] = [{ __typename: 'Guide', id: 'g1', name: 'Ann', nick: 'an', age: 30 }, { __typename: 'Guest', id: 'g2', name: 'Bob', nick: 'bo', age: 40 }];
const person = (parent: Row): Row => people.find((row) => row['id'] === parent['id']) ?? {};
const own = (key: string) => (parent: Row): unknown => person(parent)[key];
const fields = { name: own('name'), nick: own('nick'), age: own('age'), motto: (parent: Row) => `motto of ${String(person(parent)['name'])}`, badge: () => 7 };
const stub = (row: Row): Row => ({ __typename: row['__typename'], id: row['id'] });

describe('an interface object that requires another subgraph\'s field', () => {
  const rig = createRig({
    subgraphs: {
      people: `type Query { named: [Named!]! }
        interface Named @key(fields: "id") { id: ID! name: String }
        type Guide implements Named @key(fields: "id") { id: ID! name: String age: Int badge: Int }
        type Guest implements Named @key(fields: "id") { id: ID! name: String }`,
      nicks: `type Query { others: [Named] }
        type Named @key(fields: "id") @interfaceObject { id: ID! name: String @external nick: String @requires(fields: "name") motto: String @requires(fields: "name") }`,
    },
    resolvers: { Query: { named: () => people.map(stub), others: () => [stub(people[1] ?? {}), null, stub(people[0] ?? {})] }, Guide: fields, Guest: fields },
    only: {
      people: { Named: { __resolveReference: (reference) => stub(person(reference)) } },
      nicks: {
        Query: { others: () => [{ id: 'g2' }, null, { id: 'g1' }] },
        Named: { name: () => 'not mine', nick: (parent) => { if (typeof parent['name'] !== 'string') throw new Error('no name came'); return person(parent)['nick']; }, motto: (parent) => `motto of ${String(parent['name'])}` },
      },
    },
  });

  it.each([
    '{ others { id name nick } }', '{ named { id name nick } }', '{ others { ... on Guide { age } } }', '{ others { ... on Guide { age id name nick } id name } }',
    '{ named { ... on Guide { age id name nick } id name __typename } }', '{ others { t: __typename nick } }', '{ others { nick motto ... on Guest { n: name } } named { motto } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an interface object that adds nothing', () => {
  const media: Row = { __typename: 'Clip', id: '1', title: 'A clip', seconds: 9 };
  const rig = createRig({
    subgraphs: {
      media: `type Query { media: Media }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Clip implements Media @key(fields: "id") { id: ID! title: String seconds: Int }
        type Text implements Media @key(fields: "id") { id: ID! title: String words: Int }`,
      lists: 'type Query { list: List } type List @key(fields: "id") { id: ID! media: Media } type Media @key(fields: "id") @interfaceObject { id: ID! }',
      makers: 'type Query { maker: Maker } type Maker @key(fields: "id") { id: ID! name: String } extend type Clip @key(fields: "id") { id: ID! maker: String }',
    },
    resolvers: {
      Query: { media: () => media, list: () => ({ id: 'l', media }), maker: () => ({ id: 'm', name: 'Mae' }) },
      Clip: { title: () => 'A clip', seconds: () => 9, maker: () => 'Mae' },
    },
    only: { media: { Media: { __resolveReference: () => media } }, lists: { Query: { list: () => ({ id: 'l', media: { id: '1' } }) } } },
  });

  it.each([
    '{ media { id title ... on Clip { seconds maker } ... on Text { words } } maker { id name } list { id media { id ... on Clip { seconds } } } }',
    '{ list { media { __typename title ... on Clip { maker } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an interface object without an implementation beside it', () => {
  const rig = createRig({
    subgraphs: {
      a: `type Query { lone: Lone good: Good! }
        interface Lone @key(fields: "id") { id: ID! }
        type Good @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
      b: `type Query { other: Lone }
        type Lone @key(fields: "id", resolvable: false) @interfaceObject { id: ID! word: String }
        interface Good @key(fields: "id") { id: ID! }
        type Bread implements Good @key(fields: "id") { id: ID! name: String! }`,
    },
    resolvers: { Query: {} },
    only: {
      a: { Query: { lone: () => ({ __typename: 'Lone', id: 'n' }), good: () => ({ id: 'p' }) } },
      b: { Query: { other: () => ({ id: 'n' }) }, Lone: { word: () => 'w' }, Good: { __resolveReference: () => ({ __typename: 'Bread', id: 'p', name: 'Rye' }) } },
    },
  });

  it.each([
    ['{ other { id word } }', { other: { id: 'n', word: 'w' } }],
    ['{ other { id } good { id } }', { other: { id: 'n' }, good: { id: 'p' } }],
    ['{ good { ... on Bread { id } } }', { good: { id: 'p' } }],
    ['{ good { __typename ... on Bread { name } } }', { good: { __typename: 'Bread', name: 'Rye' } }],
  ])('answers %s', async (query, data) => {
    expect(await rig.ask(query)).toEqual({ data });
  });

  it('gives null and an error where no object can be told', async () => {
    const { data, errors } = await rig.ask('{ lone { id } }');
    expect(data).toEqual({ lone: null });
    expect(errors?.map(({ path }) => path)).toEqual([['lone']]);
  });

  it('says that it cannot plan a field that nothing leads to', async () => {
    const { data, errors } = await rig.ask('{ lone { word } }');
    expect([data ?? null, errors?.length]).toEqual([null, 1]);
  });
});
