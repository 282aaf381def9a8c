import { getNamedType, isAbstractType, isInterfaceType, isObjectType, Kind } from 'graphql';
import type {
  FieldNode, FragmentDefinitionNode, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType,
  OperationDefinitionNode, SelectionSetNode,
} from 'graphql';
import { fill, outputOf, toText, wrong } from './completion.ts';
import type { Complete, CompletedField, Coordinate, Flaw, Pass } from './completion.ts';
import { createExecutionError } from './errors.ts';
import type { ResponsePath } from './errors.ts';
import { applies, collectFields } from './field-collection.ts';
import { isIncluded } from './operation-folding.ts';
import type { Conditions } from './operation-folding.ts';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import type { SourceKeys } from './source-keys.ts';

/** Marks an object that its owner does not know. */
export const MISSING = '__missing';

/** The client's view of the data, in the order of its selections, and what was wrong with it. */
export interface ProjectedResponse {
  readonly data: ResponseObject | null;
  readonly flaws: readonly Flaw[];
}

/** A client's place, and whether it is all of what was looked for: of what only the plan needed, it is the object that it is of. */
export interface Location {
  readonly path: ResponsePath;
  readonly isWhole: boolean;
}

/** A compiled projection. */
export interface Projection {
  project(data: ResponseObject, introspection: ResponseObject | null): ProjectedResponse;
  /** The client's places of what is at a path of source keys: several where it is asked under several names. */
  locate(path: ResponsePath, data: ResponseObject): readonly Location[];
}

/** The fields of an object, by its type where that is not known from the operation. */
interface Composite {
  fieldsOf(object: ResponseObject): readonly FieldPlan[] | null;
  /** The fields of every type that could be there. */
  all(): readonly FieldPlan[];
  readonly complete: Complete;
}

interface FieldPlan extends CompletedField {
  /** What is selected in it, where it is an object or a list of objects. */
  readonly composite: Composite | null;
}

/** Compiles the projection of an operation for given values of its conditions. */
export function createProjection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  conditions: Conditions,
  keys: SourceKeys,
): Projection {
  const root = schema.getRootType(operation.operation);
  if (!root) throw createExecutionError('OPERATION_RESOLUTION_FAILURE', `The schema has no ${operation.operation} type.`);
  const composite = createCompiler(schema, fragments, conditions, keys).objectOf(root, [operation.selectionSet], { type: root.name, field: '' });
  const run = (data: ResponseObject, introspection: ResponseObject | null, path: (string | number)[] | null): { pass: Pass; projected: unknown } => {
    const pass: Pass = { introspection, path, faults: 0, flaws: [] };
    return { projected: composite.complete(data, pass), pass };
  };
  return {
    project(data, introspection) {
      const { projected, pass } = run(data, introspection, null);
      // Paths are only followed once something is known to be wrong: they would cost every response.
      const flaws = pass.faults === 0 ? [] : run(data, introspection, []).pass.flaws;
      return { data: isResponseObject(projected) ? projected : null, flaws };
    },
    locate(path, data) {
      const found = new Map<string, Location>();
      const follow = (value: unknown, within: Composite | null, at: number, place: ResponsePath): void => {
        const step = path[at];
        if (typeof step === 'number') return follow(Array.isArray(value) ? value[step] : null, within, at + 1, [...place, step]);
        const fields = within && step !== undefined ? (isResponseObject(value) ? within.fieldsOf(value) : within.all()) : null;
        const matching = (fields ?? []).filter((field) => field.from === 'data' && field.source === step);
        // What only the plan needed has no name of the client's: the object that it is of has.
        if (matching.length === 0) found.set(JSON.stringify(place), { path: place, isWhole: step === undefined });
        for (const field of matching) follow(isResponseObject(value) ? value[field.source] : null, field.composite, at + 1, [...place, field.key]);
      };
      follow(data, composite, 0, []);
      return [...found.values()];
    },
  };
}

function createCompiler(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, conditions: Conditions, keys: SourceKeys) {
  function compositeOf(type: GraphQLNamedType, nodes: readonly FieldNode[], field: Coordinate): Composite | null {
    const selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
    if (isObjectType(type)) return objectOf(type, selectionSets, field);
    return isAbstractType(type) ? abstractOf(type, selectionSets, field) : null;
  }

  function objectOf(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[], field: Coordinate): Composite {
    let fields: readonly FieldPlan[] | null = null;
    // Compiled on first use: most possible types of an interface never come.
    const all = (): readonly FieldPlan[] => (fields ??= compileFields(type, selectionSets));
    return {
      all,
      fieldsOf: all,
      complete: (value, pass) => (isResponseObject(value) ? fill(value, all(), pass) : wrong(pass, field, `Expected an object of type ${type.name}.`)),
    };
  }

  function abstractOf(type: GraphQLInterfaceType | GraphQLUnionType, selectionSets: readonly SelectionSetNode[], field: Coordinate): Composite {
    const byName = new Map<string, readonly FieldPlan[] | null>();
    let dependsOnType: boolean | null = null;
    const fieldsOf = (object: ResponseObject): readonly FieldPlan[] | null => {
      const told = object['__typename'];
      // Where nobody needed the type, the interface's own fields are all that is selected.
      const typename = typeof told === 'string' ? told : type.name;
      let fields = byName.get(typename);
      if (fields === undefined) {
        const known = schema.getType(typename);
        fields = isObjectType(known) || isAbstractType(known) ? compileFields(known, selectionSets) : null;
        byName.set(typename, fields);
      }
      return fields;
    };
    return {
      fieldsOf,
      all: () => schema.getPossibleTypes(type).flatMap((possible) => fieldsOf({ __typename: possible.name }) ?? []),
      complete: (value, pass) => {
        if (!isResponseObject(value)) return wrong(pass, field, `Expected an object for field ${toText(field)}.`);
        if (value[MISSING] === true) return undefined;
        // An interface object's subgraph knows the interface's name only: where the type could not be fetched, nobody can tell the object.
        if (isAbstractType(schema.getType(String(value['__typename']))) && (dependsOnType ??= selectsByType(type, selectionSets))) return wrong(pass, field, `The type of the object in field ${toText(field)} is not known.`);
        const fields = fieldsOf(value);
        return fields === null ? wrong(pass, field, `The type of the object in field ${toText(field)} is not in the schema.`) : fill(value, fields, pass);
      },
    };
  }

  /** True where what is selected is not the same for every object of an abstract type. */
  function selectsByType(type: GraphQLNamedType, selectionSets: readonly SelectionSetNode[]): boolean {
    return selectionSets.some(({ selections }) =>
      selections.some((selection) => {
        if (!isIncluded(selection.directives, conditions)) return false;
        if (selection.kind === Kind.FIELD) return selection.name.value === '__typename';
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        return fragment !== undefined && (!applies(schema, fragment.typeCondition?.name.value, type) || selectsByType(type, [fragment.selectionSet]));
      }),
    );
  }

  function compileFields(type: GraphQLNamedType, selectionSets: readonly SelectionSetNode[]): readonly FieldPlan[] {
    const collected = collectFields(schema, (name) => fragments.get(name), type, selectionSets, ({ directives }) => isIncluded(directives, conditions));
    return [...collected].map(([key, nodes]) => compileField(key, nodes, type));
  }

  function compileField(key: string, nodes: readonly [FieldNode, ...FieldNode[]], type: GraphQLNamedType): FieldPlan {
    const [node] = nodes;
    const name = node.name.value;
    const plain = { key, source: key, composite: null };
    if (name === '__typename') {
      const known = isObjectType(type) ? type.name : undefined;
      return { ...plain, source: '__typename', from: 'typename', complete: (value) => known ?? value };
    }
    if (name === '__schema' || name === '__type') return { ...plain, from: 'introspection', complete: (value) => value ?? null };
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    if (!field) return { ...plain, from: 'data', complete: () => null };
    const coordinate = { type: type.name, field: name };
    const composite = compositeOf(getNamedType(field.type), nodes, coordinate);
    return { key, source: keys.keyOf(node, type.name), from: 'data', composite, complete: outputOf(field.type, composite?.complete ?? null, coordinate) };
  }

  return { objectOf };
}
