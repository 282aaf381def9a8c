import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { LIMITS, operationLimits } from './limits.ts';

const schema = buildSchema('directive @d repeatable on FIELD | QUERY | VARIABLE_DEFINITION | FRAGMENT_SPREAD | FRAGMENT_DEFINITION | INLINE_FRAGMENT\ntype Query { a: Query, b: Int }');
const codes = (text: string) => validate(schema, parse(text), [operationLimits]).map((each) => each.extensions.code);
const nested = (depth: number): string => (depth === 1 ? '{ b }' : `{ a ${nested(depth - 1)} }`);

test('takes an operation at the limit of depth and refuses the next', () => {
  expect(codes(nested(LIMITS.depth))).toEqual([]);
  expect(codes(nested(LIMITS.depth + 1))).toEqual(['QUERY_TOO_DEEP']);
});

test('counts depth through fragments and survives a cycle of them', () => {
  expect(codes(`{ ...F } fragment F on Query ${nested(LIMITS.depth + 1)}`)).toEqual(['QUERY_TOO_DEEP']);
  expect(codes('{ ...F } fragment F on Query { a { ...F } }')).toEqual([]);
});

test('refuses too many aliases', () => {
  const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, index) => `x${index}: b`).join(' ')} }`;
  expect(codes(aliases(LIMITS.aliases))).toEqual([]);
  expect(codes(aliases(LIMITS.aliases + 1))).toEqual(['QUERY_TOO_COMPLEX']);
});

test('refuses too many directives in one place, wherever it is', () => {
  const at = (count: number) => '@d '.repeat(count);
  for (const where of [
    (d: string) => `query ${d} { b }`,
    (d: string) => `query ($v: Int ${d}) { b }`,
    (d: string) => `{ a { b ${d} } }`,
    (d: string) => `{ a { ... ${d} { b } } }`,
    (d: string) => `{ ...F ${d} } fragment F on Query { b }`,
    (d: string) => `{ a { ...F } } fragment F on Query ${d} { b }`,
  ]) {
    expect(codes(where(at(LIMITS.directivesAtOnce)))).toEqual([]);
    expect(codes(where(at(LIMITS.directivesAtOnce + 1)))).toEqual(['QUERY_TOO_COMPLEX']);
  }
});

test('refuses too many directives in all, those of a fragment once for each place it is spread', () => {
  const spread = (count: number) => `{ ${'...F '.repeat(count)} } fragment F on Query { ${'b @d @d @d '.repeat(4)} a @d { b @d @d @d @d @d @d @d } }`;
  expect(codes(spread(LIMITS.directives / 20))).toEqual([]);
  expect(codes(spread(LIMITS.directives / 20 + 1))).toEqual(['QUERY_TOO_COMPLEX']);
});

test('counts the fields that doubling fragments stand for, quickly', () => {
  const doubling = Array.from({ length: 15 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`).join(' ');
  const started = performance.now();
  expect(codes(`{ ...F0 } ${doubling} fragment F15 on Query { b }`)).toEqual(['QUERY_TOO_COMPLEX']);
  expect(performance.now() - started).toBeLessThan(500);
});
