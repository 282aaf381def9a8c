import { describe, expect, it } from 'vitest';
import { createDeepProvidesRig, createInterfaceProvidesRig, createSmallProvidesRig, createUnionProvidesRig } from './test-provides.ts';

const asked = (requests: readonly { subgraph: string }[]): string[] => requests.map(({ subgraph }) => subgraph);

describe('@provides of several levels', () => {
  const rig = createDeepProvidesRig();

  it.each(['{ trees { id tags { id word } } }', '{ trees { tags { word like { id word } } } }', '{ trees { ...T } } fragment T on Tree { tags { w: word like { word } } }'])('answers %s as a monolith does, from who provides it', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
    expect(asked(rig.requests)).toEqual(['trees']);
  });
});

describe('@provides below interfaces', () => {
  const rig = createInterfaceProvidesRig();

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
  const rig = createUnionProvidesRig();

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
  const rig = createSmallProvidesRig();

  it.each([
    '{ top { id } }', '{ top { id name: front } }', '{ top { ... on Card { front } ...C } } fragment C on Card { id }', '{ top { front rank } cards { rank front } }',
    'query ($no: Boolean = false) { top { id ... on Card @include(if: $no) { back } back @skip(if: true) } }', '{ cards { id ... { front } ... { rank } } }',
  ])('answers %s as a monolith does, and asks for no more', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
