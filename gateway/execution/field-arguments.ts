import { getArgumentValues, Kind } from 'graphql';
import type { FieldNode, GraphQLField, ValueNode } from 'graphql';

type Values = Record<string, unknown>;

/** A field as an operation asks for it. */
export interface AskedField {
  readonly field: GraphQLField<unknown, unknown>;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  /** The arguments where no variable is among them and none holds an object; null where they are to be read. */
  readonly fixedArgs: Values | null;
}

/** The arguments of fields that take variables, read once in an execution. */
export type ReadArguments = Map<AskedField, Values>;

/** The arguments that are the same in every execution; null where they are to be read in each. */
export function readFixedArguments(field: GraphQLField<unknown, unknown>, node: FieldNode): Values | null {
  if (field.args.length === 0) return {};
  if (hasVariable(node)) return null;
  try {
    const values = getArgumentValues(field, node, {});
    return Object.values(values).some((value) => typeof value === 'object' && value !== null) ? null : values;
  } catch {
    // The error belongs to the field, each time that it is asked.
    return null;
  }
}

function hasVariable(node: FieldNode): boolean {
  const within = (value: ValueNode): boolean => {
    if (value.kind === Kind.VARIABLE) return true;
    if (value.kind === Kind.LIST) return value.values.some(within);
    return value.kind === Kind.OBJECT && value.fields.some((field) => within(field.value));
  };
  return (node.arguments ?? []).some((argument) => within(argument.value));
}

/** A field's arguments, in an object of the caller's own. @throws GraphQLError where one is not what the schema wants */
export function readArguments(asked: AskedField, { variables, args: read }: { readonly variables: Values; readonly args: ReadArguments }): Values {
  if (asked.fixedArgs) return { ...asked.fixedArgs };
  let args = read.get(asked);
  if (!args) read.set(asked, (args = getArgumentValues(asked.field, asked.nodes[0], variables)));
  return { ...args };
}
