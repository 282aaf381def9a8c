import { describe, expect, it } from 'vitest';
import { createListKeysRig, createLostEntityRig, createPartialKeysRig, createWayAboveRig } from './test-keys.ts';

describe('keys of lists of objects with nested keys', () => {
  const rig = createListKeysRig();

  it.each([
    '{ box { parts { id code price { amount } kind { id tag main { id } } } chosen { id } first { id } } }',
    '{ box { first { code price { amount } } parts { kind { main { price { amount } kind { tag } } } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('keys of which a subgraph takes only some', () => {
  const rig = createPartialKeysRig();

  it.each(['{ twig { id leaves { id name greeting } } }', '{ twigs { leaves { greeting alt parts { three one } } } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('fields that only an entity above can lead to', () => {
  const rig = createWayAboveRig();

  it.each(['{ item(id: "1") { id code group { id name details { count } } } }', '{ items { group { details { count } name } } }', '{ items { a: group { name } b: group { details { count } id } } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an entity that the subgraph on the way does not know', () => {
  const rig = createLostEntityRig();

  it('is null beyond it, without an error and without asking further', async () => {
    const { ours, theirs } = await rig.compare('{ holders { book { isbn writer { name } } } }');
    expect(ours).toBe(theirs);
    expect(rig.requests.map(({ subgraph, representations }) => [subgraph, representations])).toEqual([['shelf', 0], ['bridge', 3], ['writers', 2]]);
  });
});
