import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

const media: Row[] = [
  { __typename: 'Book', id: 'b1', title: 'B1', pages: 10, author: 'a1' },
  { __typename: 'Film', id: 'f1', title: 'F1', pages: 1.5, author: 'a1' },
  { __typename: 'Book', id: 'b2', title: null, pages: null, author: 'a2' },
  { __typename: 'Song', id: 's1', title: 'S1', pages: 3, author: 'a2' },
];
const find = (parent: Row): Row => media.find((row) => row['id'] === parent['id']) ?? {};
const stub = (row: Row | undefined): Row | null => (row ? { __typename: row['__typename'], id: row['id'] } : null);
const authorOf = (parent: Row): Row => ({ __typename: 'Author', id: find(parent)['author'] });
const mediaFields = {
  title: (parent: Row) => find(parent)['title'],
  pages: (parent: Row) => find(parent)['pages'],
  author: authorOf,
  rank: (parent: Row, { by }: Row) => `${String(parent['id'])}/${String(by)}`,
  next: (parent: Row) => stub(media[media.findIndex((row) => row['id'] === parent['id']) + 1]),
};

/** Interfaces and unions, whose members do not agree on every field. */
export const createMediaRig = (): Rig => createRig({
  subgraphs: {
    library: `type Query { media: [Media] medium(id: ID!): Media things: [Thing!]! nested: [[Thing]] self: Holder }
      interface Media { id: ID! title: String next: Media author: Author }
      union Thing = Book | Film | Author
      type Holder { media: Media thing: Thing list: [Media!] }
      type Book implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Film implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Song implements Media @key(fields: "id") { id: ID! title: String next: Media author: Author }
      type Author @key(fields: "id") { id: ID! }`,
    counts: `interface Ranked { rank(by: Int): String }
      type Query { ranked: [Ranked!] }
      type Book implements Ranked @key(fields: "id") { id: ID! pages: Int rank(by: Int): String }
      type Film implements Ranked @key(fields: "id") { id: ID! pages: Float! rank(by: Int): String }
      type Author @key(fields: "id") { id: ID! name: String books: [Book!] rank(by: Int): Int publisher: Publisher }
      type Publisher @key(fields: "id") { id: ID! }`,
    houses: `type Publisher @key(fields: "id") { id: ID! city(tag: String): String }
      type Song @key(fields: "id") { id: ID! pages: Float! }`,
  },
  resolvers: {
    Query: {
      media: () => [...media.map(stub), null], medium: (_, { id }) => stub(media.find((row) => row['id'] === id)), ranked: () => media.filter((row) => row['__typename'] !== 'Song').map(stub),
      things: () => [stub(media[0]), { __typename: 'Author', id: 'a1' }, stub(media[1])],
      nested: () => [[stub(media[0]), null], null, [stub(media[1]), { __typename: 'Author', id: 'a2' }]],
      self: () => ({}),
    },
    Holder: { media: () => stub(media[2]), thing: () => ({ __typename: 'Author', id: 'a2' }), list: () => [stub(media[1]), stub(media[0])] },
    Book: mediaFields, Film: mediaFields, Song: mediaFields,
    Author: {
      name: (parent) => `Author ${String(parent['id'])}`,
      books: (parent) => media.filter((row) => row['__typename'] === 'Book' && row['author'] === parent['id']).map(stub),
      rank: (parent, { by }) => Number(by ?? 0) + String(parent['id']).length,
      publisher: (parent) => ({ __typename: 'Publisher', id: parent['id'] === 'a1' ? 'p1' : 'p2' }),
    },
    Publisher: { city: (parent, { tag }) => `City ${String(parent['id'])} ${String(tag)}` },
  },
});

