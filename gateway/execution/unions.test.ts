import { describe, expect, it } from 'vitest';
import { createLoneInterfaceRig, createUnionsRig, createValueUnionsRig } from './test-unions.ts';

describe('unions whose members are not the same everywhere', () => {
  const rig = createUnionsRig();

  it.each([
    '{ plant { ... on Moss { label } } }',
    '{ plant { __typename ... on Rose { label } ... on Moss { label patches } } }',
    '{ northern { ... on Moss { label patches } } }',
    '{ northern { ... on Rose { label thorns scent } ... on Fern { fronds } } }',
    '{ southern { t: __typename ... on Rose { thorns } ... on Moss { patches label } } }',
    '{ bed { first { ... on Moss { label } } second { ... on Moss { label } ... on Fern { label fronds } } third { ... on Moss { label patches } } } }',
    '{ bed { first { __typename ...P } second { __typename ...P } third { __typename ...P } } } fragment P on Plant { ... on Rose { label thorns scent } ... on Fern { label fronds } ... on Moss { label patches } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('unions of value types in a shared type', () => {
  const rig = createValueUnionsRig();
  const items = '{ items { __typename ... on Pot { size } ... on Tray { cells spare { size } } ... on Crate { weight } } main { ... on Tray { c: cells } ... on Crate { w: weight } } }';

  it.each([
    `{ order { parcel ${items} } }`,
    `{ load { parcel ${items} } }`,
    '{ order { parcel { items { __typename ... on Crate { weight } } } } }',
    `{ shared { parcel ${items} } }`,
    `{ order { depotParcel ${items} } }`,
    '{ order { parcel { main { ...I } } } load { parcel { main { ...I } } } } fragment I on Item { ... on Tray { cells } ... on Crate { weight } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('an interface that types implement in one subgraph only', () => {
  const rig = createLoneInterfaceRig();

  it.each([
    '{ goods { ... on Thing { id } } }',
    '{ goods { ... on Insured { warranty } ... on Thing { ... on Desk { id } } } }',
    '{ things { ... on Lamp { warranty } ... on Desk { id } } }',
    '{ things { ... on Thing { id ... on Thing { id ... on Insured { warranty } } } } }',
    '{ lamps { ...L ...T } } fragment L on Lamp { id } fragment T on Thing { id __typename }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });

  it('does not ask for what another type of a union would need', async () => {
    await rig.ask('{ goods { ... on Lamp { id } } }');
    expect(rig.requests.map(({ subgraph }) => subgraph)).toEqual(['store']);
  });
});
