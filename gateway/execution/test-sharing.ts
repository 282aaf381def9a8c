import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const items = new Map<string, Row>([
  ['1', { id: '1', sku: 's1', vendor: 'v1', title: 'One', weight: 5, kind: 'NEW' }],
  ['2', { id: '2', sku: 's2', vendor: null, title: 'Two', weight: null, kind: 'SECRET' }],
  ['3', { id: '3', sku: null, vendor: 'v1', title: 'Three', weight: 7, kind: 'OLD' }],
]);
const find = (parent: Row): Row => {
  for (const row of items.values()) {
    if (parent['id'] === row['id'] || (typeof parent['sku'] === 'string' && parent['sku'] === row['sku'])) return row;
  }
  return {};
};

/** Several keys, of which some are null. */
export const createSeveralKeysRig = (): Rig => createRig({
  subgraphs: {
    a: `type Query { items: [Item!] bySku(sku: String!): Item }
      type Item @key(fields: "id") @key(fields: "sku vendor { id }") { id: ID! sku: String vendor: Vendor title: String }
      type Vendor @key(fields: "id") { id: ID! }`,
    b: `type Item @key(fields: "sku vendor { id }") { sku: String vendor: Vendor weight: Int pair: Item }
      type Vendor @key(fields: "id") { id: ID! name: String items: [Item!] }`,
    c: `type Item @key(fields: "id") { id: ID! label(prefix: String): String }`,
  },
  resolvers: {
    Query: { items: () => [...items.keys()].map((id) => ({ id })), bySku: (_, { sku }) => [...items.values()].find((row) => row['sku'] === sku) ?? null },
    Item: {
      id: (parent) => find(parent)['id'], sku: (parent) => find(parent)['sku'], title: (parent) => find(parent)['title'],
      vendor: (parent) => (find(parent)['vendor'] ? { id: find(parent)['vendor'] } : null),
      // Subgraph b cannot find what has no whole key: the monolith says the same.
      weight: (parent) => (find(parent)['sku'] && find(parent)['vendor'] ? find(parent)['weight'] : null),
      pair: (parent) => (find(parent)['sku'] && find(parent)['vendor'] ? { id: '1', sku: 's1', vendor: { id: 'v1' } } : null),
      label: (parent, { prefix }) => `${String(prefix)}-${String(find(parent)['title'])}`,
    },
    Vendor: { name: (parent) => `Vendor ${String(parent['id'])}`, items: (parent) => [...items.values()].filter((row) => row['vendor'] === parent['id'] && row['sku'] !== null).map((row) => ({ ...row, vendor: { id: row['vendor'] } })) },
  },
  only: { b: { Item: { sku: (parent) => parent['sku'], vendor: (parent) => parent['vendor'] } } },
});

/** Shared value types, enums and input objects that are not the same everywhere. */
export const createSharedFieldsRig = (): Rig => createRig({
  subgraphs: {
    a: `type Query { items: [Item!] common: [Box!] @shareable kinds(of: Filter, kind: Kind): [Kind] take(one: One): String echo(filter: [Filter!]): Int! }
      enum Kind { NEW OLD SECRET @inaccessible }
      input Filter { kind: Kind text: String = "t" n: Int extra: Int nested: Filter }
      input One @oneOf { a: Int b: String }
      type Box @shareable { w: Int inner: [Inner!] }
      type Inner @shareable { x: Int y: Int }
      type Hidden @inaccessible { z: Int }
      type Scrap { w: Int }
      union Any = Scrap | Hidden
      extend type Query { any: [Any] }
      type Item @key(fields: "id") { id: ID! title: String weight: Int kind: Kind box: Box @shareable vendor: Vendor @provides(fields: "name") }
      type Vendor @key(fields: "id") { id: ID! name: String @external }`,
    b: `type Query { common: [Box!] @shareable }
      type Item @key(fields: "id") { id: ID! weight: Int @override(from: "a") box: Box @shareable }
      type Box @shareable { w: Int inner: [Inner!] }
      type Inner @shareable { x: Int y: Int z: Int }
      type Vendor @key(fields: "id") { id: ID! name: String @shareable city: String }
      input Filter { kind: Kind text: String = "t" n: Int nested: Filter }
      enum Kind { NEW OLD SECRET }
      extend type Query { kindsB(of: Filter): Kind }`,
  },
  resolvers: {
    Query: {
      items: () => [...items.keys()].map((id) => ({ id })), common: () => [{ w: 1, inner: [{ x: 1, y: 2, z: 3 }] }, { w: 2, inner: null }],
      kinds: (_, { kind, of }) => ['NEW', kind ?? null, (of as Row | undefined)?.['kind'] ?? 'OLD'], take: (_, { one }) => JSON.stringify(one), echo: (_, { filter }) => JSON.stringify(filter ?? null).length,
      kindsB: (_, { of }) => (of as Row | undefined)?.['kind'] ?? null,
      any: () => [{ __typename: 'Scrap', w: 3 }, null],
    },
    Item: {
      title: (parent) => find(parent)['title'], weight: (parent) => find(parent)['weight'], kind: (parent) => (find(parent)['kind'] === 'SECRET' ? null : find(parent)['kind']),
      box: () => ({ w: 9, inner: [{ x: 7, y: 8, z: 9 }, { x: 4, y: 5, z: 6 }] }), vendor: (parent) => (find(parent)['vendor'] ? { id: find(parent)['vendor'], name: `V ${String(find(parent)['vendor'])}` } : null),
    },
    Vendor: { name: (parent) => `V ${String(parent['id'])}`, city: (parent) => `City of ${String(parent['id'])}` },
  },
  only: { a: { Item: { kind: (parent) => find(parent)['kind'], weight: () => -1 } } },
});
