import { getNamedType, isAbstractType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type {
  DirectiveNode, DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLSchema, OperationDefinitionNode, SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { SourceKeys } from './source-keys.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** The alias under which an entity's owner is asked for one plain field, to learn whether the entity exists. */
export const EXISTENCE_ALIAS = '__exists_';

/** The values of the variables that `@skip` and `@include` name. */
export type Conditions = Readonly<Record<string, unknown>>;

/** An operation as the planner gets it: nothing conditional, each field under its source key, no introspection. */
export interface FoldedOperation {
  /** Null where no subgraph has anything to answer. */
  readonly document: DocumentNode | null;
  /** True where objects' types are needed that the document does not ask: the planner takes no `__typename` for provided with a field. */
  readonly typenamesLeftOut: boolean;
  /** The root's `__schema` and `__type`, which the gateway answers itself. */
  readonly introspection: readonly FieldNode[];
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** True where `@skip` and `@include` leave a selection in. */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, conditions: Conditions): boolean {
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const truth = value?.kind === Kind.VARIABLE ? conditions[value.name.value] : value?.kind === Kind.BOOLEAN && value.value;
    if ((truth === true) === (name === 'skip')) return false;
  }
  return true;
}

/**
 * Folds an operation for given values of its conditions. Each combination of values is planned on its own: plans get smaller, and a
 * subgraph is never asked for what the client did not want. The projection adds what is dropped here (`__typename` of known types).
 */
export function foldOperation(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  conditions: Conditions,
  types: SupergraphTypes,
  keys: SourceKeys,
): FoldedOperation {
  const root = schema.getRootType(operation.operation);
  const introspection: FieldNode[] = [];
  const folded = new Map<string, FragmentDefinitionNode | null>();
  let typenamesLeftOut = false;

  /** `provided`: what is selected is below a field that provides fields of other subgraphs. */
  function foldSelections(selectionSet: SelectionSetNode, parent: GraphQLCompositeType, provided: boolean): SelectionNode[] {
    const selections: SelectionNode[] = [];
    let typenameNeeded = false;
    for (const selection of selectionSet.selections) {
      if (!isIncluded(selection.directives, conditions)) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name === '__typename') typenameNeeded = true;
        else if (name === '__schema' || name === '__type') introspection.push(selection);
        else if (isAbstractType(parent) && schema.getPossibleTypes(parent).some((type) => types.varies(type.name, name) || types.hasRequirements(type.name, name))) {
          // Fields of one name and several shapes cannot be asked together, and requirements are a type's: each type is asked by itself.
          typenameNeeded = true;
          for (const type of schema.getPossibleTypes(parent)) selections.push(onType(type.name, [foldField(selection, type, provided)]));
        } else selections.push(foldField(selection, parent, provided));
        continue;
      }
      const condition = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value)?.typeCondition.name.value : selection.typeCondition?.name.value;
      typenameNeeded ||= condition !== undefined && condition !== parent.name;
      if (selection.kind === Kind.FRAGMENT_SPREAD && !provided) {
        if (foldFragment(selection.name.value)) selections.push({ kind: Kind.FRAGMENT_SPREAD, name: selection.name });
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const type = condition === undefined ? parent : compositeType(condition);
      const children = fragment && type ? foldSelections(fragment.selectionSet, type, provided) : [];
      if (fragment && children.length > 0) {
        selections.push({ kind: Kind.INLINE_FRAGMENT, ...(fragment.typeCondition ? { typeCondition: fragment.typeCondition } : {}), selectionSet: toSelectionSet(children) });
      }
    }
    if (typenameNeeded && isAbstractType(parent)) {
      if (provided && selections.length > 0 && !types.hasInterfaceObject(parent.name)) typenamesLeftOut = true;
      else selections.unshift(TYPENAME);
    }
    return selections;
  }

  function foldField(field: FieldNode, parent: GraphQLCompositeType, provided: boolean): FieldNode {
    const sourceKey = keys.keyOf(field, parent.name);
    const type = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value]?.type : undefined;
    const named = type && getNamedType(type);
    let selectionSet: SelectionSetNode | undefined;
    if (field.selectionSet && named && isCompositeType(named)) {
      const children = foldSelections(field.selectionSet, named, provided || types.provides(parent.name, field.name.value));
      if (parent === schema.getQueryType() && field.name.value === 'node' && named.name === 'Node') children.push(...existenceProbes(schema, types.probes));
      selectionSet = toSelectionSet(children.length > 0 ? children : [TYPENAME]);
    }
    return {
      kind: Kind.FIELD,
      name: field.name,
      ...(sourceKey === field.name.value ? {} : { alias: { kind: Kind.NAME, value: sourceKey } }),
      ...(field.arguments ? { arguments: field.arguments } : {}),
      ...(selectionSet ? { selectionSet } : {}),
    };
  }

  function foldFragment(name: string): FragmentDefinitionNode | null {
    const known = folded.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const type = fragment && compositeType(fragment.typeCondition.name.value);
    const children = fragment && type ? foldSelections(fragment.selectionSet, type, false) : [];
    const result: FragmentDefinitionNode | null = fragment && children.length > 0
      ? { kind: Kind.FRAGMENT_DEFINITION, name: fragment.name, typeCondition: fragment.typeCondition, selectionSet: toSelectionSet(children) }
      : null;
    folded.set(name, result);
    return result;
  }

  function compositeType(name: string): GraphQLCompositeType | undefined {
    const type = schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  const selections = root ? foldSelections(operation.selectionSet, root, false) : [];
  if (selections.length === 0) return { document: null, typenamesLeftOut, introspection };
  const definition: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    ...(operation.name ? { name: operation.name } : {}),
    variableDefinitions: (operation.variableDefinitions ?? []).map(({ directives: _directives, ...variable }) => variable),
    selectionSet: toSelectionSet(selections),
  };
  return { document: { kind: Kind.DOCUMENT, definitions: [definition, ...[...folded.values()].filter((fragment) => fragment !== null)] }, typenamesLeftOut, introspection };
}

/** The variables that decide what an operation selects, sorted. */
export function collectConditionVariables(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string[] {
  const names = new Set<string>();
  const visited = new Set<string>();
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      for (const directive of selection.directives ?? []) {
        if (directive.name.value !== 'skip' && directive.name.value !== 'include') continue;
        for (const argument of directive.arguments ?? []) if (argument.value.kind === Kind.VARIABLE) names.add(argument.value.name.value);
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (!fragment || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        collect(fragment.selectionSet);
      } else if (selection.selectionSet) collect(selection.selectionSet);
    }
  };
  collect(operation.selectionSet);
  return [...names].sort();
}

function existenceProbes(schema: GraphQLSchema, probes: ReadonlyMap<string, string>): SelectionNode[] {
  const selections: SelectionNode[] = [];
  for (const [type, field] of probes) {
    const known = schema.getType(type);
    if (!isObjectType(known) || !known.getFields()[field]) continue;
    selections.push(onType(type, [{ kind: Kind.FIELD, alias: { kind: Kind.NAME, value: EXISTENCE_ALIAS + type }, name: { kind: Kind.NAME, value: field } }]));
  }
  return selections;
}

function onType(type: string, selections: SelectionNode[]): SelectionNode {
  return { kind: Kind.INLINE_FRAGMENT, typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } }, selectionSet: toSelectionSet(selections) };
}

function toSelectionSet(selections: SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}
