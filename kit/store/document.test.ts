import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument, guard, isSame, unguard } from './document.ts';
import type { Document } from './port.ts';

const name = fc.oneof(fc.constantFrom('%', '%25', '%00', 'a\0%', '__proto__', '_bsontype', '$ref', 'toJSON', 'constructor'), fc.string());
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
    fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
  ),
}));

describe('a checked document', () => {
  it('is the very same where nothing needs to change', () => {
    const document = { id: 'a', list: [1, { text: 'x' }], bytes: new Uint8Array([1]) };
    expect(checkDocument(document).document).toBe(document);
  });

  it('does not change the document it was made of', () => {
    const document = { id: 'a', gone: undefined, list: [-0, undefined, { gone: undefined }] };
    const { document: checked } = checkDocument(document);
    expect(checked).toStrictEqual({ id: 'a', list: [0, null, {}] });
    expect(document).toStrictEqual({ id: 'a', gone: undefined, list: [-0, undefined, { gone: undefined }] });
  });

  it('needs a guard for byte arrays and for names that codecs bend only', () => {
    expect(checkDocument({ id: 'a', plain: { $set: 1, 'a.b': 2 } } as Document).guarded).toBe(false);
    expect(checkDocument({ id: 'a', deep: [{ toJSON: 1 }] } as Document).guarded).toBe(true);
    expect(checkDocument({ id: 'a', bytes: new Uint8Array() } as Document).guarded).toBe(true);
  });
});

describe('a guard', () => {
  it('is undone', () => {
    fc.assert(
      fc.property(value, (original) => {
        const undone = unguard(guard(original));
        expect(undone).toEqual(original);
        expect(isSame(undone, original)).toBe(true);
      }),
    );
  });
});

describe('equality of documents', () => {
  it('does not look at the order of names', () => {
    expect(isSame({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  });

  it('holds for copies', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(isSame(original, structuredClone(original))).toBe(true);
      }),
    );
  });

  it.each([
    [{ a: 1 }, { a: 2 }], [{ a: 1 }, { b: 1 }], [{ a: 1 }, { a: 1, b: 1 }], [[1], [1, 2]], [[], {}], [new Uint8Array([1]), new Uint8Array([2])],
    [new Uint8Array([1]), [1]], [null, {}], ['1', 1], [{ a: null }, {}],
  ])('tells %j from %j', (a, b) => {
    expect(isSame(a, b)).toBe(false);
    expect(isSame(b, a)).toBe(false);
  });
});
