import { describe, expect, it } from 'vitest';
import { createClinicRig } from './test-clinic.ts';
import { createRequiredArgumentsRig, createRequiredChainRig, createRequiredInterfacesRig } from './test-requires.ts';

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

describe('@requires that asks one field with several arguments', () => {
  const rig = createRequiredArgumentsRig();

  it.each(['{ goods { isDear a: euros b: dollars } }', '{ a: goods { dollars } goods { euros dollars } }', '{ a: goods { euros } goods { euros dollars } }', '{ goods { id dollars euros isDear } }', '{ goods { euros price(currency: "USD") } }', '{ goods { e: euros d: dollars weight class { mean(currency: "EUR") } } }', 'query ($c: String = "EUR") { goods { price(currency: $c) ...G } } fragment G on Good { dollars price(currency: $c) }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('@requires of what itself requires', () => {
  const rig = createRequiredChainRig();

  it.each([
    '{ feed { isNovice } }', '{ feed { isExpert } }', '{ feed { prize other } }', '{ feed { id prize isNovice isExpert author { name } } post { other isExpert } }',
    'query ($no: Boolean = false, $yes: Boolean = true) { feed { prize @include(if: $yes) never @include(if: $no) other @skip(if: $no) } post { never @skip(if: $yes) isExpert @skip(if: $no) } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});

describe('@requires through interfaces', () => {
  const rig = createRequiredInterfacesRig();

  it.each(['{ person { city } }', '{ person { office } other { office } }', '{ people { city office label } }', '{ other { label place { __typename id } } }', '{ people { place { ... on Flat { floor } ... on Spot { c: city } } label } }'])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });
});
