import fc from 'fast-check';
import { astFromValue, getNamedType, isAbstractType, isCompositeType, isEnumType, isInputObjectType, isInterfaceType, isListType, isNonNullType, isObjectType, print } from 'graphql';
import type { GraphQLArgument, GraphQLCompositeType, GraphQLField, GraphQLInputType, GraphQLObjectType, GraphQLSchema } from 'graphql';

/** An operation made up at random, with the variables that it declares. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

const DEPTH = 4;

/** What operations over a schema of one's own need. */
export interface OperationOptions {
  /** The values from which an argument's is picked, as JSON; undefined to make one up. */
  readonly valuesOf?: (argument: GraphQLArgument) => readonly unknown[] | undefined;
  /** True for an argument that is always given, such as one that bounds a list. */
  readonly isAlwaysGiven?: (argument: GraphQLArgument) => boolean;
  /** True for a field that is not asked, since its answer is not the same twice or takes too long. */
  readonly isLeftOut?: (type: string, field: string) => boolean;
  /** True to make up all that an argument's type allows: nulls, lists, input objects, variables within them and with defaults. */
  readonly isThorough?: boolean;
  /** What is asked for: a query, unless told. */
  readonly kind?: 'query' | 'mutation';
}

/** Makes up operations over a schema: aliases, arguments, fragments of every kind, conditions. Not every one is valid. */
export function createOperations(schema: GraphQLSchema, { valuesOf = () => undefined, isAlwaysGiven = () => false, isLeftOut = () => false, isThorough = false, kind = 'query' }: OperationOptions = {}): fc.Arbitrary<RandomOperation> {
  return fc.gen().map((generate) => {
    const under = (max: number): number => generate(fc.nat, max - 1);
    const pick = <T>(values: readonly T[]): T => values[under(values.length)] as T;
    const variables: Record<string, unknown> = {};
    const declarations: string[] = [];
    const fragments: string[] = [];
    let names = 0;

    function literal(argument: GraphQLArgument): unknown {
      const values = valuesOf(argument);
      if (values) return pick(values);
      const type = getNamedType(argument.type);
      if (isEnumType(type)) return pick(type.getValues()).name;
      if (type.name === 'Int') return under(4);
      if (type.name === 'Boolean') return under(2) === 0;
      return pick(['1', '2', '3', 'x']);
    }

    /** A value as JSON, of a type's own; what it may not be is made up by none. */
    function json(type: GraphQLInputType, depth = 0): unknown {
      if (isNonNullType(type)) return json(type.ofType, depth);
      if (under(6) === 0) return null;
      if (isListType(type)) return under(4) === 0 ? single(type.ofType, depth + 1) : Array.from({ length: under(3) }, () => single(type.ofType, depth + 1));
      if (isInputObjectType(type)) {
        const fields = Object.values(type.getFields());
        if (type.isOneOf) return Object.fromEntries([pick(fields)].map((each) => [each.name, nonNull(each.type, depth + 1)]));
        return Object.fromEntries(fields.filter((each) => (isNonNullType(each.type) && each.defaultValue === undefined) || (depth < 2 && under(2) === 0)).map((each) => [each.name, single(each.type, depth + 1)]));
      }
      if (isEnumType(type)) return pick(type.getValues()).name;
      if (type.name === 'Int') return under(4);
      if (type.name === 'Boolean') return under(2) === 0;
      return pick(['1', '2', '3', 'x']);
    }

    function nonNull(type: GraphQLInputType, depth: number): unknown {
      for (;;) {
        const made = json(type, depth);
        if (made !== null) return made;
      }
    }

    function single(type: GraphQLInputType, depth: number): unknown {
      return isNonNullType(type) ? nonNull(type, depth) : json(type, depth);
    }

    /** A value as text, in which any part may be a variable. */
    function text(type: GraphQLInputType, value: unknown): string {
      if (under(4) === 0) return variable(type, value, under(2) === 0);
      const bare = isNonNullType(type) ? type.ofType : type;
      if (value === null) return 'null';
      if (isListType(bare)) return Array.isArray(value) ? `[${value.map((each) => text(bare.ofType, each)).join(', ')}]` : text(bare.ofType, value);
      if (isInputObjectType(bare)) {
        const fields = bare.getFields();
        return `{ ${Object.entries(value as object).map(([name, each]) => `${name}: ${bare.isOneOf ? plain(fields[name]?.type ?? bare, each) : text(fields[name]?.type ?? bare, each)}`).join(', ')} }`;
      }
      return plain(bare, value);
    }

    function plain(type: GraphQLInputType, value: unknown): string {
      const node = astFromValue(value, type);
      return node ? print(node) : 'null';
    }

    /** A variable that is given, null, or left to its default, where its place takes that. */
    function variable(type: GraphQLInputType, value: unknown, hasDefault: boolean): string {
      const name = `v${names++}`;
      const loose = isNonNullType(type) && hasDefault ? type.ofType : type;
      declarations.push(`$${name}: ${String(loose)}${hasDefault ? ` = ${plain(loose, single(type, 1))}` : ''}`);
      const isNeeded = isNonNullType(type) && !hasDefault;
      if (isNeeded || under(3) > 0) variables[name] = value;
      else if (!isNonNullType(type) && under(3) === 0) variables[name] = null;
      return `$${name}`;
    }

    function write(argument: GraphQLArgument): string {
      if (isThorough && !valuesOf(argument)) {
        const value = single(argument.type, 0);
        return `${argument.name}: ${text(argument.type, value)}`;
      }
      const value = literal(argument);
      if (under(3) > 0) return `${argument.name}: ${isEnumType(getNamedType(argument.type)) ? String(value) : toLiteral(value, argument)}`;
      const name = `v${names++}`;
      declarations.push(`$${name}: ${String(argument.type)}`);
      if (isNonNullType(argument.type) || under(4) > 0) variables[name] = value;
      return `${argument.name}: $${name}`;
    }

    function condition(): string {
      if (under(6) > 0) return '';
      const directive = pick(['skip', 'include']);
      if (under(3) === 0) return ` @${directive}(if: ${String(under(2) === 0)})`;
      const name = `c${under(3)}`;
      if (!(name in variables)) {
        declarations.push(`$${name}: Boolean!`);
        variables[name] = under(2) === 0;
      }
      return ` @${directive}(if: $${name})`;
    }

    function field(definition: GraphQLField<unknown, unknown>, depth: number): string {
      const given = definition.args.filter((argument) => (isNonNullType(argument.type) && argument.defaultValue === undefined) || isAlwaysGiven(argument) || under(2) === 0).map(write);
      const alias = under(4) === 0 || given.length > 0 ? `${pick(['a', 'b', 'id', 'name', 'constructor', '__typename_'])}${under(2) === 0 ? '' : String(names++)}: ` : '';
      const type = getNamedType(definition.type);
      const children = isCompositeType(type) ? ` { ${selections(type, depth + 1)} }` : '';
      return `${alias}${definition.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${condition()}${children}`;
    }

    function conditionsFor(type: GraphQLCompositeType): GraphQLCompositeType[] {
      const objects: readonly GraphQLObjectType[] = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
      return [...new Set<GraphQLCompositeType>([type, ...objects, ...objects.flatMap((object) => object.getInterfaces())])];
    }

    function selections(type: GraphQLCompositeType, depth: number): string {
      const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()).filter((each) => !isLeftOut(type.name, each.name)) : [];
      const leaves = fields.filter((candidate) => !isCompositeType(getNamedType(candidate.type)));
      const written: string[] = [];
      for (let count = 1 + under(4); count > 0; count--) {
        const choice = under(10);
        if (choice === 0) written.push(under(2) === 0 ? '__typename' : `t${under(2)}: __typename${condition()}`);
        else if (choice <= 2 || (fields.length === 0 && choice < 8)) {
          const on = pick(conditionsFor(type));
          if (depth >= DEPTH) written.push('__typename');
          else if (under(2) === 0) written.push(`...${under(4) === 0 && on === type ? '' : ` on ${on.name}`}${condition()} { ${selections(on, depth + 1)} }`);
          else {
            const name = `F${names++}`;
            fragments.push(`fragment ${name} on ${on.name} { ${selections(on, depth + 1)} }`);
            written.push(`...${name}${condition()}`);
          }
        } else {
          const candidates = depth >= DEPTH ? leaves : fields;
          written.push(candidates.length > 0 ? field(pick(candidates), depth) : '__typename');
        }
      }
      return written.join(' ');
    }

    const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    const body = root ? selections(root, 0) : '';
    return { query: `${kind} ${declarations.length > 0 ? `(${declarations.join(', ')}) ` : ''}{ ${body} } ${fragments.join(' ')}`.trim(), variables };
  });
}

function toLiteral(value: unknown, argument: GraphQLArgument): string {
  const node = typeof value === 'object' ? astFromValue(value, argument.type) : undefined;
  return node ? print(node) : JSON.stringify(value);
}
