import type { DocumentNode, ExecutionResult } from 'graphql';

/** One operation for one subgraph. */
export interface SubgraphRequest {
  /** The operation's text; the same string instance each time a plan is executed, so that clients can cache by it. */
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** `query`, parsed once when the plan was made. */
  readonly document?: DocumentNode | undefined;
}

/** What surrounds one request to a subgraph. */
export interface SubgraphRequestOptions {
  /** Aborted when the fetch or the whole operation has run out of time, or its client has gone. */
  readonly signal: AbortSignal;
  /** The gateway's context for this operation, as its server made it. */
  readonly context: unknown;
  /**
   * What clients keep for the length of an operation, by subgraph name: loaders cache within it. It is new after each mutation,
   * so that nothing read before a write is served after it.
   */
  readonly scope: Map<string, unknown>;
  /** True where an equal request of the same caller that is under way may answer this one too: the operation changes nothing. */
  readonly mayShare?: boolean;
}

/** How the gateway reaches one subgraph. */
export interface SubgraphClient {
  /** The name in the supergraph. */
  readonly name: string;
  /** Answers at once or with a promise. May throw or reject; a `SubgraphError` keeps its code. */
  execute(request: SubgraphRequest, options: SubgraphRequestOptions): ExecutionResult | Promise<ExecutionResult>;
  /** Lets go of connections; idempotent. */
  close?(): Promise<void>;
}
