import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { boundNesting } from './nesting.ts';

const nested = (open: string, close: string, depth: number): string => `{ x(a: ${open.repeat(depth)}${close.repeat(depth)}) }`;
const refusal: unknown = expect.objectContaining({ status: 400, code: 'QUERY_TOO_DEEP' });
const outcomeOf = (document: string): unknown => {
  try {
    return boundNesting(document);
  } catch (error) {
    return error;
  }
};

it('takes as many brackets inside each other as are allowed, and no more, of each kind', () => {
  for (const [open, close] of [['[', ']'], ['{a: ', '}'], ['(', ')'], ['[{a: ', '}]']] as const) {
    // An object and a list nest twice at once; two brackets are around the argument.
    const each = open.startsWith('[{') ? 2 : 1;
    const most = (LIMITS.nesting - 2) / each;
    expect(outcomeOf(nested(open, close, most))).toBeUndefined();
    expect(outcomeOf(nested(open, close, most + 1))).toEqual(refusal);
  }
});

it('counts no bracket that is closed, in a string or in a comment', () => {
  expect(outcomeOf(`{ ${'x(a: [1]) '.repeat(500)} }`)).toBeUndefined();
  expect(outcomeOf(`{ x(a: "${'['.repeat(500)}", b: """${'{'.repeat(500)}""") #${'('.repeat(500)}\n }`)).toBeUndefined();
  expect(outcomeOf(`{ x(a: "${']'.repeat(500)}", b: ${'['.repeat(500)}) }`)).toEqual(refusal);
});

it('leaves what is no GraphQL, or has too many tokens, to the parser', () => {
  expect(outcomeOf(`${'['.repeat(150)}?${'['.repeat(500)}`)).toBeUndefined();
  expect(outcomeOf(`${'x '.repeat(LIMITS.tokens + 1)}${'['.repeat(500)}`)).toBeUndefined();
});
