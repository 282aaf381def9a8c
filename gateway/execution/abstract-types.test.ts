import { describe, expect, it } from 'vitest';
import { createAccountsRig } from './test-accounts.ts';
import { createMediaRig } from './test-media.ts';

const rig = createMediaRig();
const objects = createAccountsRig();

describe('interfaces and unions', () => {
  it.each([
    '{ media { title } }',
    '{ media { __typename id title ... on Book { pages } ... on Film { length: pages } } }',
    '{ media { t: __typename ... on Book { x: title y: pages n: rank } ... on Film { x: rank(by: 1) z: pages n: title } } }',
    '{ media { next { next { ... on Film { length: pages rank(by: 2) } ... on Song { title } } } } }',
    '{ media { ... on Book { author { name } } ... on Film { author { books { title pages } } } ... on Song { author { id name } } } }',
    '{ media { ... on Book { author { publisher { city(tag: "b") } } } ... on Film { author { publisher { city(tag: "f") } } } } }',
    '{ media { author { publisher { id } } ... on Book { author { publisher { c: city(tag: "b") } } } ... on Film { author { publisher { c: city(tag: "f") } } } } }',
    '{ media { ... on Ranked { rank(by: 1) } ... on Media { title ... on Book { pages } } } }',
    '{ ranked { rank ... on Media { title author { name } } } }',
    '{ ranked { __typename rank(by: 3) ... on Book { title next { title } } } }',
    '{ things { __typename ... on Author { name rank } ... on Book { title pages } ... on Ranked { r: rank } } }',
    '{ things { ... on Author { id books { id author { name } } } ...M } } fragment M on Media { title next { ...N } } fragment N on Book { pages author { name } }',
    '{ nested { __typename ... on Author { name } ... on Film { length: pages author { name } } } }',
    '{ self { media { title author { name } } thing { ... on Author { publisher { city } } } list { id ... on Film { length: pages } } } }',
    '{ a: medium(id: "s1") { title } b: medium(id: "zz") { title } c: medium(id: "b1") { ... on Song { title } } }',
    '{ media { ... on Song { length: pages } } }',
    'query ($yes: Boolean!, $no: Boolean!) { media { ... on Book @include(if: $yes) { pages title @skip(if: $yes) } ... on Film @skip(if: $no) { length: pages } ...S @include(if: $no) } } fragment S on Song { title }',
  ])('answers %s as a monolith does', async (query) => {
    for (const [yes, no] of [[true, false], [false, true], [true, true]]) {
      const { ours, theirs } = await rig.compare(query, { yes, no });
      expect(ours).toBe(theirs);
    }
  });
});

describe('interface objects', () => {
  it.each([
    '{ accounts { id score } }',
    '{ accounts { __typename id score email ... on Admin { level } } }',
    '{ best { id score } }',
    '{ best { __typename score email } ranking { id ... on Admin { level } ... on User { email } } }',
    '{ ranking { score friend { email friend { __typename score } } } }',
    '{ account(id: "x1") { score ... on Admin { level friend { id email } } } none: account(id: "x9") { score } }',
    '{ ranking { id ... on User { s: score } ... on Admin { id s: score } } }',
    '{ accounts { ... on Admin { score s: score } ... on User { email friend { score } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await objects.compare(query);
    expect(ours).toBe(theirs);
  });
});
