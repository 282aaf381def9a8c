import type { BatchFetchNode, FetchNode, FlattenNodePathSegment, PlanNode } from '@graphql-hive/router-query-planner';
import { Kind, parse, print, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import type { SubgraphFields } from './subgraph-fields.ts';
import type { SupergraphTypes } from './supergraph-types.ts';

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** A request of a plan whose operation may be changed, and where what its fields give belongs. */
interface Request {
  readonly service: string;
  readonly document: DocumentNode;
  /** The paths, by source keys, of each root field's objects; the root itself for a request that begins there. */
  pathsOf(alias: string): readonly (readonly string[])[] | null;
  /** Takes another operation, with the client's variables that it uses beyond those it used. */
  replace(operation: string, variables: readonly string[]): void;
}

type Covered = Map<string, { readonly key: string; readonly type: string | null }[]>;

/**
 * Puts back what the planner leaves out of a plan's operations:
 * - Where several subgraphs answer one field with a union or an interface, it asks only for the members that all of them have, even where
 *   just one can be asked. What no request of the plan asks, and the asked subgraph has, is added.
 * - `__typename` of unions and interfaces, where `addTypenames` says that the operation was planned without.
 *
 * The plan is changed in place. `operation` is what was planned, `root` the name of its root type.
 */
export function mendPlan(node: PlanNode, operation: DocumentNode, root: string, fields: SubgraphFields, types: SupergraphTypes, addTypenames: boolean): void {
  const requests = collectRequests(node);
  const covered: Covered = new Map();
  for (const request of requests) cover(request, covered);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of operation.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const planned = operationOf(operation);
  if (!planned) return;
  const asked = planned.selectionSet;

  /** The client's fields, by key, of objects that match what `accepts` says of a fragment's condition. */
  function fieldsOf(level: readonly SelectionSetNode[], accepts: (condition: string) => boolean): Map<string, FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const collect = (selectionSet: SelectionSetNode): void => {
      for (const selection of selectionSet.selections) {
        if (selection.kind === Kind.FIELD) {
          const key = keyOf(selection);
          found.set(key, [...(found.get(key) ?? []), selection]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        const condition = fragment?.typeCondition?.name.value;
        if (fragment && (condition === undefined || accepts(condition))) collect(fragment.selectionSet);
      }
    };
    for (const selectionSet of level) collect(selectionSet);
    return found;
  }

  const below = (level: readonly SelectionSetNode[], key: string, accepts: (condition: string) => boolean): SelectionSetNode[] =>
    (fieldsOf(level, accepts).get(key) ?? []).flatMap(({ selectionSet }) => selectionSet ?? []);

  function levelAt(path: readonly string[]): readonly SelectionSetNode[] {
    return path.reduce<readonly SelectionSetNode[]>((level, key) => below(level, key, () => true), [asked]);
  }

  const accepting = (type: string | null) => (condition: string): boolean => type === null || !types.isObject(type) || types.satisfies(type, condition);

  /** A client's field with what the service has of its selections; null where nothing is left of it. */
  function narrow(field: FieldNode, service: string, type: string): FieldNode | null {
    if (field.name.value === '__typename') return field;
    if (!fields.answers(service, type, field.name.value)) return null;
    if (!field.selectionSet) return field;
    const child = fields.typeOf(service, type, field.name.value);
    const objects = child === undefined ? [] : fields.isAbstract(child) ? [...fields.members(service, child)] : [child];
    const kept = objects.map((object) => onType(object, narrowAll([field.selectionSet as SelectionSetNode], service, object)));
    return { ...field, selectionSet: toSelectionSet([TYPENAME, ...kept.filter((each) => each.selectionSet.selections.length > 0)]) };
  }

  function narrowAll(level: readonly SelectionSetNode[], service: string, type: string): FieldNode[] {
    return [...fieldsOf(level, (condition) => types.satisfies(type, condition)).values()].flatMap((same) => {
      const [first] = same;
      if (!first) return [];
      const merged = first.selectionSet ? { ...first, selectionSet: toSelectionSet(same.flatMap(({ selectionSet }) => selectionSet?.selections ?? [])) } : first;
      return narrow(merged, service, type) ?? [];
    });
  }

  /** The fields of a partial union's or interface's members that no request asks for. */
  function findLost(service: string, type: string, level: readonly SelectionSetNode[], paths: readonly (readonly string[])[]): SelectionNode[] {
    return [...fields.members(service, type)].flatMap((member) => {
      const lost = narrowAll(level, service, member).filter((field) => field.name.value !== '__typename' && paths.some((path) => !isCovered(covered, path, member, keyOf(field), types)));
      return lost.length > 0 ? [onType(member, lost)] : [];
    });
  }

  function mend(selectionSet: SelectionSetNode, type: string | null, service: string, level: readonly SelectionSetNode[], paths: readonly (readonly string[])[]): SelectionSetNode {
    let changed = false;
    const mended = selectionSet.selections.map((selection): SelectionNode => {
      if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const within = mend(selection.selectionSet, selection.typeCondition?.name.value ?? type, service, level, paths);
        changed ||= within !== selection.selectionSet;
        return within === selection.selectionSet ? selection : { ...selection, selectionSet: within };
      }
      const key = keyOf(selection);
      const child = type === null ? undefined : fields.typeOf(service, type, selection.name.value);
      const nextLevel = below(level, key, accepting(type));
      const nextPaths = paths.map((path) => [...path, key]);
      let within = mend(selection.selectionSet, child ?? null, service, nextLevel, nextPaths);
      if (child !== undefined && fields.isAbstract(child)) {
        const lost = fields.isPartial(child) ? findLost(service, child, nextLevel, nextPaths) : [];
        const named = (lost.length > 0 || addTypenames) && !within.selections.some((each) => each.kind === Kind.FIELD && keyOf(each) === '__typename') ? [TYPENAME] : [];
        if (lost.length + named.length > 0) within = toSelectionSet([...named, ...within.selections, ...lost]);
      }
      if (within === selection.selectionSet) return selection;
      changed = true;
      return { ...selection, selectionSet: within };
    });
    return changed ? toSelectionSet(mended) : selectionSet;
  }

  for (const request of requests) {
    const definition = operationOf(request.document);
    if (!definition) continue;
    const atRoot = request.pathsOf('');
    const mended = atRoot
      ? mend(definition.selectionSet, root, request.service, [asked], atRoot)
      : toSelectionSet(definition.selectionSet.selections.map((selection) => {
          const paths = selection.kind === Kind.FIELD ? request.pathsOf(keyOf(selection)) : null;
          if (selection.kind !== Kind.FIELD || !selection.selectionSet || !paths) return selection;
          const within = mend(selection.selectionSet, null, request.service, paths.flatMap((path) => levelAt(path)), paths);
          return within === selection.selectionSet ? selection : { ...selection, selectionSet: within };
        }));
    const isSame = mended === definition.selectionSet || mended.selections.every((selection, index) => selection === definition.selectionSet.selections[index]);
    if (isSame) continue;
    const declared = new Set((definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value));
    const used = variablesOf(mended);
    const added = (planned.variableDefinitions ?? []).filter(({ variable: { name } }) => used.has(name.value) && !declared.has(name.value));
    const whole: OperationDefinitionNode = { ...definition, variableDefinitions: [...(definition.variableDefinitions ?? []), ...added], selectionSet: mended };
    request.replace(print({ ...request.document, definitions: request.document.definitions.map((each) => (each === definition ? whole : each)) }), added.map(({ variable }) => variable.name.value));
  }
}

function collectRequests(node: PlanNode): Request[] {
  const toRequest = (fetch: FetchNode | BatchFetchNode, pathsOf: Request['pathsOf']): Request => ({
    service: fetch.serviceName,
    document: parse(fetch.operation, { noLocation: true }),
    pathsOf,
    replace: (operation, variables) => {
      fetch.operation = operation;
      fetch.variableUsages = [...(fetch.variableUsages ?? []), ...variables];
    },
  });
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(collectRequests);
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause ? collectRequests(clause) : []));
    case 'Fetch':
      return [toRequest(node, (alias) => (alias === '' ? [[]] : null))];
    case 'Flatten':
      return node.node.kind === 'Fetch' ? [toRequest(node.node, (alias) => (alias === '_entities' ? [toKeys(node.path)] : null))] : [];
    case 'BatchFetch':
      return [toRequest(node, (alias) => node.entityBatch.aliases.find((each) => each.alias === alias)?.paths.map(toKeys) ?? null)];
    default:
      return [];
  }
}

function cover(request: Request, covered: Covered): void {
  const walk = (selectionSet: SelectionSetNode, type: string | null, paths: readonly (readonly string[])[]): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, selection.typeCondition?.name.value ?? type, paths);
      if (selection.kind !== Kind.FIELD) continue;
      const key = keyOf(selection);
      for (const path of paths) covered.set(path.join(' '), [...(covered.get(path.join(' ')) ?? []), { key, type }]);
      if (selection.selectionSet) walk(selection.selectionSet, null, paths.map((path) => [...path, key]));
    }
  };
  const definition = operationOf(request.document);
  const atRoot = request.pathsOf('');
  if (definition && atRoot) walk(definition.selectionSet, null, atRoot);
  else for (const selection of definition?.selectionSet.selections ?? []) if (selection.kind === Kind.FIELD && selection.selectionSet) walk(selection.selectionSet, null, request.pathsOf(keyOf(selection)) ?? []);
}

function isCovered(covered: Covered, path: readonly string[], member: string, key: string, types: SupergraphTypes): boolean {
  return covered.get(path.join(' '))?.some((each) => each.key === key && (each.type === null || types.satisfies(member, each.type))) ?? false;
}

function operationOf(document: DocumentNode): OperationDefinitionNode | undefined {
  return document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
}

function variablesOf(selectionSet: SelectionSetNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(selectionSet, { Variable: (node) => void names.add(node.name.value) });
  return names;
}

function toKeys(path: readonly FlattenNodePathSegment[]): string[] {
  return path.flatMap((segment) => (segment !== '@' && 'Field' in segment ? [segment.Field] : []));
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function onType(type: string, selections: readonly SelectionNode[]): SelectionNode & { readonly selectionSet: SelectionSetNode } {
  return { kind: Kind.INLINE_FRAGMENT, typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } }, selectionSet: toSelectionSet(selections) };
}

function toSelectionSet(selections: readonly SelectionNode[]): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections };
}
