import { describe, expect, it } from 'vitest';
import { createOverrideRig, createRequiredOverrideRig } from './test-overrides.ts';

describe('@override', () => {
  const rig = createOverrideRig();

  it.each([
    '{ feed { id made } }', '{ feed { ... on Text { id body } } }', '{ other { made } }', '{ other { made id ... on Photo { made id } } }', '{ shared { made gone slow } feed { ... on Photo { slow gone made } } other { ... on Photo { slow } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('@override of a field that others require', () => {
  const rig = createRequiredOverrideRig();

  it.each(['{ inA { id name a c } inB { id name a c } inC { id name a c } }', '{ inC { c } }', '{ inA { c } }', '{ inA { a } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
