import { getVariableValues, GraphQLError, isNonNullType, Kind, parse, print, visit } from 'graphql';
import type { DocumentNode, ExecutionResult, FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { createApiSchema } from './api-schema.ts';
import { BoundedCache } from './bounded-cache.ts';
import { createDeadline } from './deadline.ts';
import type { TimeLimits } from './deadline.ts';
import type { Flaw } from './completion.ts';
import { createExecutionError, toClientError, toFlawError } from './errors.ts';
import type { ResponsePath } from './errors.ts';
import { runPlan } from './executor.ts';
import type { Execution, RequestListener } from './executor.ts';
import { createFieldOwners } from './field-owners.ts';
import { answerIntrospection } from './introspection.ts';
import { collectConditionVariables, foldOperation } from './operation-folding.ts';
import { describePlan } from './plan-description.ts';
import type { PlanDescription } from './plan-description.ts';
import { collectServices, createPlanner } from './planner.ts';
import type { PlanStep } from './planner.ts';
import { createProjection } from './projection.ts';
import type { ProjectedResponse, Projection } from './projection.ts';
import { createSourceKeys } from './source-keys.ts';
import type { ResponseObject } from './response-shape.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { createSupergraphTypes } from './supergraph-types.ts';

/** How a supergraph is executed. */
export interface SupergraphOptions {
  /** How long one request to a subgraph may take, in milliseconds; 5,000 by default. */
  readonly fetchTimeoutMs?: number;
  /** How long an operation may take, in milliseconds; 15,000 by default. What has been answered by then is served. */
  readonly operationTimeoutMs?: number;
  /** How many documents keep their plans and projections; 1,000 by default. The one used longest ago goes first. */
  readonly cachedDocuments?: number;
  /** The name of the gateway's own subgraph, which owns no entity; `node` by default. */
  readonly nodeSubgraph?: string;
  /** Called before each request to a subgraph; for counting. Must not throw. */
  readonly onRequest?: RequestListener;
}

/** One operation to execute. The document is one that `apiSchema` validates. */
export interface ExecuteArguments {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As the client sent them: they are coerced here. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** Handed to the subgraphs' clients. */
  readonly context?: unknown;
  /** Ends the operation when the client has gone. */
  readonly signal?: AbortSignal | undefined;
  /** Told how the operation is executed, before it is; null where no subgraph is asked. */
  readonly onPlan?: ((plan: PlanDescription | null) => void) | undefined;
}

/** A composed graph that can be asked. */
export interface Supergraph {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema;
  /** Executes an operation. Never rejects for what a client or a subgraph does: that is in `errors`. */
  execute(args: ExecuteArguments): Promise<ExecutionResult>;
}

interface PreparedDocument {
  readonly operations: Map<string, PreparedOperation>;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

interface PreparedOperation {
  readonly definition: OperationDefinitionNode;
  readonly conditions: readonly string[];
  readonly variants: BoundedCache<string, Variant>;
}

/** An operation for given values of its conditions. */
interface Variant {
  readonly plan: PlanStep | null;
  readonly projection: Projection;
  readonly introspection: readonly FieldNode[];
  /** The source keys of a mutation's root fields that may not be null. */
  readonly nonNullRoots: ReadonlySet<string>;
  /** Introspection that no variable changes, answered once. */
  answered: ResponseObject | null;
}

/** A document's conditions can have many combinations; each is planned when first asked. */
const CACHED_VARIANTS = 64;

/**
 * Makes a supergraph executable. Throws where a subgraph that it names has no client or the SDL is no supergraph's.
 * Expensive (it builds a query planner): make one for each supergraph and keep it.
 */
export function createSupergraph(supergraphSdl: string, clients: ReadonlyMap<string, SubgraphClient>, options: SupergraphOptions = {}): Supergraph {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const apiSchema = createApiSchema(supergraph);
  const types = createSupergraphTypes(supergraph, options.nodeSubgraph ?? 'node');
  const owners = createFieldOwners(supergraph);
  const planner = createPlanner(supergraph, apiSchema, types, clients);
  const limits: TimeLimits = { fetchMs: options.fetchTimeoutMs ?? 5_000, operationMs: options.operationTimeoutMs ?? 15_000 };
  const byText = new BoundedCache<string, PreparedDocument>(options.cachedDocuments ?? 1_000);
  // Servers keep parsed documents: the identity is found quicker than the text.
  const byIdentity = new WeakMap<DocumentNode, PreparedDocument>();

  function prepare(document: DocumentNode): PreparedDocument {
    let prepared = byIdentity.get(document);
    if (prepared) return prepared;
    const text = document.loc?.source.body ?? print(document);
    prepared = byText.get(text);
    if (!prepared) byText.set(text, (prepared = prepareDocument(document)));
    byIdentity.set(document, prepared);
    return prepared;
  }

  function createVariant(operation: PreparedOperation, fragments: PreparedDocument['fragments'], variables: Readonly<Record<string, unknown>>): Variant {
    const keys = createSourceKeys(types, apiSchema.getMutationType()?.name);
    const folded = foldOperation(apiSchema, operation.definition, fragments, variables, types, keys);
    return {
      nonNullRoots: collectNonNullRoots(folded.document, apiSchema),
      plan: folded.document ? planner.plan(folded.document, folded.typenamesLeftOut) : null,
      projection: createProjection(apiSchema, operation.definition, fragments, variables, keys),
      introspection: folded.introspection,
      answered: null,
    };
  }

  function introspect(variant: Variant, operation: PreparedOperation, fragments: PreparedDocument['fragments'], variables: Readonly<Record<string, unknown>>): ResponseObject | null {
    if (variant.introspection.length === 0) return null;
    if (variant.answered) return variant.answered;
    const answer = answerIntrospection(apiSchema, operation.definition, fragments, variant.introspection, variables);
    if ((operation.definition.variableDefinitions ?? []).length === 0) variant.answered = answer;
    return answer;
  }

  async function execute({ document, operationName, variables: given, context, signal, onPlan }: ExecuteArguments): Promise<ExecutionResult> {
    const prepared = prepare(document);
    const operation = findOperation(prepared, operationName);
    if (operation instanceof GraphQLError) return { errors: [operation] };
    const definitions = operation.definition.variableDefinitions ?? [];
    const coerced = definitions.length === 0 ? { coerced: {} } : getVariableValues(apiSchema, definitions, given ?? {}, { maxErrors: 50 });
    if (coerced.coerced === undefined) return { errors: coerced.errors.map(toInputError) };
    const variables = coerced.coerced;

    const key = operation.conditions.length === 0 ? '' : operation.conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    let variant = operation.variants.get(key);
    if (!variant) {
      try {
        variant = createVariant(operation, prepared.fragments, variables);
      } catch (thrown) {
        return { errors: [toPlanningError(thrown)] };
      }
      operation.variants.set(key, variant);
    }

    onPlan?.(variant.plan && describePlan(variant.plan));
    const introspection = introspect(variant, operation, prepared.fragments, given ?? {});
    const { plan } = variant;
    if (!plan) return toResult(variant.projection.project({}, introspection), [], false, () => null);
    const deadline = createDeadline(limits, signal);
    const execution: Execution = {
      types, variables, context, deadline,
      onRequest: options.onRequest,
      isQuery: operation.definition.operation === 'query',
      nonNullRoots: variant.nonNullRoots,
      data: {},
      faults: [],
      scope: new Map(),
      failed: false,
      stopped: false,
    };
    try {
      const pending = runPlan(plan, execution);
      if (pending) await pending;
    } finally {
      deadline.close();
    }
    const { projection } = variant;
    const errors = execution.faults.flatMap((fault) => {
      const located = projection.locate(fault.path, execution.data);
      return (fault.isOptional === true ? located.filter(({ isWhole }) => isWhole) : located).map(({ path }) => toClientError(fault, path));
    });
    const ownerOf = ({ type, field }: Flaw): string | null => owners.find(type, field, collectServices(plan));
    return toResult(projection.project(execution.data, introspection), errors, execution.failed, ownerOf);
  }

  return { apiSchema, execute };
}

function prepareDocument(document: DocumentNode): PreparedDocument {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations = new Map<string, PreparedOperation>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    operations.set(definition.name?.value ?? '', {
      definition,
      conditions: collectConditionVariables(definition, fragments),
      variants: new BoundedCache(CACHED_VARIANTS),
    });
  }
  return { operations, fragments };
}

function collectNonNullRoots(folded: DocumentNode | null, schema: GraphQLSchema): ReadonlySet<string> {
  const keys = new Set<string>();
  const [operation] = folded?.definitions ?? [];
  if (!folded || operation?.kind !== Kind.OPERATION_DEFINITION || operation.operation !== 'mutation') return keys;
  const fields = schema.getMutationType()?.getFields();
  // Root fields can be in fragments, and nothing below the root has the mutation type's field with the key of one.
  visit(folded, {
    Field(node) {
      if (isNonNullType(fields?.[node.name.value]?.type)) keys.add(node.alias?.value ?? node.name.value);
      return false;
    },
  });
  return keys;
}

function findOperation({ operations }: PreparedDocument, name: string | null | undefined): PreparedOperation | GraphQLError {
  const [only] = operations.values();
  if (name === null || name === undefined || name === '') {
    if (operations.size === 1 && only) return only;
    return createExecutionError('OPERATION_RESOLUTION_FAILURE', operations.size === 0 ? 'Must provide an operation.' : 'Must provide operation name if query contains multiple operations.');
  }
  return operations.get(name) ?? createExecutionError('OPERATION_RESOLUTION_FAILURE', `Unknown operation named "${name}".`);
}

function toInputError(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, originalError: error.originalError ?? null, extensions: { ...error.extensions, code: 'BAD_USER_INPUT' } });
}

function toPlanningError(thrown: unknown): GraphQLError {
  return new GraphQLError('The gateway could not plan this operation.', { originalError: thrown instanceof Error ? thrown : null, extensions: { code: 'PLANNING_FAILED' } });
}

function toResult({ data, flaws }: ProjectedResponse, errors: readonly GraphQLError[], failed: boolean, ownerOf: (flaw: Flaw) => string | null): ExecutionResult {
  // One error stands for a fetch that failed: the nulls that it left behind are not told one by one.
  const own = failed ? flaws.filter(({ code }) => code !== 'NULL_IN_NON_NULL_FIELD') : flaws;
  const all = [...errors, ...own.filter(({ path }) => !errors.some((other) => explains(other.path, path))).map((flaw) => toFlawError(flaw, ownerOf(flaw)))];
  return all.length > 0 ? { errors: all, data } : { data };
}

/** True where an error at `cause` tells why there is nothing at `path`: one is within the other. */
function explains(cause: ResponsePath | undefined, path: ResponsePath): boolean {
  if (!cause) return false;
  const length = Math.min(cause.length, path.length);
  for (let index = 0; index < length; index++) if (cause[index] !== path[index]) return false;
  return true;
}
