import { beforeEach, describe, expect, it } from 'vitest';
import { createRig } from './test-rig.ts';

const log: string[] = [];
const note = (what: string): string => {
  log.push(what);
  return log.join(' ');
};
const forget = (): void => {
  log.length = 0;
};
const rig = createRig({
  reset: forget,
  subgraphs: {
    a: `type Query { log: String } type Mutation { a(x: Int): String cell(id: ID!): Cell must(fail: Boolean): String! }
      type Cell @key(fields: "id") { id: ID! a: String }`,
    b: `type Mutation { b(x: Int): String broken: String } type Cell @key(fields: "id") { id: ID! b: String }`,
  },
  resolvers: {
    Query: { log: () => log.join(' ') },
    Mutation: {
      a: (_, { x }) => note(`a${String(x)}`), b: (_, { x }) => note(`b${String(x)}`), cell: (_, { id }) => { note(`c${String(id)}`); return { id }; },
      broken: () => { note('broken'); throw new Error('broken'); },
      must: (_, { fail }) => { note('must'); return fail === true ? null : 'done'; },
    },
    Cell: { a: (parent) => `a of ${String(parent['id'])}`, b: (parent) => `b of ${String(parent['id'])}` },
  },
});

describe('mutations', () => {
  beforeEach(forget);

  it.each([
    'mutation { a(x: 1) b(x: 2) again: a(x: 3) b3: b(x: 4) }',
    'mutation { a(x: 1) twice: a(x: 1) thrice: a(x: 1) b(x: 1) }',
    'mutation { cell(id: 1) { a b } b(x: 1) c2: cell(id: 2) { b __typename } a }',
    'mutation { a(x: 1) broken b(x: 2) }',
    'mutation { a(x: 1) must(fail: true) b(x: 2) }',
    'mutation { must b(x: 2) } ',
    'mutation ($c: Boolean = false) { a(x: 1) @include(if: $c) b(x: 2) ...M } fragment M on Mutation { x: a(x: 5) ... @skip(if: $c) { y: b(x: 6) } }',
  ])('does %s in order, as a monolith does', async (query) => {
    const { ours, theirs } = await rig.compare(query);
    expect(ours).toBe(theirs);
    expect(log.length).toBeGreaterThan(0);
  });

  it('stops where a field that may not be null is null', async () => {
    const result = await rig.ask('mutation { a(x: 1) must(fail: true) b(x: 2) }');
    expect(result.data).toBeNull();
    expect(log).toEqual(['a1', 'must']);
  });
});
