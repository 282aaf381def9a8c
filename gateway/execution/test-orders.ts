import { createRig } from './test-rig.ts';
import type { Rig, Row } from './test-rig.ts';

let log: string[] = [];
const note = <T>(what: string, value: T): T => {
  log.push(what);
  return value;
};
const order = (id: unknown): Row => ({ __typename: 'Order', id: String(id) });
// Each subgraph coerces an input object in the order of its own fields.
const sorted = (_: string, value: unknown): unknown => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value);
const text = (value: unknown): string => JSON.stringify(value ?? null, sorted);
const entry = (kind: string, key: string): Row => ({ __typename: kind, key });

const orderFields = {
  state: (parent: Row) => (parent['id'] === '3' ? 'LATE' : parent['id'] === '2' ? 'SENT' : 'NEW'),
  states: (parent: Row, { among }: Row) => ((among as unknown[] | null | undefined) ?? ['NEW']).concat(parent['id'] === '3' ? ['LATE'] : []),
  sum: (parent: Row, { in: unit }: Row) => `${String(parent['id'])}${text(unit)}`,
  lines: (_: Row, { filter, first }: Row) => [{ text: text(filter), inner: { text: text(first) } }, null],
  size: (parent: Row) => String(parent['id']).length,
  partner: (parent: Row) => (parent['id'] === '3' ? null : order(Number(parent['id']) + 1)),
  history: (parent: Row) => [entry('Paid', String(parent['id'])), entry('Moved', '1'), null],
};

/** Enums, input objects, arguments and nullability that differ between subgraphs; mutations that note in which order they are done. */
export const createOrdersRig = (): Rig => createRig({
  reset: () => { log = []; },
  subgraphs: {
    a: `type Query { order(id: ID = "1"): Order orders(by: Choice, among: [Filter!]): [Order!]! echo(matrix: [[Int]], filter: Filter! = { state: NEW }): String log: String }
      type Mutation { place(filter: Filter): Order! cancel(id: ID!): Order rate(stars: Int! = 3): Int! fail: String }
      enum State { NEW SENT LATE }
      enum In { NEW SENT OLD }
      input Filter { state: In = SENT states: [In!] not: Filter size: Int text: String own: Int }
      input Choice @oneOf { id: ID state: In filter: Filter }
      type Line @shareable { text: String! inner: Line }
      union Entry = Paid | Moved
      type Paid { key: ID amount: Int }
      type Moved { key: ID! amount: String to: Order }
      type Order @key(fields: "id") { id: ID! state: State states(among: [In]): [State!] size: Int! @shareable lines(filter: Filter, first: Int = 2, own: Int): [Line] @shareable history: [Entry] }`,
    b: `type Query { echoB(filter: Filter, stay: In): String }
      type Mutation { ship(id: ID!, filter: Filter): Order drop(id: ID!): Boolean! failHard: Order! }
      enum In { SENT NEW LAST }
      enum State { NEW LATE SENT }
      input Filter { text: String size: Int not: Filter state: In = SENT states: [In!] other: String }
      type Line @shareable { text: String! inner: Line }
      type Order @key(fields: "id") { id: ID! sum(in: [In!]! = [NEW]): String partner: Order size: Int @shareable lines(first: Int = 2, filter: Filter): [Line] @shareable }`,
  },
  resolvers: {
    Query: {
      order: (_, { id }) => (id === null ? null : order(id)), orders: (_, { by, among }) => [order(1), order(by ? 2 : 1), order(among ? 3 : 1)], log: () => log.join(' '),
      echo: (_, { matrix, filter }) => text([matrix, filter]), echoB: (_, { filter, stay }) => text([filter, stay]),
    },
    Mutation: {
      place: (_, { filter }) => note(`place${text(filter)}`, order(log.length)), cancel: (_, { id }) => note(`cancel${String(id)}`, id === 'x' ? null : order(id)), rate: (_, { stars }) => note('rate', stars === 1 ? null : log.length), fail: () => { note('fail', null); throw new Error('failed'); },
      ship: (_, { id, filter }) => note(`ship${String(id)}${text(filter)}`, order(log.length)), drop: (_, { id }) => note('drop', id === '3' ? null : log.length > 1), failHard: async () => { note('failHard', null); await Promise.resolve(); throw new Error('failed hard'); },
    },
    Order: orderFields,
    Paid: { amount: (parent) => Number(parent['key']) }, Moved: { amount: () => 'much', to: () => order(2) },
  },
});
