import { assert, json, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonFault } from './json-fault.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['{"query": nonsense', 10],
  ['{"a": 1,}', 8],
  ['{"a": 1', 7],
  ['[1, 2', 5],
  ['["a\u0000"]', 3],
  ['["\\x"]', 2],
  ['[1 2]', 3],
  ['{} {}', 3],
  ['[}', 1],
  ['{]', 1],
  ['[1,]', 3],
  ['01', 1],
  ['', 0],
  ['{"a" 1}', 5],
])('finds where %j stops being JSON', (text, offset) => {
  expect(findJsonFault(text)).toBe(offset);
});

test('agrees with JSON.parse on whole texts and on texts with one character changed', () => {
  assert(
    property(json(), nat(), nat(127), (text, place, code) => {
      const at = place % (text.length + 1);
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      expect(findJsonFault(text)).toBeNull();
      expect(findJsonFault(changed) === null).toBe(isJson(changed));
    }),
  );
});
