import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const node = (id: unknown): Row => ({ __typename: 'Node', id: String(id) });
const idOf = (parent: Row): number => Number(parent['id']);
const failAt = (wrong: number, parent: Row): void => {
  if (idOf(parent) === wrong) throw new Error(`${wrong} fails`);
};

const nodeFields = {
  name: (parent: Row) => (idOf(parent) === 3 ? null : `n${idOf(parent)}`),
  next: (parent: Row) => node((idOf(parent) % 4) + 1),
  previous: (parent: Row) => (idOf(parent) === 1 ? null : node(idOf(parent) - 1)),
  kids: (parent: Row) => (idOf(parent) === 2 ? [node(1), null] : [node(4), node(1)]),
  // Subgraph b does not know the node 4.
  weight: (parent: Row) => { failAt(2, parent); return idOf(parent) === 4 ? null : idOf(parent) * 10; },
  tags: (parent: Row) => (idOf(parent) === 4 ? null : idOf(parent) === 3 ? ['x', null] : ['x', 'y']),
  matrix: (parent: Row) => (idOf(parent) === 4 ? null : [[1, 2], [idOf(parent) === 1 ? null : 3], null]),
  partner: (parent: Row) => (idOf(parent) === 4 ? null : node(4 - idOf(parent))),
  soft: (parent: Row) => { if (idOf(parent) === 4) return null; failAt(1, parent); return { must: idOf(parent) === 3 ? null : 'must', list: [[{ must: 'a', list: null }], null, [{ must: idOf(parent) === 2 ? null : 'b', list: [] }]] }; },
  label: (parent: Row) => `label ${idOf(parent)}`,
  peers: (parent: Row) => [node(1), node(idOf(parent))],
  rows: (parent: Row, { of }: Row) => [[node(of ?? 1), node(3)], [node(idOf(parent))]],
};

/** Chains of fields that may not be null, over resolvers that give null, fail, and a subgraph that does not know an entity. */
export const createNullsRig = (): Rig => createRig({
  subgraphs: {
    a: `type Query { root: Node! maybe: Node nodes: [Node!]! some: [Node] grid: [[Node!]]! hard: [[Node!]!] }
      type Node @key(fields: "id") { id: ID! name: String! next: Node! previous: Node kids: [Node!] }`,
    b: `type Node @key(fields: "id") { id: ID! weight: Int! tags: [String!] matrix: [[Int!]] partner: Node! soft: Soft }
      type Soft { must: String! list: [[Soft!]] }`,
    c: 'type Query { other: Node } type Node @key(fields: "id") { id: ID! label: String! peers: [Node!]! rows(of: Int = 2): [[Node!]!]! }',
  },
  resolvers: {
    Query: {
      root: () => node(1), maybe: () => node(2), nodes: () => [node(1), node(2), node(4)], some: () => [node(3), null, node(2)], other: () => node(3),
      grid: () => [[node(1), node(4)], null, [node(3)]], hard: () => [[node(4)], [node(1), node(2)]],
    },
    Node: nodeFields,
  },
  only: { b: { Node: { __resolveReference: (reference) => (reference['id'] === '4' ? null : reference) } } },
});
