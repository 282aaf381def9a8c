import { getIntrospectionQuery, graphqlSync } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';

const rig = createRig({
  subgraphs: { a: 'type Query { here: String item(id: ID!): Item } type Item @key(fields: "id") { id: ID! hidden: Int @inaccessible }', b: 'type Item @key(fields: "id") { id: ID! b: Int }' },
  resolvers: { Query: { here: () => 'here', item: (_, { id }) => ({ id }) }, Item: { b: () => 1 } },
});

describe('introspection', () => {
  it('shows the schema that clients see', async () => {
    const { data, errors } = await rig.ask(getIntrospectionQuery());
    expect(errors).toBeUndefined();
    expect(data).toEqual(graphqlSync({ schema: rig.supergraph.apiSchema, source: getIntrospectionQuery() }).data);
    expect(JSON.stringify(data)).not.toMatch(/join__|_entities|hidden/);
    expect(rig.requests).toEqual([]);
  });

  it.each([
    '{ __typename }',
    '{ t: __typename here __schema { queryType { name } } x: __schema { q: queryType { n: name } } item(id: 1) { b __typename } }',
    'query ($n: String!, $d: Boolean = true) { __type(name: $n) { name fields(includeDeprecated: $d) { name } } none: __type(name: "None") { name } ...F } fragment F on Query { __schema { mutationType { name } } here }',
    'query ($n: String!, $skip: Boolean = true) { __type(name: $n) @skip(if: $skip) { name } here }',
  ])('answers %s as a monolith does', async (query) => {
    for (const n of ['Item', 'Query']) {
      const { ours, theirs } = await rig.compare(query, { n });
      expect(ours).toBe(theirs);
    }
  });

  it('picks an operation by its name, and says where there is none', async () => {
    const query = 'query A { here } query B { __typename }';
    expect(await rig.ask(query, {}, 'A')).toEqual({ data: { here: 'here' } });
    expect(await rig.ask(query, {}, 'B')).toEqual({ data: { __typename: 'Query' } });
    for (const name of [undefined, 'C']) expect((await rig.ask(query, {}, name)).errors?.[0]?.extensions['code']).toBe('OPERATION_RESOLUTION_FAILURE');
  });
});
