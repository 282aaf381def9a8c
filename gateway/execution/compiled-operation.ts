import { defaultTypeResolver, getVariableValues, GraphQLError, isLeafType, isListType, isNonNullType, isObjectType, locatedError } from 'graphql';
import type {
  ExecutionResult, FieldNode, GraphQLAbstractType, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema, DocumentNode,
} from 'graphql';
import { readArguments, readFixedArguments } from './field-arguments.ts';
import type { AskedField, ReadArguments } from './field-arguments.ts';
import { collectFields, findFixedOperation } from './field-collection.ts';
import type { FixedOperation } from './field-collection.ts';
import { compileLeaf } from './leaf.ts';

type Path = NonNullable<GraphQLResolveInfo['path']>;
type Values = Record<string, unknown>;

/** One execution under way. */
interface Run {
  readonly context: unknown;
  readonly variables: Values;
  readonly errors: GraphQLError[];
  readonly args: ReadArguments;
}

/** Turns what a resolver gave to what is answered, or a promise of it. Throws where it cannot. */
type Complete = (value: unknown, path: Path | undefined, run: Run) => unknown;

interface FieldPlan extends AskedField {
  readonly key: string;
  readonly parentType: GraphQLObjectType;
  readonly isNonNull: boolean;
  readonly complete: Complete;
}

/** Executes one operation of a subgraph; as graphql-js does, but what a schema and a document decide was decided before. */
export type CompiledOperation = (variables: Readonly<Values> | undefined, context: unknown) => ExecutionResult | Promise<ExecutionResult>;

/**
 * Compiles a query that a schema validates; null for what is better left to graphql-js. Resolvers are called as by graphql-js, with the same
 * arguments and in the same order; the objects in arguments are the same for all calls of one field in one execution. Coercion is graphql-js' own.
 */
export function compileOperation(schema: GraphQLSchema, document: DocumentNode): CompiledOperation | null {
  const fixed = findFixedOperation(document);
  const root = schema.getQueryType();
  if (!fixed || !root || fixed.operation.operation !== 'query') return null;
  const { operation, fragments } = fixed;
  const definitions = operation.variableDefinitions ?? [];
  const fields = compileFields(schema, fixed, root, [operation.selectionSet], (run, path, plan): GraphQLResolveInfo => ({
    fieldName: plan.field.name, fieldNodes: plan.nodes, returnType: plan.field.type, parentType: plan.parentType, path, schema, fragments, rootValue: undefined, operation, variableValues: run.variables,
  }));
  return (given, context) => {
    const coerced = definitions.length === 0 ? { coerced: {} } : getVariableValues(schema, definitions, given ?? {}, { maxErrors: 50 });
    if (coerced.coerced === undefined) return { errors: coerced.errors };
    const run: Run = { context, variables: coerced.coerced, errors: [], args: new Map() };
    const answer = (data: unknown): ExecutionResult => (run.errors.length === 0 ? { data: data as ExecutionResult['data'] & object } : { errors: run.errors, data: data as ExecutionResult['data'] & object });
    const fail = (error: unknown): ExecutionResult => {
      run.errors.push(error as GraphQLError);
      return { errors: run.errors, data: null };
    };
    try {
      const data = fields(undefined, undefined, run);
      return isPromise(data) ? data.then(answer, fail) : answer(data);
    } catch (error) {
      return fail(error);
    }
  };
}

type MakeInfo = (run: Run, path: Path, plan: FieldPlan) => GraphQLResolveInfo;
type Fill = (source: unknown, path: Path | undefined, run: Run) => Values | Promise<Values>;

function compileFields(schema: GraphQLSchema, fixed: FixedOperation, type: GraphQLObjectType, selectionSets: readonly NonNullable<FieldNode['selectionSet']>[], makeInfo: MakeInfo): Fill {
  const plans: (FieldPlan | string)[] = [];
  for (const [key, nodes] of collectFields(schema, (name) => fixed.fragments[name], type, selectionSets, () => true)) {
    const name = nodes[0].name.value;
    const field = type.getFields()[name];
    // A string is the key of a `__typename`.
    if (name === '__typename') plans.push(key);
    else if (field) {
      const complete = compileType(field.type, { type: type.name, field: field.name, nodes });
      plans.push({ key, field, nodes, parentType: type, isNonNull: isNonNullType(field.type), fixedArgs: readFixedArguments(field, nodes[0]), complete });
    }
  }

  interface Place {
    readonly type: string;
    readonly field: string;
    readonly nodes: readonly [FieldNode, ...FieldNode[]];
  }

  function compileType(of: GraphQLOutputType, place: Place): Complete {
    if (isNonNullType(of)) {
      const inner = compileType(of.ofType, place);
      const missing = (): Error => new Error(`Cannot return null for non-nullable field ${place.type}.${place.field}.`);
      return (value, path, run) => {
        const completed = inner(value, path, run);
        if (completed === null) throw missing();
        return completed;
      };
    }
    if (isListType(of)) return compileList(of.ofType, place);
    if (isLeafType(of)) return compileLeaf(of);
    if (isObjectType(of)) {
      const fill = compileObject(of, place);
      return (value, path, run) => (value === null || value === undefined ? null : value instanceof Error ? raise(value) : fill(value, path, run));
    }
    return compileAbstract(of, place);
  }

  function compileList(of: GraphQLOutputType, place: Place): Complete {
    const element = compileType(of, place);
    const isNonNull = isNonNullType(of);
    return (value, path, run) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Error) throw value;
      if (typeof value !== 'object' || !(Symbol.iterator in value)) {
        throw new GraphQLError(`Expected Iterable, but did not find one for field "${place.type}.${place.field}".`);
      }
      const elements = Array.isArray(value) ? value : [...(value as Iterable<unknown>)];
      const completed = new Array<unknown>(elements.length);
      let waits = false;
      for (let index = 0; index < elements.length; index++) {
        const at: Path = { prev: path, key: index, typename: undefined };
        try {
          const one: unknown = elements[index];
          const done = isPromise(one) ? one.then((resolved) => element(resolved, at, run)) : element(one, at, run);
          if (isPromise(done)) waits = true;
          completed[index] = isPromise(done) ? done.then(undefined, (error: unknown) => noteFault(error, place.nodes, at, isNonNull, run)) : done;
        } catch (error) {
          if (!isNonNull) completed[index] = noteFault(error, place.nodes, at, false, run);
          else {
            const located = locatedError(error, place.nodes, toKeys(at));
            if (waits) return Promise.allSettled(completed).then(() => raise(located));
            throw located;
          }
        }
      }
      return waits ? Promise.all(completed) : completed;
    };
  }

  function compileAbstract(of: GraphQLAbstractType, place: Place): Complete {
    const resolveType = of.resolveType ?? defaultTypeResolver;
    const byType = new Map<string, Complete>();
    const completeAs = (name: unknown, value: unknown, path: Path | undefined, run: Run): unknown => {
      let complete = typeof name === 'string' ? byType.get(name) : undefined;
      if (!complete) {
        const runtime = checkRuntimeType(schema, name, of, place, value);
        byType.set(runtime.name, (complete = compileObject(runtime, place)));
      }
      return complete(value, path, run);
    };
    return (value, path, run) => {
      if (value === null || value === undefined) return null;
      if (value instanceof Error) throw value;
      const name: unknown = resolveType(value, run.context, makeInfo(run, path as Path, planOf(place)), of);
      return isPromise(name) ? name.then((resolved) => completeAs(resolved, value, path, run)) : completeAs(name, value, path, run);
    };
  }

  function compileObject(of: GraphQLObjectType, place: Place): Complete {
    // Compiled on first use: a type may hold itself in a fragment that no data reaches.
    let fill: Fill | null = null;
    const open: Complete = (value, path, run) => {
      fill ??= compileFields(schema, fixed, of, place.nodes.flatMap((node) => node.selectionSet ?? []), makeInfo);
      return fill(value, path, run);
    };
    const { isTypeOf } = of;
    if (!isTypeOf) return open;
    const check = (is: boolean, value: unknown, path: Path | undefined, run: Run): unknown => {
      if (!is) throw new GraphQLError(`Expected value of type "${of.name}" but got another.`, { nodes: place.nodes });
      return open(value, path, run);
    };
    return (value, path, run) => {
      const is = isTypeOf(value, run.context, makeInfo(run, path as Path, planOf(place)));
      return isPromise(is) ? is.then((resolved) => check(resolved as boolean, value, path, run)) : check(is, value, path, run);
    };
  }

  const planOf = (place: Place): FieldPlan => plans.find((plan): plan is FieldPlan => typeof plan !== 'string' && plan.nodes === place.nodes) as FieldPlan;

  function runField(plan: FieldPlan, source: unknown, parentPath: Path | undefined, run: Run): unknown {
    const { field } = plan;
    let path: Path | undefined;
    const pathHere = (): Path => (path ??= { prev: parentPath, key: plan.key, typename: type.name });
    try {
      let value: unknown;
      if (field.resolve) value = field.resolve(source, readArguments(plan, run), run.context, makeInfo(run, pathHere(), plan));
      else if ((typeof source === 'object' && source !== null) || typeof source === 'function') {
        value = (source as Values)[field.name];
        if (typeof value === 'function') value = (source as Record<string, (...given: unknown[]) => unknown>)[field.name]?.(readArguments(plan, run), run.context, makeInfo(run, pathHere(), plan));
      }
      const refuse = (error: unknown): null => noteFault(error, plan.nodes, pathHere(), plan.isNonNull, run);
      if (isPromise(value)) return value.then((resolved) => plan.complete(resolved, pathHere(), run)).then(undefined, refuse);
      // Leaves need no path, unless they fail.
      const completed = plan.complete(value, typeof value === 'object' && value !== null ? pathHere() : path, run);
      return isPromise(completed) ? completed.then(undefined, refuse) : completed;
    } catch (error) {
      return noteFault(error, plan.nodes, pathHere(), plan.isNonNull, run);
    }
  }

  return (source, path, run) => {
    const filled: Values = {};
    let waits = false;
    try {
      for (let index = 0; index < plans.length; index++) {
        const plan = plans[index] as FieldPlan | string;
        if (typeof plan === 'string') filled[plan] = type.name;
        else {
          const value = runField(plan, source, path, run);
          filled[plan.key] = value;
          waits ||= isPromise(value);
        }
      }
    } catch (error) {
      // What has begun is waited for, so that nothing of it goes on behind an answer.
      if (waits) return waitFor(filled).finally(() => raise(error));
      throw error;
    }
    return waits ? waitFor(filled) : filled;
  };
}

async function waitFor(filled: Values): Promise<Values> {
  const keys = Object.keys(filled);
  const values = await Promise.all(Object.values(filled));
  for (let index = 0; index < keys.length; index++) filled[keys[index] as string] = values[index];
  return filled;
}

/** Gives null for a field that may be null and keeps its error; otherwise throws it on, with its place. */
function noteFault(error: unknown, nodes: readonly FieldNode[], path: Path, isNonNull: boolean, run: Run): null {
  const located = locatedError(error, nodes, toKeys(path));
  if (isNonNull) throw located;
  run.errors.push(located);
  return null;
}

function toKeys(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path | undefined = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}

function checkRuntimeType(schema: GraphQLSchema, name: unknown, of: GraphQLAbstractType, { type, field }: { readonly type: string; readonly field: string }, value: unknown): GraphQLObjectType {
  const known = typeof name === 'string' ? schema.getType(name) : undefined;
  if (typeof name === 'string' && !known) throw new GraphQLError(`Abstract type "${of.name}" was resolved to a type "${name}" that does not exist inside the schema.`);
  if (!isObjectType(known)) {
    throw new GraphQLError(`Abstract type "${of.name}" must resolve to an Object type at runtime for field "${type}.${field}", got ${typeof name === 'string' ? `"${name}"` : typeof value}.`);
  }
  if (!schema.isSubType(of, known)) throw new GraphQLError(`Runtime Object type "${known.name}" is not a possible type for "${of.name}".`);
  return known;
}

function raise(error: unknown): never {
  throw error;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
