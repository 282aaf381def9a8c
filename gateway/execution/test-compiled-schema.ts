import { buildSchema, GraphQLScalarType, isAbstractType, isObjectType } from 'graphql';
import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';

const fail = (): never => {
  throw new Error('it failed');
};
const later = async <T>(value: T): Promise<T> => value;

interface Thing {
  readonly [field: string]: unknown;
}
const thing = (id: string): Thing => ({
  __typename: 'Thing',
  id, n: 3, f: 1.5, ok: true, kind: 'NEW', when: new Date(0), failing: fail, failingLater: async () => fail(), must: null, mustLater: () => later(null),
  later: () => later({ id: `${id}-later`, n: 1, later: null }),
  spoil: (args: { text: string }) => {
    const { text } = args;
    args.text = 'spoilt';
    return text;
  },
});
const other = { __typename: 'Other', name: 'other', x: 1 };

const ROOT: Readonly<Record<string, (args: Record<string, unknown>, context: { who: string }, info: GraphQLResolveInfo) => unknown>> = {
  plain: () => thing('a'), later: () => later(thing('b')), many: () => new Set([thing('c'), thing('d')]), soon: () => [later(thing('e')), null, later(null), thing('f')],
  failing: fail, mustMany: () => [thing('g'), thing('h')], mustSoon: () => [later(thing('i')), thing('j')],
  wrongInt: () => 1.5, wrongList: () => 'no list', wrongLeaf: () => 'GONE', errorValue: () => new Error('given as a value'), numbers: () => ({ text: 7 }),
  any: () => [thing('k'), later(other), null], named: () => [other, { ...other, name: later('late') }], badAny: () => ({ __typename: 'Nobody' }), strayAny: () => ({ __typename: 'Typed' }),
  typed: () => ({ x: 1 }), typedWrong: () => ({ x: 2 }), echo: (args) => JSON.stringify(args), who: (_, { who }) => who, path: (_, _context, info) => ({ path: JSON.stringify(info.path.key) }), take: ({ one }) => JSON.stringify(one ?? null),
};

/** A schema with one of each thing that an executor must get right. */
export function createEverySchema(): GraphQLSchema {
  const schema = buildSchema(`
    type Query {
      plain: Thing later: Thing many: [Thing] soon: [Thing] failing: String mustMany: [Thing!] mustSoon: [Thing!]! wrongInt: Int wrongList: [Int] wrongLeaf: Kind errorValue: String numbers: Text
      any: [Any] named: [Named!] badAny: Any strayAny: Any typed: Typed typedWrong: Typed
      echo(text: String = "t", list: [Int!], at: At): String who: String path: Path take(one: One): String
    }
    type Mutation { change: Int }
    type Thing { id: ID! n: Int f: Float ok: Boolean kind: Kind when: When later: Thing failing: String failingLater: String must: Int! mustLater: Int! spoil(text: String): String }
    type Other implements Named { name: String x: Int }
    type Typed { x: Int }
    type Text { text: String }
    type Path { path: String }
    interface Named { name: String }
    union Any = Thing | Other
    enum Kind { NEW OLD }
    scalar When
    input At { x: Int y: Int = 2 }
    input One @oneOf { a: Int b: String }`);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type instanceof GraphQLScalarType && type.name === 'When') type.serialize = (value) => (value as Date).toISOString();
    if (isObjectType(type) && type.name === 'Query') {
      for (const [name, field] of Object.entries(type.getFields())) field.resolve = (_source, args: Record<string, unknown>, context: { who: string }, info) => ROOT[name]?.(args, context, info);
    }
    if (isObjectType(type) && type.name === 'Typed') type.isTypeOf = (value: { x: number }) => later(value.x === 1);
    if (isAbstractType(type) && type.name === 'Named') type.resolveType = (value: { __typename: string }) => later(value.__typename);
  }
  return schema;
}
