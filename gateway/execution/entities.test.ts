import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';
import type { Row } from './test-rig.ts';

const products = new Map<string, Row>([
  ['1', { id: '1', name: 'Chair', price: 10, w: 3, h: 4 }],
  ['2', { id: '2', name: null, price: 20, w: 5, h: 6 }],
  ['3', { id: '3', name: 'Table', price: null, w: 1, h: 1 }],
]);
const product = (id: unknown): Row => ({ __typename: 'Product', id });
const get = (parent: Row): Row => products.get(String(parent['id'])) ?? {};
const price = (parent: Row, currency: unknown): number | null => {
  const value = get(parent)['price'];
  return typeof value === 'number' ? value * (currency === 'EUR' ? 2 : 1) : null;
};

describe('entities by key', () => {
  const rig = createRig({
    subgraphs: {
      catalogue: `type Query { products(n: Int = 3): [Product!]! product(id: ID!): Product }
        type Product @key(fields: "id") { id: ID! name: String grid: [[Product]] dims: Dims price(cur: String): Int }
        type Dims { w: Int h: Int }`,
      stock: `type Product @key(fields: "id") { id: ID! stock(at: String): Int! dims: Dims @external price(cur: String): Int @external
          ship(times: Int! = 1): Int @requires(fields: "dims { w h } price(cur: \\"EUR\\")") related: [Product!] faulty: String }
        type Dims @external { w: Int h: Int }`,
    },
    resolvers: {
      Query: { products: (_, { n }) => [...products.keys()].slice(0, Number(n)).map(product), product: (_, { id }) => (products.has(String(id)) ? product(id) : null) },
      Product: {
        name: (parent) => get(parent)['name'],
        grid: () => [[product('1'), null, product('2')], null, [], [product('1')]],
        dims: (parent) => ({ w: get(parent)['w'], h: get(parent)['h'] }),
        price: (parent, { cur }) => price(parent, cur),
        stock: (parent, { at }) => (parent['id'] === '2' && at === 'nowhere' ? null : Number(parent['id']) * 100 + String(at ?? '').length),
        ship: (parent, { times }) => Number(times) * Number(get(parent)['w']) * Number(get(parent)['h']) + (price(parent, 'EUR') ?? 0),
        related: (parent) => [...products.keys()].filter((id) => id !== parent['id']).map(product),
        faulty: (parent) => { if (parent['id'] === '1') return 'fine'; throw new Error('broken'); },
      },
    },
    only: {
      stock: {
        Product: {
          ship: (parent, { times }) => {
            const { w, h } = parent['dims'] as Row;
            return Number(times) * Number(w) * Number(h) + Number(parent['price'] ?? 0);
          },
        },
      },
    },
  });

  it.each([
    '{ products { name stock } }',
    '{ products { grid { name stock ship related { name stock } } } }',
    '{ a: product(id: "1") { ship t: ship(times: 3) price(cur: "X") dims { h } related { stock(at: "x") related { name s: stock } } } b: product(id: "9") { stock } }',
    'query ($c: Boolean!) { products(n: 2) { name @include(if: $c) stock @skip(if: $c) ...F @include(if: $c) } } fragment F on Product { ship __typename }',
    '{ products { stock(at: "nowhere") } }',
    '{ product(id: "2") { id stock(at: "nowhere") } products { faulty related { faulty } } }',
    '{ __typename product(id: "1") { k: __typename __typename stock constructor: name __proto__: name toString: stock } }',
    '{ product(id: "1") { stock } product(id: "1") { name related { id } related { name } } ... { product(id: "1") { id } } ...Q } fragment Q on Query { product(id: "1") { dims { w } } }',
    'query ($i: ID!, $at: String = "abc") { product(id: $i) { stock(at: $at) } }',
    '{ a: product(id: "1") { related { related { stock(at: "y") } } } b: product(id: "2") { related { related { stock(at: "yyy") } } } }',
  ])('answers %s as a monolith does', async (query) => {
    for (const c of [true, false]) {
      const { ours, theirs } = await rig.compare(query, { c, i: '2' });
      expect(ours).toBe(theirs);
    }
  });

  it.each([
    // The planner alone fails on these: the required fields are below a fetch of the same subgraph.
    '{ products { grid { related { name ship } } } }',
    '{ product(id: "1") { related { related { ship t: ship(times: 3) related { ship price } } } } }',
    '{ product(id: "1") { related { faulty ship related { faulty ship } } } }',
  ])('answers %s, with required fields deep in it, as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });

  it('gives an empty object where every field is skipped, without asking a subgraph', async () => {
    expect((await rig.compare('query ($c: Boolean!) { product(id: "1") @skip(if: $c) { stock } }', { c: true })).result).toEqual({ data: {} });
    expect((await rig.compare('{ product(id: "1") @skip(if: true) { stock } }')).result).toEqual({ data: {} });
    expect(rig.requests).toEqual([]);
    expect((await rig.compare('{ product(id: "1") { stock @skip(if: true) } }')).result.data).toEqual({ product: {} });
  });

  it('asks a subgraph once for equal entities', async () => {
    await rig.ask('{ products { related { stock } } }');
    expect(rig.requests.map(({ subgraph, representations }) => [subgraph, representations])).toEqual([['catalogue', 0], ['stock', 3]]);
  });
});
