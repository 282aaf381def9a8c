import { getNamedType, getNullableType, isCompositeType, isListType, isObjectType, isInterfaceType, Kind, typeFromAST, valueFromASTUntyped } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/** What `@listSize` says of a field, as the cost specification of federation has it. */
interface ListSize {
  readonly assumed: number | null;
  readonly slicing: readonly string[];
  /** The fields below that are as long; null where the field itself is the list. */
  readonly sized: readonly string[] | null;
}

/** The static cost of an operation, before any of it is run: how many objects its answer can have. */
export type EstimateCost = (operation: OperationDefinitionNode, document: DocumentNode, variables: Readonly<Record<string, unknown>>) => number;

const argumentsOf = (directive: ConstDirectiveNode): Record<string, unknown> => Object.fromEntries((directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');

/** The `@listSize` and the `@cost` of each field, by `Type.field`; a subgraph's word for one of several is as good as another's. */
function readDirectives(supergraph: DocumentNode): { sizes: ReadonlyMap<string, ListSize>; weights: ReadonlyMap<string, number> } {
  const sizes = new Map<string, ListSize>();
  const weights = new Map<string, number>();
  for (const type of supergraph.definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of type.fields ?? []) {
      for (const directive of directives) {
        const given = argumentsOf(directive);
        const key = `${type.name.value}.${name.value}`;
        if (directive.name.value === 'cost') weights.set(key, Number(given['weight']));
        if (directive.name.value !== 'listSize') continue;
        const { assumedSize, slicingArguments, sizedFields } = given;
        sizes.set(key, { assumed: typeof assumedSize === 'number' ? assumedSize : null, slicing: isStrings(slicingArguments) ? slicingArguments : [], sized: isStrings(sizedFields) ? sizedFields : null });
      }
    }
  }
  return { sizes, weights };
}

/**
 * Makes the estimate of a supergraph's operations: an object costs 1 or its field's `@cost`, a leaf only its `@cost`, and a list as many times what
 * is below it as `@listSize` says, by the arguments that slice it, else as assumed. A list of which nothing is said counts once.
 */
export function createCostEstimate(supergraph: DocumentNode, schema: GraphQLSchema): EstimateCost {
  const { sizes, weights } = readDirectives(supergraph);

  return (operation, { definitions }, given) => {
    const fragments = new Map(definitions.flatMap((each): [string, FragmentDefinitionNode][] => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])));
    const variables: Record<string, unknown> = {};
    for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
      const { value } = variable.name;
      variables[value] = given[value] === undefined && defaultValue !== undefined ? valueFromASTUntyped(defaultValue) : given[value];
    }

    const lengthOf = (field: FieldNode, size: ListSize, defaults: ReadonlyMap<string, unknown>): number => {
      const lengths = size.slicing.flatMap((name) => {
        const argument = field.arguments?.find((each) => each.name.value === name);
        const value = argument === undefined ? defaults.get(name) : valueFromASTUntyped(argument.value, variables);
        return typeof value === 'number' ? [Math.max(0, value)] : [];
      });
      return lengths.length > 0 ? Math.max(...lengths) : (size.assumed ?? 1);
    };

    /** `known` says how long the sized fields of this set are. Fragments on other types of the same place are added up: a bound, not a forecast. */
    const costOf = (set: SelectionSetNode, type: GraphQLNamedType | undefined, known: ReadonlyMap<string, number>): number => {
      let sum = 0;
      for (const selection of set.selections) {
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          const fragment = fragments.get(selection.name.value);
          if (fragment !== undefined) sum += costOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), known);
          continue;
        }
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          sum += costOf(selection.selectionSet, selection.typeCondition === undefined ? type : typeFromAST(schema, selection.typeCondition), known);
          continue;
        }
        const { value: name } = selection.name;
        const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
        if (definition === undefined || type === undefined) continue;
        const key = `${type.name}.${name}`;
        const inner = getNamedType(definition.type);
        const size = sizes.get(key);
        const length = size === undefined ? 1 : lengthOf(selection, size, new Map(definition.args.map((each) => [each.name, each.defaultValue])));
        const below = new Map(size?.sized?.map((each) => [each, length]));
        const times = known.get(name) ?? (isListType(getNullableType(definition.type)) && size?.sized === null ? length : 1);
        const own = isCompositeType(inner) ? 1 : 0;
        sum += (weights.get(key) ?? 0) + times * (own + (selection.selectionSet === undefined ? 0 : costOf(selection.selectionSet, inner, below)));
      }
      return sum;
    };
    const root = schema.getRootType(operation.operation);
    return costOf(operation.selectionSet, root ?? undefined, new Map());
  };
}
