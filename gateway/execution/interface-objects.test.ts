import { describe, expect, it } from 'vitest';
import { createBareInterfaceObjectRig, createRequiringInterfaceObjectRig } from './test-interface-objects.ts';
import { createPagesRig } from './test-pages.ts';
import { createRig } from './test-rig.ts';

describe('an interface object that requires another subgraph\'s field', () => {
  const rig = createRequiringInterfaceObjectRig();

  // A known limit: the planner merges the two fetches and forgets what one of them requires.
  it('gives null and an error, not a wrong value, where one type asks what requires and another what does not', async () => {
    const { data, errors } = await rig.ask('{ others { ... on Guest { nick } ... on Guide { id } } }');
    expect(data).toEqual({ others: [{ nick: null }, null, { id: 'g1' }] });
    expect(errors?.map(({ path }) => path)).toEqual([['others', 0, 'nick']]);
  });

  it.each([
    '{ others { id name nick } }', '{ named { id name nick } }', '{ others { ... on Guide { age } } }', '{ others { ... on Guide { age id name nick } id name } }',
    '{ named { ... on Guide { age id name nick } id name __typename } }', '{ others { t: __typename nick } }', '{ others { nick motto ... on Guest { n: name } } named { motto } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an interface object below its own field', () => {
  // A known limit: the planner finds no way from an interface object to what its field requires of the interface.
  it('refuses as a whole, not with a wrong value, what requires a field of the interface, and answers all else', async () => {
    const rig = createPagesRig();
    const refused = await rig.ask('{ pages { follower { banner } } }');
    expect(refused).toMatchObject({ errors: [{ extensions: { code: 'PLANNING_FAILED' } }] });
    expect(refused.data ?? null).toBeNull();
    const { ours, theirs } = await rig.compare('{ pages { banner follower { title views } } tops { banner } }');
    expect(ours).toBe(theirs);
  });
});

describe('an interface object that adds nothing', () => {
  const rig = createBareInterfaceObjectRig();

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
