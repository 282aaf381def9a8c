import { expect, it } from 'vitest';
import { openStore } from './open.ts';

it.each([
  ['redis://someone:secret@host', 'not redis:…'],
  ['lmdb:', 'not lmdb:…'],
  ['', 'not a location without such a beginning'],
  ['/some/folder', 'not a location without such a beginning'],
])('refuses the location %j without repeating it', (location, message) => {
  expect(() => openStore(location, [])).toThrow(message);
  expect(() => openStore(location, [])).not.toThrow('secret');
});
