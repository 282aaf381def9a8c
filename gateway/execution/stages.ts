import type { FlattenNodePathSegment } from '@graphql-hive/router-query-planner';
import { getNamedType, isCompositeType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLSchema, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { StageGraph } from './stage-graph.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

/** Entities of a first operation at which a second begins. */
export interface StageRoot {
  /** The second operation's root key. */
  readonly alias: string;
  readonly path: readonly FlattenNodePathSegment[];
  /** What entities that stand for them know, and what is taken over from these; null to begin at the entities themselves. */
  readonly apart: { readonly known: readonly string[]; readonly taken: readonly string[] } | null;
}

/** An operation cut in two or more. */
export interface StagedOperation {
  /** Without the fields that have requirements, and with the keys of their objects. */
  readonly first: DocumentNode;
  /** Those fields, from root fields that stand for the objects: one operation, and one for each that asks another field with arguments. */
  readonly further: readonly { readonly document: DocumentNode; readonly roots: readonly StageRoot[] }[];
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Cuts a folded operation at every field with `@requires`, save those directly under a root of an earlier cut, which a planner can plan.
 * Null where nothing can be cut.
 * @param isEachApart true to give each field that requires another with arguments an operation of its own.
 */
export function cutOperation(document: DocumentNode, schema: GraphQLSchema, types: SupergraphTypes, stages: StageGraph, isEachApart: boolean): StagedOperation | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  const root = operation && schema.getRootType(operation.operation);
  if (!operation || !root) return null;
  const cuts = new Map<string, { type: string; path: readonly FlattenNodePathSegment[]; selections: FieldNode[] }>();

  function compositeType(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  function cut(selectionSet: SelectionSetNode, parent: GraphQLCompositeType, path: readonly FlattenNodePathSegment[], atRoot: boolean): SelectionSetNode {
    const kept: SelectionNode[] = [];
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = stages.keySelections(parent.name);
        if (!atRoot && key && types.hasRequirements(parent.name, selection.name.value)) {
          take(selection, parent.name, path);
          kept.push(TYPENAME, ...key);
        } else kept.push(cutField(selection, parent, path));
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const type = fragment?.typeCondition ? compositeType(fragment.typeCondition.name.value) : parent;
      if (!fragment || !type) continue;
      const within = type === parent ? path : [...path, { TypeCondition: [type.name] }];
      kept.push({
        kind: Kind.INLINE_FRAGMENT,
        ...(fragment.typeCondition ? { typeCondition: fragment.typeCondition } : {}),
        selectionSet: cut(fragment.selectionSet, type, within, atRoot && type === parent),
      });
    }
    return { kind: Kind.SELECTION_SET, selections: kept };
  }

  function cutField(field: FieldNode, parent: GraphQLCompositeType, path: readonly FlattenNodePathSegment[]): FieldNode {
    if (!field.selectionSet) return field;
    const staged = parent === root ? stages.typeOfRoot(field.name.value) : undefined;
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
    const type = compositeType(staged) ?? (definition && compositeType(getNamedType(definition.type).name));
    const within: FlattenNodePathSegment[] = [...path, { Field: field.alias?.value ?? field.name.value }, '@'];
    return type ? { ...field, selectionSet: cut(field.selectionSet, type, within, staged !== undefined) } : field;
  }

  function take(field: FieldNode, type: string, path: readonly FlattenNodePathSegment[]): void {
    const place = JSON.stringify([type, path, isEachApart && types.requiresWithArguments(type, field.name.value) ? field.name.value : null]);
    const known = cuts.get(place);
    if (known) known.selections.push(field);
    else cuts.set(place, { type, path: [...path, { TypeCondition: [type] }], selections: [field] });
  }

  const first = cut(operation.selectionSet, root, [], false);
  if (cuts.size === 0) return null;
  const toDocument = (definition: OperationDefinitionNode): DocumentNode => ({ kind: Kind.DOCUMENT, definitions: [definition] });
  const query = 'query' as OperationDefinitionNode['operation'];
  const toFurther = (group: readonly { type: string; path: readonly FlattenNodePathSegment[]; selections: readonly FieldNode[] }[]): StagedOperation['further'][number] => {
    const selections = group.map(({ type, selections: within }, index): FieldNode => ({
      kind: Kind.FIELD,
      alias: { kind: Kind.NAME, value: `s${index}` },
      name: { kind: Kind.NAME, value: stages.rootField(type) },
      selectionSet: { kind: Kind.SELECTION_SET, selections: within },
    }));
    return {
      // What was taken may still name fragments.
      document: { kind: Kind.DOCUMENT, definitions: [...toDocument({ ...operation, operation: query, selectionSet: { kind: Kind.SELECTION_SET, selections } }).definitions, ...fragments.values()] },
      roots: group.map(({ type, path, selections: within }, index) => ({ alias: `s${index}`, path, apart: isEachApart ? { known: ['__typename', ...(stages.keySelections(type) ?? []).flatMap(keyOf)], taken: within.flatMap(keyOf) } : null })),
    };
  };
  return { first: toDocument({ ...operation, selectionSet: first }), further: isEachApart ? [...cuts.values()].map((each) => toFurther([each])) : [toFurther([...cuts.values()])] };
}

function keyOf(selection: SelectionNode): string[] {
  return selection.kind === Kind.FIELD ? [selection.alias?.value ?? selection.name.value] : [];
}
