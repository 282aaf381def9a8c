import { describe, expect, it } from 'vitest';
import { DEEPEST_EVENT, findUnsayable, isTooDeep } from './sayable.ts';

const nested = (depth: number, inner = '1'): unknown => JSON.parse(`${'{"a":'.repeat(depth)}${inner}${'}'.repeat(depth)}`);

describe('what no document can say', () => {
  it.each([
    ['half a character', { a: [{ b: '\ud800' }] }, 'a.0.b', 'half a surrogate pair'],
    ['a name with half a character', { a: { '\udc00': 1 } }, 'a', 'half a surrogate pair'],
    ['a number that JSON can write and no double can hold', JSON.parse('{"a": 1e999}'), 'a', 'too large'],
    ['ten thousand levels', { x: 1, y: nested(10_000) }, 'y', '64 levels'],
    ['one level too many', nested(DEEPEST_EVENT + 1, '{}'), 'a', '64 levels'],
  ])('is found where it stands: %s', (_, value, field, message) => {
    expect(findUnsayable(value)).toEqual({ field, message: expect.stringContaining(message) as string });
  });

  it('is nothing of what JSON can', () => {
    for (const value of [null, '', 'ü𝒳', 0, -1e308, [], {}, { a: [1, null, { b: true }] }, nested(DEEPEST_EVENT), JSON.parse('{"__proto__": {"a": 1}}')]) expect(findUnsayable(value)).toBeNull();
  });

  it('is counted in levels of objects and lists', () => {
    expect([nested(3), nested(4), [[[[1]]]], 1].map((value) => isTooDeep(value, 3))).toEqual([false, true, true, false]);
  });
});
