import { execute, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { BoundedCache } from './bounded-cache.ts';
import { compileOperation } from './compiled-operation.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import { SubgraphError } from './errors.ts';
import type { SubgraphClient } from './subgraph-client.ts';

/** How many plan operations keep the outcome of parsing, validation and compilation. */
const CACHED_OPERATIONS = 2_000;

interface KnownOperation {
  readonly document: DocumentNode;
  readonly errors: readonly GraphQLError[];
  /** Null where graphql-js executes it. */
  readonly compiled: CompiledOperation | null;
}

/**
 * A client that calls a subgraph's schema in this process: nothing is serialised. `makeContext` gives the subgraph's own context from the
 * gateway's; it is called once for an operation, and again after each mutation in it, so that loaders batch across an operation's
 * fetches and serve nothing stale.
 */
export function createLocalClient(name: string, schema: GraphQLSchema, makeContext: (context: unknown) => unknown): SubgraphClient {
  const known = new BoundedCache<string, KnownOperation>(CACHED_OPERATIONS);
  return {
    name,
    execute({ query, operationName, variables, document }, { context, scope }): ExecutionResult | Promise<ExecutionResult> {
      let operation = known.get(query);
      if (!operation) known.set(query, (operation = inspectOperation(schema, document ?? parse(query, { noLocation: true }))));
      // Of scalars' literals only their subgraph knows which are right: the client wrote them.
      if (operation.errors.length > 0 && operation.errors.every(({ extensions }) => extensions.code === 'BAD_ARGUMENT')) return { data: null, errors: operation.errors };
      if (operation.errors.length > 0) {
        // A subgraph that is newer or older than the supergraph: nothing of the answer could be trusted.
        throw new SubgraphError('SUBGRAPH_INVALID_RESPONSE', `The subgraph ${name} refuses the plan's operation: ${operation.errors[0]?.message ?? ''}`);
      }
      let own = scope.get(name);
      if (own === undefined) scope.set(name, (own = makeContext(context)));
      if (operation.compiled) return operation.compiled(variables, own);
      return execute({ schema, document: operation.document, variableValues: variables, operationName, contextValue: own }) as ExecutionResult | Promise<ExecutionResult>;
    },
  };
}

function inspectOperation(schema: GraphQLSchema, document: DocumentNode): KnownOperation {
  const errors = validate(schema, document);
  return { document, errors, compiled: errors.length === 0 ? compileOperation(schema, document) : null };
}
