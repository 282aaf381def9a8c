import { getNamedType, getNullableType, isAbstractType, isEnumType, isInterfaceType, isListType, isNonNullType, isObjectType, isScalarType, Kind } from 'graphql';
import type {
  FieldNode, FragmentDefinitionNode, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, GraphQLUnionType,
  OperationDefinitionNode, SelectionSetNode,
} from 'graphql';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import { createExecutionError } from './errors.ts';
import type { ResponsePath } from './errors.ts';
import { isIncluded } from './operation-folding.ts';
import type { Conditions } from './operation-folding.ts';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import type { SourceKeys } from './source-keys.ts';

/** Marks an object that its owner does not know. */
export const MISSING = '__missing';

/** What is read and what is noticed while a response is projected. */
interface Pass {
  readonly introspection: ResponseObject | null;
  /** Where the pass is; null while nobody needs to know. */
  readonly path: (string | number)[] | null;
  faults: number;
  readonly flaws: Flaw[];
}

/** A null in a non-null field, or a value that the schema does not have. */
export interface Flaw {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: ResponsePath;
  /** The field whose value it is. */
  readonly type: string;
  readonly field: string;
}

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

/** Gives a field's value as the client sees it: null where it may be null, `undefined` where the parent must become null. */
type Complete = (value: unknown, pass: Pass) => unknown;

interface FieldPlan {
  readonly key: string;
  readonly source: string;
  readonly from: 'data' | 'introspection' | 'typename';
  readonly complete: Complete;
  /** What is selected in it, where it is an object or a list of objects. */
  readonly composite: Composite | null;
}

/** A field of a type. */
interface Coordinate {
  readonly type: string;
  readonly field: string;
}

/**
 * A value of the specification's scalars (section 3.5) as JSON has it, undefined where it is none; a scalar of a subgraph's own may be
 * anything. Some servers write an ID as a number.
 */
const SCALARS = new Map<string, (value: unknown) => unknown>([
  ['Int', (value) => (typeof value === 'number' && (value | 0) === value ? value : undefined)],
  ['Float', (value) => (typeof value === 'number' ? value : undefined)],
  ['String', (value) => (typeof value === 'string' ? value : undefined)],
  ['Boolean', (value) => (typeof value === 'boolean' ? value : undefined)],
  ['ID', (value) => (typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : undefined)],
]);

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
  function outputOf(type: GraphQLOutputType, composite: Composite | null, field: Coordinate): Complete {
    const inner = nullableOf(getNullableType(type), composite, field);
    if (isNonNullType(type)) {
      return (value, pass) => {
        if (value !== null && value !== undefined) return inner(value, pass);
        report(pass, field, 'NULL_IN_NON_NULL_FIELD', `Cannot return null for non-nullable field ${toText(field)}.`);
        return undefined;
      };
    }
    return (value, pass) => (value === null || value === undefined ? null : (inner(value, pass) ?? null));
  }

  function nullableOf(type: GraphQLOutputType, composite: Composite | null, field: Coordinate): Complete {
    if (isListType(type)) {
      const element = outputOf(type.ofType, composite, field);
      return (value, pass) => {
        if (!Array.isArray(value)) return wrong(pass, field, `Expected a list for field ${toText(field)}.`);
        const elements = new Array<unknown>(value.length);
        for (let index = 0; index < value.length; index++) {
          if (pass.path) pass.path.push(index);
          elements[index] = element(value[index], pass);
          if (pass.path) pass.path.pop();
          if (elements[index] === undefined) return undefined;
        }
        return elements;
      };
    }
    if (isEnumType(type)) {
      const values = new Set(type.getValues().map((value) => value.name));
      return (value, pass) => (values.has(value as string) ? value : wrong(pass, field, `Enum "${type.name}" cannot represent the value of field ${toText(field)}.`));
    }
    if (composite) return composite.complete;
    const read = isScalarType(type) ? SCALARS.get(type.name) : undefined;
    if (read === undefined) return (value) => value;
    return (value, pass) => (read(value) ?? wrong(pass, field, `${type.toString()} cannot represent the value of field ${toText(field)}.`));
  }

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
        return fragment !== undefined && (!applies(fragment.typeCondition?.name.value, type) || selectsByType(type, [fragment.selectionSet]));
      }),
    );
  }

  function compileFields(type: GraphQLNamedType, selectionSets: readonly SelectionSetNode[]): readonly FieldPlan[] {
    const collected = new Map<string, FieldNode[]>();
    const collect = (selectionSet: SelectionSetNode): void => {
      for (const selection of selectionSet.selections) {
        if (!isIncluded(selection.directives, conditions)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          const known = collected.get(key);
          if (known) known.push(selection);
          else collected.set(key, [selection]);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (fragment && applies(fragment.typeCondition?.name.value, type)) collect(fragment.selectionSet);
      }
    };
    for (const selectionSet of selectionSets) collect(selectionSet);
    return [...collected].map(([key, nodes]) => compileField(key, nodes, type));
  }

  function compileField(key: string, nodes: readonly FieldNode[], type: GraphQLNamedType): FieldPlan {
    const name = nodes[0]?.name.value ?? key;
    const plain = { key, source: key, composite: null };
    if (name === '__typename') {
      const known = isObjectType(type) ? type.name : undefined;
      return { ...plain, source: '__typename', from: 'typename', complete: (value) => known ?? value };
    }
    if (name === '__schema' || name === '__type') return { ...plain, from: 'introspection', complete: (value) => value ?? null };
    const [node] = nodes;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    if (!field || !node) return { ...plain, from: 'data', complete: () => null };
    const coordinate = { type: type.name, field: name };
    const composite = compositeOf(getNamedType(field.type), nodes, coordinate);
    return { key, source: keys.keyOf(node, type.name), from: 'data', composite, complete: outputOf(field.type, composite, coordinate) };
  }

  function applies(condition: string | undefined, type: GraphQLNamedType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const abstract = schema.getType(condition);
    return isAbstractType(abstract) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(abstract, type);
  }

  return { objectOf };
}

function fill(object: ResponseObject, fields: readonly FieldPlan[], pass: Pass): ResponseObject | undefined {
  const filled: ResponseObject = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] as FieldPlan;
    const source = field.from === 'introspection' ? pass.introspection?.[field.source] : object[field.source];
    if (pass.path) pass.path.push(field.key);
    const value = field.complete(source, pass);
    if (pass.path) pass.path.pop();
    if (value === undefined) return undefined;
    // Plain assignment of this one key would set the prototype.
    if (field.key === '__proto__') Object.defineProperty(filled, field.key, { value, enumerable: true, configurable: true, writable: true });
    else filled[field.key] = value;
  }
  return filled;
}

function wrong(pass: Pass, field: Coordinate, message: string): undefined {
  report(pass, field, 'VALUE_NOT_IN_SCHEMA', message);
  return undefined;
}

function report(pass: Pass, { type, field }: Coordinate, code: ErrorCode, message: string): void {
  pass.faults += 1;
  if (pass.path) pass.flaws.push({ code, message, path: [...pass.path], type, field });
}

function toText({ type, field }: Coordinate): string {
  return `${type}.${field}`;
}
