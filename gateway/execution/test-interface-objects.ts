import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const people: Row[] = [{ __typename: 'Guide', id: 'g1', name: 'Ann', nick: 'an', age: 30 }, { __typename: 'Guest', id: 'g2', name: 'Bob', nick: 'bo', age: 40 }];
const person = (parent: Row): Row => people.find((row) => row['id'] === parent['id']) ?? {};
const own = (key: string) => (parent: Row): unknown => person(parent)[key];
const fields = { name: own('name'), nick: own('nick'), age: own('age'), motto: (parent: Row) => `motto of ${String(person(parent)['name'])}`, badge: () => 7 };
const stub = (row: Row): Row => ({ __typename: row['__typename'], id: row['id'] });

/** An interface object that requires another subgraph's field. */
export const createRequiringInterfaceObjectRig = (): Rig => createRig({
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

/** An interface object that adds nothing. */
export function createBareInterfaceObjectRig(): Rig {
  const media: Row = { __typename: 'Clip', id: '1', title: 'A clip', seconds: 9 };
  return createRig({
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
}
