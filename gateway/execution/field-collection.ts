import { isAbstractType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';

/** The one operation of a document that selects the same whatever its variables are, and its fragments. */
export interface FixedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** Null for a document that has several operations, conditions, introspection of the schema, or names that an object cannot have as keys. */
export function findFixedOperation(document: DocumentNode): FixedOperation | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as Record<string, FragmentDefinitionNode>;
  let operation: OperationDefinitionNode | null = null;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments[definition.name.value] = definition;
      if (!isFixed(definition.selectionSet)) return null;
    } else if (definition.kind === Kind.OPERATION_DEFINITION) {
      if (operation !== null || !isFixed(definition.selectionSet)) return null;
      operation = definition;
    }
  }
  return operation && { operation, fragments };
}

function isFixed(selectionSet: SelectionSetNode): boolean {
  return selectionSet.selections.every((selection) => {
    if ((selection.directives ?? []).some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (selection.kind === Kind.FRAGMENT_SPREAD) return true;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      if (key === '__proto__' || selection.name.value === '__schema' || selection.name.value === '__type') return false;
    }
    return selection.selectionSet === undefined || isFixed(selection.selectionSet);
  });
}

/** True where a fragment with a type condition is of objects of a type, or of all that have an interface. */
export function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLNamedType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type);
}

/** The fields that an object of a type has in these selections, by response key and in order, as the specification collects them. */
export function collectFields(
  schema: GraphQLSchema,
  fragmentOf: (name: string) => FragmentDefinitionNode | undefined,
  type: GraphQLNamedType,
  selectionSets: readonly SelectionSetNode[],
  isTaken: (selection: SelectionNode) => boolean,
): ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]> {
  const collected = new Map<string, [FieldNode, ...FieldNode[]]>();
  const visited = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (!isTaken(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = collected.get(key);
        if (known) known.push(selection);
        else collected.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(schema, selection.typeCondition?.name.value, type)) collect(selection.selectionSet);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = fragmentOf(selection.name.value);
        if (fragment && applies(schema, fragment.typeCondition.name.value, type)) collect(fragment.selectionSet);
      }
    }
  };
  for (const selectionSet of selectionSets) collect(selectionSet);
  return collected;
}
