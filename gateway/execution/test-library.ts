import { createRig } from './test-rig.ts';
import type { Rig, RigSource, Row } from './test-rig.ts';

const works: Row[] = [
  { __typename: 'Book', id: '1', isbn: 'i1', shelf: 's1', title: 'One', pages: 10, author: '1', price: 4, w: 2, h: 3 },
  { __typename: 'Film', id: '2', isbn: null, shelf: 's1', title: 'Two', pages: 1.5, author: '1', price: null, w: 1, h: null },
  { __typename: 'Book', id: '3', isbn: 'i3', shelf: null, title: null, pages: null, author: '2', price: 7, w: 5, h: 6 },
];
const authors: Row[] = [
  { __typename: 'Author', id: '1', name: 'Ann', vip: true },
  { __typename: 'Author', id: '2', name: null, vip: false },
];
const workOf = (parent: Row): Row => works.find((row) => row['id'] === parent['id'] || (typeof parent['isbn'] === 'string' && row['isbn'] === parent['isbn'])) ?? {};
const authorOf = (parent: Row): Row => authors.find((row) => row['id'] === parent['id']) ?? {};
const stub = (row: Row | undefined): Row | null => (row ? { __typename: row['__typename'], id: row['id'], isbn: row['isbn'] } : null);
const author = (id: unknown): Row => ({ __typename: 'Author', id });
const account = (parent: Row): Row => ({ __typename: parent['id'] === '1' ? 'Admin' : 'Member', id: parent['id'] });

const workFields = {
  id: (parent: Row) => workOf(parent)['id'],
  isbn: (parent: Row) => workOf(parent)['isbn'],
  title: (parent: Row) => workOf(parent)['title'],
  pages: (parent: Row) => workOf(parent)['pages'],
  size: (parent: Row) => ({ w: workOf(parent)['w'], h: workOf(parent)['h'], unit: 'CM' }),
  price: (parent: Row, { cur }: Row) => (typeof workOf(parent)['price'] === 'number' ? Number(workOf(parent)['price']) * (cur === 'EUR' ? 2 : 1) : null),
  author: (parent: Row) => author(workOf(parent)['author']),
  next: (parent: Row) => stub(works[works.indexOf(workOf(parent)) + 1]),
  grid: (parent: Row) => [[stub(works[0]), null], null, [stub(works[works.indexOf(workOf(parent))])]],
  stock: (parent: Row, { at }: Row) => { if (at === 'x') throw new Error(`no stock at ${String(at)}`); return String(parent['id']).length + String(at ?? '').length; },
  must: (parent: Row) => (workOf(parent)['id'] === '2' ? null : `must ${String(workOf(parent)['id'])}`),
  rank: (parent: Row, { by }: Row) => `${String(workOf(parent)['id'])}/${String(by)}`,
  shipping: (parent: Row, { times }: Row) => Number(times) * ((Number(workOf(parent)['w']) || 0) + (Number(workFields.price(parent, { cur: 'EUR' })) || 0)),
};

/** Subgraphs that do most of what the federation specification lets them do. */
export const createLibraryRig = (wrap?: RigSource['wrap']): Rig => createRig({
  ...(wrap ? { wrap } : {}),
  subgraphs: {
    library: `type Query { works: [Work] work(id: ID!): Work! books(n: Int = 2): [Book!]! any: [Any] featured: Book @provides(fields: "author { name }") }
      interface Work { id: ID! title: String next: Work author: Author }
      union Any = Book | Film | Author
      enum Unit { CM IN }
      type Size @shareable { w: Int h: Int unit: Unit }
      type Book implements Work @key(fields: "id") @key(fields: "isbn") { id: ID! isbn: String title: String next: Work author: Author @shareable grid: [[Work]] size: Size @shareable price(cur: String): Int }
      type Film implements Work @key(fields: "id") { id: ID! title: String next: Work author: Author size: Size @shareable }
      type Author @key(fields: "id") { id: ID! name: String @external }`,
    counts: `interface Ranked { rank(by: Int): String }
      type Query { ranked: [Ranked!] }
      type Book implements Ranked @key(fields: "id") { id: ID! pages: Int rank(by: Int): String stock(at: String): Int! }
      type Film implements Ranked @key(fields: "id") { id: ID! pages: Float! rank(by: Int): String must: String! }
      type Author @key(fields: "id") { id: ID! name: String @shareable books(first: Int): [Book!] best: Ranked }`,
    shop: `type Query { cheapest: Book! }
      enum Unit { CM IN }
      type Size @shareable { w: Int h: Int unit: Unit }
      type Book @key(fields: "isbn") { isbn: String size: Size @shareable must: String! price(cur: String): Int @external
        shipping(times: Int! = 1): Int @requires(fields: "price(cur: \\"EUR\\")") }
      type Author @key(fields: "id") { id: ID! account: Account }
      type Account @key(fields: "id") @interfaceObject { id: ID! balance(of: Unit = CM): Int! owner: Author }`,
    accounts: `type Query { accounts: [Account!] }
      interface Account @key(fields: "id") { id: ID! email: String }
      type Admin implements Account @key(fields: "id") { id: ID! email: String level: Int! }
      type Member implements Account @key(fields: "id") { id: ID! email: String }`,
  },
  resolvers: {
    Query: {
      works: () => [...works.map(stub), null], work: (_, { id }) => stub(works.find((row) => row['id'] === id)), books: (_, { n }) => [works[0], works[2], works[0]].slice(0, Number(n)).map((row) => stub(row)),
      any: () => [stub(works[1]), author('2'), stub(works[0]), null, author('1')], featured: () => stub(works[2]), ranked: () => works.map(stub), cheapest: () => stub(works[0]),
      accounts: () => authors.map(account),
    },
    Book: workFields, Film: workFields,
    Author: { name: (parent) => authorOf(parent)['name'], books: (parent, { first }) => works.filter((row) => row['__typename'] === 'Book' && row['author'] === parent['id']).slice(0, typeof first === 'number' ? first : 9).map(stub), best: (parent) => stub(works[Number(parent['id']) - 1]), account },
    Admin: { email: (parent) => `${String(parent['id'])}@example.org`, level: () => 3, balance: (parent, { of }) => Number(parent['id']) * (of === 'CM' ? 1 : 10), owner: (parent) => author(parent['id']) },
    Member: { email: () => null, balance: (parent, { of }) => Number(parent['id']) * (of === 'CM' ? 1 : 10), owner: (parent) => author(parent['id']) },
  },
  only: {
    shop: {
      Book: { shipping: (parent, { times }) => Number(times) * ((Number(workOf(parent)['w']) || 0) + (Number(parent['price']) || 0)) },
      Author: { account: (parent) => ({ id: parent['id'] }) },
      Account: { balance: (parent, { of }) => Number(parent['id']) * (of === 'CM' ? 1 : 10), owner: (parent) => author(parent['id']) },
    },
    accounts: { Account: { __resolveReference: (reference) => account(reference) } },
  },
});

