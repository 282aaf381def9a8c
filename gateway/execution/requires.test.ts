import { describe, expect, it } from 'vitest';
import { createClinicRig } from './test-clinic.ts';

describe('@requires', () => {
  const rig = createClinicRig();

  it.each([
    '{ pets { checkup { id } } }',
    '{ pets { label checkup { fee } age(in: MONTHS) years: age(in: YEARS) plain: age weight } }',
    '{ pets { checkup { grade } } }',
    '{ pets { checkup { id grade fee pet { label checkup { grade } } } tags { kind { code } } } }',
    '{ pet { friend { friend { label checkup { grade } } } owner { discount pets { label checkup { id } } } } }',
    '{ pet { owner { pets { owner { discount pets { checkup { pet { owner { discount } } } } } } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
