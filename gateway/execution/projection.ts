import {
  getNullableType, isAbstractType, isEnumType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, Kind,
} from 'graphql';
import type {
  FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLNamedType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode,
} from 'graphql';
import { createExecutionError } from './errors.ts';
import type { ExecutionErrorCode } from './errors.ts';
import type { GraphQLError } from 'graphql';
import { isIncluded } from './operation-folding.ts';
import type { Conditions } from './operation-folding.ts';
import { isResponseObject } from './response-shape.ts';
import type { ResponseObject } from './response-shape.ts';
import { toSourceKey } from './response-key.ts';

/** Marks an object that its owner does not know. */
export const MISSING = '__missing';

/** What is read and what is noticed while a response is projected. */
interface Pass {
  readonly introspection: ResponseObject | null;
  /** Where the pass is; null while nobody needs to know. */
  readonly path: (string | number)[] | null;
  faults: number;
  readonly errors: GraphQLError[];
}

/** The client's view of the data, in the order of its selections, and what was wrong with it. */
export interface ProjectedResponse {
  readonly data: ResponseObject | null;
  /** Nulls in non-null fields and values that the schema does not have. */
  readonly errors: readonly GraphQLError[];
}

export type Projection = (data: ResponseObject, introspection: ResponseObject | null) => ProjectedResponse;

/** Gives a field's value as the client sees it: null where it may be null, `undefined` where the parent must become null. */
type Complete = (value: unknown, pass: Pass) => unknown;

interface FieldPlan {
  readonly key: string;
  readonly source: string;
  readonly from: 'data' | 'introspection' | 'typename';
  readonly complete: Complete;
}

/** Compiles the projection of an operation for given values of its conditions. */
export function createProjection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  conditions: Conditions,
): Projection {
  const root = schema.getRootType(operation.operation);
  if (!root) throw createExecutionError('OPERATION_RESOLUTION_FAILURE', `The schema has no ${operation.operation} type.`);
  const compiler = createCompiler(schema, fragments, conditions);
  const complete = compiler.objectOf(root, [operation.selectionSet]);
  const run = (data: ResponseObject, introspection: ResponseObject | null, path: (string | number)[] | null): { pass: Pass; projected: unknown } => {
    const pass: Pass = { introspection, path, faults: 0, errors: [] };
    return { projected: complete(data, pass), pass };
  };
  return (data, introspection) => {
    const { projected, pass } = run(data, introspection, null);
    // Paths are only followed once something is known to be wrong: they would cost every response.
    const errors = pass.faults === 0 ? [] : run(data, introspection, []).pass.errors;
    return { data: isResponseObject(projected) ? projected : null, errors };
  };
}

function createCompiler(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>, conditions: Conditions) {
  function outputOf(type: GraphQLOutputType, nodes: readonly FieldNode[], field: string): Complete {
    const inner = nullableOf(getNullableType(type), nodes, field);
    if (isNonNullType(type)) {
      return (value, pass) => {
        if (value !== null && value !== undefined) return inner(value, pass);
        report(pass, 'NULL_IN_NON_NULL_FIELD', `Cannot return null for non-nullable field ${field}.`);
        return undefined;
      };
    }
    return (value, pass) => (value === null || value === undefined ? null : (inner(value, pass) ?? null));
  }

  function nullableOf(type: GraphQLOutputType, nodes: readonly FieldNode[], field: string): Complete {
    if (isListType(type)) {
      const element = outputOf(type.ofType, nodes, field);
      return (value, pass) => {
        if (!Array.isArray(value)) return wrong(pass, `Expected a list for field ${field}.`);
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
      return (value, pass) => (values.has(value as string) ? value : wrong(pass, `Enum "${type.name}" cannot represent the value of field ${field}.`));
    }
    if (isLeafType(type)) return (value) => value;
    const selectionSets = nodes.flatMap((node) => node.selectionSet ?? []);
    if (isObjectType(type)) return objectOf(type, selectionSets);
    return isAbstractType(type) ? abstractOf(type, selectionSets, field) : (value) => value;
  }

  function abstractOf(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[], field: string): Complete {
    const byName = new Map<string, Complete | null>();
    const unresolved = compileFields(type, selectionSets);
    return (value, pass) => {
      if (!isResponseObject(value)) return wrong(pass, `Expected an object for field ${field}.`);
      if (value[MISSING] === true) return undefined;
      const typename = value['__typename'];
      // Where nobody asked for the type, the interface's own fields are all that is selected.
      if (typeof typename !== 'string' || typename === type.name) return fill(value, unresolved, pass);
      let complete = byName.get(typename);
      if (complete === undefined) {
        const known = schema.getType(typename);
        complete = isObjectType(known) ? objectOf(known, selectionSets) : isInterfaceType(known) ? (object, own) => fill(object as ResponseObject, unresolved, own) : null;
        byName.set(typename, complete);
      }
      return complete === null ? wrong(pass, `The type of the object in field ${field} is not in the schema.`) : complete(value, pass);
    };
  }

  function objectOf(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): Complete {
    let fields: readonly FieldPlan[] | null = null;
    return (value, pass) => {
      if (!isResponseObject(value)) return wrong(pass, `Expected an object of type ${type.name}.`);
      // Compiled on first use: most possible types of an interface never come.
      fields ??= compileFields(type, selectionSets);
      return fill(value, fields, pass);
    };
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
    if (name === '__typename') {
      const known = isObjectType(type) ? type.name : undefined;
      return { key, source: '__typename', from: 'typename', complete: (value) => known ?? value };
    }
    if (name === '__schema' || name === '__type') return { key, source: key, from: 'introspection', complete: (value) => value ?? null };
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    const complete: Complete = field ? outputOf(field.type, nodes, `${type.name}.${name}`) : () => null;
    return { key, source: toSourceKey(key), from: 'data', complete };
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

function wrong(pass: Pass, message: string): undefined {
  report(pass, 'VALUE_NOT_IN_SCHEMA', message);
  return undefined;
}

function report(pass: Pass, code: ExecutionErrorCode, message: string): void {
  pass.faults += 1;
  if (pass.path) pass.errors.push(createExecutionError(code, message, [...pass.path]));
}
