import { anything, assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z, type ZodType } from 'zod';
import { toEventFault } from './event-fault.ts';
import { validateEvents } from './validate.ts';

/** What is said of a value that a schema refuses, as `field: message`. */
function said(schema: ZodType, value: unknown): string {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) throw new Error('expected a value that the schema refuses');
  const { field, message } = toEventFault(issue, value);
  return field === null ? message : `${field}: ${message}`;
}

const inside = (schema: ZodType): ZodType => z.object({ a: schema });
const text = z.string().min(1).max(5);

describe('what is said of a value that is not of its shape', () => {
  test.each<readonly [what: string, schema: ZodType, value: unknown, message: string]>([
    ['a field that is missing', inside(text), {}, 'a: expected a text, got nothing'],
    ['a null', inside(text), { a: null }, 'a: expected a text, got null'],
    ['a number for a text', inside(text), { a: 5 }, 'a: expected a text, got 5'],
    ['a text for a number', inside(z.number()), { a: 'five' }, 'a: expected a number, got "five"'],
    ['a fraction for a whole number', inside(z.int()), { a: 0.5 }, 'a: expected a whole number, got 0.5'],
    ['a list for an object', z.object({}), [1], 'expected an object, got a list of one item'],
    ['an object for a list', inside(z.array(text)), { a: { b: 1 } }, 'a: expected a list, got an object'],
    ['a text for a truth', inside(z.boolean()), { a: 'yes' }, 'a: expected true or false, got "yes"'],
    ['an empty text', inside(text), { a: '' }, 'a: expected a text that is not empty, got ""'],
    ['a text that is too short', inside(z.string().min(3)), { a: 'ab' }, 'a: expected a text of at least 3 characters, got "ab"'],
    ['a text that is too long', inside(text), { a: 'abcdef' }, 'a: expected a text of at most 5 characters, got "abcdef"'],
    ['a number that is too small', inside(z.number().min(0)), { a: -1 }, 'a: expected a number of at least 0, got -1'],
    ['a number on an open bound', inside(z.number().lt(1)), { a: 1 }, 'a: expected a number of less than 1, got 1'],
    ['a list that is too long', inside(z.array(z.number()).max(1)), { a: [1, 2] }, 'a: expected a list of at most 1 items, got a list of 2 items'],
    ['a member of a list', inside(z.array(inside(text))), { a: [{ a: 'x' }, { a: [] }] }, 'a.1.a: expected a text, got a list of 0 items'],
    ['none of several words', inside(z.enum(['FILM', 'SERIES'])), { a: 'SONG' }, 'a: expected "FILM" or "SERIES", got "SONG"'],
    ['another constant', inside(z.literal([1, 2, 3])), { a: 4 }, 'a: expected 1, 2 or 3, got 4'],
    ['none of several types', inside(z.union([z.string(), z.number(), z.boolean()])), { a: {} }, 'a: expected a text, a number or true or false, got an object'],
    ['nearly one of two objects', inside(z.union([z.object({ b: text, c: text }), z.object({ d: text, e: text })])), { a: { d: 'x' } }, 'a.e: expected a text, got nothing'],
    ['an object of no known kind', z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]), { kind: 'c' }, 'kind: expected "a" or "b", got "c"'],
    ['a format', inside(z.uuid()), { a: 'x' }, 'a: expected a UUID, got "x"'],
    ['a pattern', inside(z.string().regex(/^b+$/)), { a: 'x' }, 'a: expected a text that fits /^b+$/, got "x"'],
    ['a multiple', inside(z.number().multipleOf(5)), { a: 7 }, 'a: expected a multiple of 5, got 7'],
    ['fields that are not of the kind', z.strictObject({}), { b: 1, c: 2 }, 'expected no fields but those of its kind, got "b" or "c"'],
    ['a name of a field', z.record(text, z.number()), { abcdef: 1 }, 'abcdef: expected names of fields that are each a text of at most 5 characters, got "abcdef"'],
    ['what a schema refuses with a message', inside(z.string().refine(() => false, 'expected a date such as 2024-11-17')), { a: 'x' }, 'a: expected a date such as 2024-11-17, got "x"'],
    ['what a schema refuses with what came', inside(z.string().refine(() => false, 'expected whole characters, got half of one')), { a: 'x' }, 'a: expected whole characters, got half of one'],
    ['what a schema refuses without a word', inside(z.string().refine(() => false)), { a: 'x' }, 'a: expected a value of its form, got "x"'],
  ])('names %s', (_, schema, value, message) => {
    expect(said(schema, value)).toBe(message);
  });

  test('repeats 80 characters at most, and says how many there are', () => {
    expect(said(inside(text), { a: 'x'.repeat(5_000) })).toBe(`a: expected a text of at most 5 characters, got one of 5000 characters: "${'x'.repeat(80)}…"`);
    expect(said(inside(text), { a: `${'x'.repeat(79)}😀😀` })).toMatch(/"x{79}…"$/);
  });

  test('repeats nothing of a personal field, nor a mail address, nor the credentials of a URL', () => {
    expect(said(z.object({ user: text }), { user: 'ada lovelace' })).toBe('user: expected a text of at most 5 characters, got a text of 12 characters');
    expect(said(z.object({ user: z.object({ id: text }) }), { user: { id: 5 } })).toBe('user.id: expected a text, got a number');
    expect(said(z.object({ api_key: z.number() }), { api_key: 's3cret' })).not.toContain('s3cret');
    expect(said(inside(z.number()), { a: 'ada@example.com of http://ada:pw@example.com/' })).toBe('a: expected a number, got "person:… of http://[removed]@example.com/"');
  });

  test('says what was expected and what came, in few words of its own, whatever comes', () => {
    const schema = z.object({ a: z.union([text, z.object({ b: z.array(z.int()) })]), c: z.record(text, z.enum(['x', 'y'])).nullish(), d: z.tuple([text]).nullish() });
    assert(
      property(anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
        for (const rejection of validateEvents(schema, [value, { a: value, c: value, d: value }]).rejected) {
          expect(rejection.message).toMatch(/^expected .+, got .+/s);
          expect(rejection.message.length).toBeLessThan(300);
        }
      }),
    );
  });
});
