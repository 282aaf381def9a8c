import { parse, print, visit } from 'graphql';
import { expect, it } from 'vitest';
import { createDocumentStore, forgetPlaces } from './document-store.ts';

const TEXT = 'query Q($a: Int = 1) { b: c(d: $a) @skip(if: false) { ...F } } fragment F on T { e }';

it('forgets where nodes stand, and nothing of what they say nor their source', () => {
  const document = parse(TEXT);
  const before = print(document);
  forgetPlaces(document);
  let places = 0;
  visit(document, {
    enter({ loc }) {
      if (loc !== undefined) places += 1;
    },
  });
  expect([places, print(document), document.loc?.source.body, document.loc?.startToken.next]).toEqual([1, before, TEXT, null]);
});

it('keeps a bounded number of documents, those used last', async () => {
  const store = createDocumentStore();
  const first = parse('{ first }');
  await store.set('first', first);
  for (let at = 0; at < 1_500; at += 1) {
    await store.set(`${at}`, parse(`{ f${at} }`));
    expect(await store.get('first')).toBe(first);
  }
  expect(await store.get('0')).toBeUndefined();
  expect(await store.get('1499')).toBeDefined();
  await store.delete('first');
  expect(await store.get('first')).toBeUndefined();
});
