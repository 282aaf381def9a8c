import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { heldNumbers } from './number-values.ts';

const schema = buildSchema('scalar Any type Query { x(a: Any): Int }');
const problemsOf = (value: string): readonly string[] => validate(schema, parse(`{ x(a: ${value}) }`), [heldNumbers]).map(({ message }) => message);

describe('numbers in a document', () => {
  it.each(['0', '-1', '9223372036854775807', '-9223372036854775808', '1.7976931348623157e308', '1e-999', '"1e999"', '{a: [1.5]}'])('are taken where a type holds them: %s', (value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it.each(['1e999', '-1.5e400', '9223372036854775808', '-9223372036854775809', '99999999999999999999', '{a: [1e999]}'])('are refused where none does: %s', (value) => {
    expect(problemsOf(value)).toEqual([expect.stringContaining('is larger than any that is held')]);
  });
});
