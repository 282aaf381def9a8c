import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const pages: Row[] = [{ __typename: 'Article', site: 's', slug: 'a', words: 9 }, { __typename: 'Gallery', site: 's', slug: 'b', words: null }, { __typename: 'Article', site: 't', slug: 'a', words: null }];
const stub = (row: Row | undefined): Row | null => (row ? { __typename: row['__typename'], at: { site: row['site'] }, slug: row['slug'] } : null);
const siteOf = (parent: Row): unknown => (parent['at'] as Row)['site'];
const find = (parent: Row): Row => pages.find((row) => row['site'] === siteOf(parent) && row['slug'] === parent['slug']) ?? {};
const name = (parent: Row): string => `${String(siteOf(parent))}/${String(parent['slug'])}`;
const after = (parent: Row): Row | undefined => pages[pages.indexOf(find(parent)) + 1];
const bare = (row: Row | undefined): Row | null => (row ? { at: { site: row['site'] }, slug: row['slug'] } : null);

const pageFields = {
  title: (parent: Row) => `title ${name(parent)}`,
  words: (parent: Row) => find(parent)['words'],
  shots: () => [[1], null, [2, 3]],
  views: (parent: Row, { from }: Row) => { if (name(parent) === 't/a') throw new Error('not counted'); return name(parent).length + Number(from ?? 0); },
  must: (parent: Row) => (name(parent) === 's/b' ? null : 'must'),
  banner: (parent: Row) => `banner of title ${name(parent)}`,
  follower: (parent: Row) => stub(after(parent)),
  near: (parent: Row) => [[stub(pages[0]), null], [stub(after(parent))]],
  author: () => ({ __typename: 'Author', id: '1' }),
};

/** An interface object with a compound key, whose fields fail, may not be null, and require a field of the interface. */
export const createPagesRig = (): Rig => createRig({
  subgraphs: {
    pages: `type Query { pages: [Page!]! page(site: ID!, slug: ID!): Page things: [[Thing]] }
      union Thing = Article | Gallery | Author
      interface Page @key(fields: "at { site } slug") { at: At! slug: ID! title: String author: Author }
      type At @shareable { site: ID! }
      type Article implements Page @key(fields: "at { site } slug") { at: At! slug: ID! title: String author: Author words: Int! }
      type Gallery implements Page @key(fields: "at { site } slug") { at: At! slug: ID! title: String author: Author words: Int shots: [[Int!]] }
      type Author @key(fields: "id") { id: ID! }`,
    views: `type Query { top: Page tops: [Page] }
      type At @shareable { site: ID! }
      type Page @key(fields: "at { site } slug") @interfaceObject { at: At! slug: ID! views(from: Int): Int must: String! follower: Page near: [[Page]] title: String @external banner: String @requires(fields: "title") }`,
    authors: `type Author @key(fields: "id") { id: ID! name: String! latest: Page }
      type At @shareable { site: ID! }
      type Page @key(fields: "at { site } slug", resolvable: false) @interfaceObject { at: At! slug: ID! }`,
  },
  resolvers: {
    Query: { pages: () => pages.map(stub), page: (_, { site, slug }) => stub(pages.find((row) => row['site'] === site && row['slug'] === slug)), things: () => [[stub(pages[1]), { __typename: 'Author', id: '1' }], null, [stub(pages[0])]], top: () => stub(pages[2]), tops: () => [stub(pages[1]), null, stub(pages[0])] },
    Article: pageFields, Gallery: pageFields,
    Author: { name: () => 'Ann', latest: () => stub(pages[0]) },
  },
  only: {
    pages: { Page: { __resolveReference: (reference) => stub(find(reference)) } },
    views: {
      Query: { top: () => bare(pages[2]), tops: () => [bare(pages[1]), null, bare(pages[0])] },
      Page: { views: pageFields.views, must: pageFields.must, follower: (parent) => bare(after(parent)), near: (parent) => [[bare(pages[0]), null], [bare(after(parent))]], banner: (parent) => `banner of ${String(parent['title'])}` },
    },
    authors: { Author: { latest: () => bare(pages[0]) } },
  },
});
