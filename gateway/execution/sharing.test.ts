import { describe, expect, it } from 'vitest';
import { createSeveralKeysRig, createSharedFieldsRig } from './test-sharing.ts';

describe('several keys', () => {
  const rig = createSeveralKeysRig();

  it.each([
    '{ items { id title weight label(prefix: "x") } }',
    '{ items { weight pair { label title pair { id label(prefix: "q") } } } }',
    '{ bySku(sku: "s1") { vendor { name items { title label weight vendor { name } } } } }',
    '{ items { v: vendor { id } vendor { name items { sku id } } } }',
  ])('answers %s as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
  });

  it('does not ask for what a null key cannot find', async () => {
    const { result } = await rig.compare('{ items { weight } }');
    expect(result.data).toEqual({ items: [{ weight: 5 }, { weight: null }, { weight: null }] });
    expect(rig.requests.map(({ subgraph, representations }) => [subgraph, representations])).toEqual([['a', 0], ['b', 1]]);
  });
});

describe('fields that several subgraphs have', () => {
  const rig = createSharedFieldsRig();

  it.each([
    '{ common { w inner { x y z } } }',
    '{ items { title weight box { w inner { y z x } } vendor { name city } } }',
    'query ($f: Filter, $k: Kind) { kinds(of: $f, kind: $k) kindsB(of: $f) other: kinds(of: { kind: OLD, nested: { n: 3 } }, kind: NEW) }',
    'query ($l: [Filter!]) { echo(filter: $l) none: echo e: echo(filter: [{ n: 1 }]) single: echo(filter: { n: 2 }) }',
    '{ any { __typename ... on Scrap { w } } }',
    'query ($one: One) { take(one: $one) t: take(one: { b: "x" }) }',
  ])('answers %s as a monolith does', async (query) => {
    for (const variables of [{}, { f: { kind: 'NEW' }, k: 'OLD', l: [{ n: 1, nested: { text: null } }], one: { a: 1 } }, { f: null, k: null, l: { text: 'q' }, one: null }]) {
      const { ours, theirs } = await rig.compare(query, variables);
      expect(ours).toBe(theirs);
    }
  });

  it('gives null, and says so, for an enum value that clients may not see', async () => {
    const { data, errors } = await rig.ask('{ items { kind } }');
    expect(data).toEqual({ items: [{ kind: 'NEW' }, { kind: null }, { kind: 'OLD' }] });
    expect(errors?.map((error) => [error.path, error.extensions['code']])).toEqual([[['items', 1, 'kind'], 'VALUE_NOT_IN_SCHEMA']]);
  });

  it.each([
    ['a one-of input with two keys', 'query ($one: One) { take(one: $one) }', { one: { a: 1, b: 'x' } }],
    ['a field of an input that only one subgraph has', 'query ($f: Filter) { kinds(of: $f) }', { f: { extra: 1 } }],
    ['an enum value that clients may not see', 'query ($k: Kind) { kinds(kind: $k) }', { k: 'SECRET' }],
    ['a missing variable', 'query ($k: Kind!) { kinds(kind: $k) }', {}],
  ])('refuses %s without asking a subgraph', async (_what, query, variables) => {
    const result = await rig.ask(query, variables);
    expect(result.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expect('data' in result).toBe(false);
    expect(rig.requests).toEqual([]);
  });

  it('asks for a provided field where it is provided', async () => {
    await rig.ask('{ items { vendor { name } } }');
    expect(rig.requests.map(({ subgraph }) => subgraph)).toEqual(['a']);
  });
});
