import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { scalarResolvers } from '../../kit/graph/scalars.ts';
import { composeSubgraphs } from '../graph/composition.ts';
import { BoundedCache } from './bounded-cache.ts';
import { createLocalClient } from './local-client.ts';
import { createSupergraph } from './supergraph.ts';

const typeDefs = (own: string): string => `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n${own}`;
const sources = [
  { name: 'a', typeDefs: typeDefs('type Query { item: Item } type Mutation { change: Item } type Item @key(fields: "id") { id: ID! a: Int }'), resolvers: { Query: { item: () => ({ id: '1' }) }, Mutation: { change: () => ({ id: '1' }) }, Item: { a: seenBy } } },
  { name: 'b', typeDefs: typeDefs('type Item @key(fields: "id") { id: ID! b: Int other: Item }'), resolvers: { Item: { b: seenBy, other: () => ({ id: '2' }) } } },
];
function seenBy(_item: unknown, _args: unknown, context: unknown): number {
  return (context as { number: number }).number;
}

describe('createLocalClient', () => {
  it('makes one context for each operation and subgraph, and another after a mutation', async () => {
    let made = 0;
    const clients = sources.map((source) => [source.name, createLocalClient(source.name, buildSubgraphSchema([{ typeDefs: parse(source.typeDefs), resolvers: source.resolvers }]), () => ({ number: ++made }))] as const);
    const supergraph = createSupergraph(composeSubgraphs(sources.map(({ name, typeDefs: sdl }) => ({ name, url: 'http://x/', typeDefs: sdl }))).supergraphSdl, new Map(clients));
    const ask = (query: string) => supergraph.execute({ document: parse(query) });
    expect((await ask('{ item { a b other { a b } } }')).data).toEqual({ item: { a: 1, b: 2, other: { a: 1, b: 2 } } });
    expect((await ask('{ item { a } }')).data).toEqual({ item: { a: 3 } });
    expect((await ask('mutation { x: change { a b } y: change { a } }')).data).toEqual({ x: { a: 4, b: 5 }, y: { a: 4 } });
  });

  it('refuses an operation that its schema does not have', () => {
    const client = createLocalClient('a', buildSubgraphSchema([{ typeDefs: parse(sources[0]?.typeDefs ?? ''), resolvers: {} }]), () => ({}));
    expect(() => client.execute({ query: '{ gone }' }, { signal: new AbortController().signal, context: null, scope: new Map() })).toThrow(/subgraph a refuses/);
  });

  it("answers a scalar's literal that its subgraph refuses as the client's mistake, by the scalar's own words", async () => {
    const schema = buildSubgraphSchema([{ typeDefs: parse(`scalar DateTime\n${typeDefs('type Query { at(of: DateTime, on: [DateTime]): Int }')}`), resolvers: { DateTime: scalarResolvers.DateTime, Query: { at: () => 1 } } }]);
    const supergraph = createSupergraph(composeSubgraphs([{ name: 'a', url: 'http://x/', typeDefs: typeDefs('scalar DateTime type Query { at(of: DateTime, on: [DateTime]): Int }') }]).supergraphSdl, new Map([['a', createLocalClient('a', schema, () => ({}))]]));
    const ask = (query: string) => supergraph.execute({ document: parse(query) });
    expect(await ask('{ at(of: "2024-11-17T00:00:00Z") }')).toEqual({ data: { at: 1 } });
    for (const [value, message] of [['5', 'expected a DateTime as text, got 5'], ['"x"', 'expected an RFC 3339 instant such as 2024-11-17T00:00:00Z, got "x"']]) {
      const { data, errors } = await ask(`{ at(of: ${value}) }`);
      expect({ data, errors: errors?.map((error) => [error.message, error.extensions['code']]) }).toEqual({ data: { at: null }, errors: [[message, 'BAD_ARGUMENT']] });
    }
  });
});

describe('BoundedCache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([1, undefined, 3, 2]);
  });
});
