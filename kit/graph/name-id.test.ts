import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NAME_BYTES, nameOfId, toNameId } from './name-id.ts';

test('an id gives back the name that made it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (name) => {
      fc.pre(Buffer.byteLength(name) <= NAME_BYTES);
      expect(nameOfId('Team', toNameId('Team', name))).toBe(name);
    }),
  );
});

test('a name past the bound has an id that carries no name', () => {
  const id = toNameId('Team', 'a'.repeat(NAME_BYTES + 1));
  expect(id).toMatch(/^Team:[\w-]{21}$/);
  expect(nameOfId('Team', id)).toBeNull();
});

test('an id of another type, a broken one and an empty one carry no name', () => {
  expect(nameOfId('Team', toNameId('User', 'a'))).toBeNull();
  expect(nameOfId('Team', 'Team:')).toBeNull();
  expect(nameOfId('Team', 'Team:_w')).toBeNull();
  expect(nameOfId('Team', 'Team:YQ==')).toBeNull();
});
