import { open } from 'lmdb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePositions, encodeKey, encodePosition, isId, LONGEST_POSITION, toBounds } from './key.ts';
import type { Key, KeyPart } from './port.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0005', '\u0006', '\u0007', '~', '0', 'a', 'A', 'ä', '\ue000', '\uffff', '😀', '\ud800'), maxLength: 8 }),
);
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeInteger(), fc.constantFrom(0, -0, Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE));
const part: fc.Arbitrary<KeyPart> = fc.oneof(fc.constant(null), number, text);
const key: fc.Arbitrary<Key> = fc.array(part, { maxLength: 8 });

const rank = (value: KeyPart): number => (value === null ? 0 : typeof value === 'number' ? 1 : 2);

function compareParts(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rank(a) - rank(b);
}

/** The order the port promises; a key sorts before what it begins. */
function compareKeys(a: Key, b: Key): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compareParts(a[at] as KeyPart, b[at] as KeyPart);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

describe('the encoding of keys', () => {
  it('orders as the parts do', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const left = encodePosition(a, 'x');
        const right = encodePosition(b, 'x');
        expect(Math.sign(comparePositions(left, right))).toBe(Math.sign(compareKeys(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('orders keys that differ in one part of many', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), part, part, fc.array(part, { maxLength: 1 }), (stem, a, b, tail) => {
        const order = comparePositions(encodeKey([...stem, a, ...tail]), encodeKey([...stem, b, ...tail]));
        expect(Math.sign(order)).toBe(Math.sign(compareParts(a, b)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is compared as its UTF-8 bytes are', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const left = encodeKey(a);
        const right = encodeKey(b);
        expect(Math.sign(comparePositions(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      }),
    );
  });

  it('begins with the encoding of the first parts', () => {
    fc.assert(
      fc.property(key, fc.nat(8), (parts, count) => {
        expect(encodeKey(parts).startsWith(encodeKey(parts.slice(0, count)))).toBe(true);
      }),
    );
  });

  it('orders equal keys by id', () => {
    const ids = ['a', 'a\0', 'a\u0006', 'ab', 'b', 'ä', '\uffff', '😀'];
    const positions = ids.map((id) => encodePosition(['x', 1], id));
    expect(positions.toSorted(comparePositions)).toEqual(positions);
  });

  it('keeps what lies in a prefix between the bounds of that prefix', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (stem, tail, other) => {
        const { low, high } = toBounds({ prefix: stem, limit: 1 });
        const inside = encodePosition([...stem, ...tail], 'id');
        expect(comparePositions(low, inside) <= 0 && comparePositions(inside, high) < 0).toBe(true);
        const outside = encodePosition(other, 'id');
        const begins = other.length >= stem.length && stem.every((value, at) => compareParts(value, other[at] as KeyPart) === 0);
        expect(comparePositions(low, outside) <= 0 && comparePositions(outside, high) < 0).toBe(begins);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes -0 for 0', () => {
    expect(encodeKey([-0])).toBe(encodeKey([0]));
  });

  it('orders strings that differ within their first 1,000 bytes, and tells apart those that differ later', () => {
    const chars = ['a', 'ä', '€', '😀', '\0', '\u0006'];
    fc.assert(
      fc.property(fc.integer({ min: 980, max: 1_010 }), fc.constantFrom(...chars), fc.constantFrom(...chars), fc.constantFrom(...chars), (length, fill, a, b) => {
        const stem = 'x'.repeat(length - 10) + fill;
        const left = encodeKey([stem + a + 'tail']);
        const right = encodeKey([stem + b + 'tail']);
        expect(left === right).toBe(a === b);
        // What has to be escaped counts twice.
        const told = Buffer.byteLength(stem) + (fill < ' ' ? 1 : 0) < 1_000;
        const order = comparePositions(left, right);
        expect(told ? Math.sign(order) : 0).toBe(told ? compareParts(a, b) : 0);
      }),
    );
  });

  it('fits into what LMDB takes, whatever the parts', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\0', 'a', 'ä', '€', '😀', '\u0006'), { minLength: 8, maxLength: 8 }), fc.constantFrom(0, 1, 124, 999, 5_000), fc.constantFrom('\0', 'i', '😀'), (chars, length, id) => {
        const parts = chars.map((char) => char.repeat(length));
        const longest = id.repeat(200 / Buffer.byteLength(id));
        expect(isId(longest)).toBe(true);
        expect(Buffer.byteLength(encodePosition(parts, longest))).toBeLessThan(LONGEST_POSITION);
      }),
    );
  });

  it('is read back by LMDB as it was written, and in the same order', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'loopgraph-key-'));
    const database = open<number, string>({ path: join(folder, 'keys'), noSubdir: false });
    try {
      const positions = fc.sample(fc.tuple(key, fc.string({ minLength: 1, maxLength: 20 })), 2_000).map(([parts, id]) => encodePosition(parts, id));
      await database.batch(() => {
        for (const position of positions) void database.put(`1:${position}`, 1);
      });
      const expected = [...new Set(positions)].toSorted(comparePositions).map((position) => `1:${position}`);
      expect([...database.getKeys()]).toEqual(expected);
    } finally {
      await database.close();
      rmSync(folder, { recursive: true });
    }
  });

  it.each([[[Number.NaN]], [[Number.POSITIVE_INFINITY]], [[undefined]], [[true]], [[{}]], [Array.from({ length: 9 }, () => 1)], ['text']])('refuses %j', (bad) => {
    expect(() => encodeKey(bad as unknown as Key)).toThrow(expect.objectContaining({ code: 'STORE_BAD_DOCUMENT' }));
  });
});

describe('a range', () => {
  it.each([0, -1, 1.5, 100_001, Number.NaN])('refuses the limit %d', (limit) => {
    expect(() => toBounds({ limit })).toThrow(RangeError);
  });

  it.each(['\ud800', 'x'.repeat(2_000)])('refuses a position that no scan returns', (after) => {
    expect(() => toBounds({ after, limit: 1 })).toThrow(expect.objectContaining({ code: 'STORE_BAD_DOCUMENT' }));
  });
});

describe('an id', () => {
  it.each(['', '\ud800', 'x'.repeat(201), 'ä'.repeat(101), 7, null])('is not %j', (id) => {
    expect(isId(id)).toBe(false);
  });
});
