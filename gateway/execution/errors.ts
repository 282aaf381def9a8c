import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import { isJsonObject } from '../../kit/ingest/json-object.ts';

/** A path in a response, from the root. */
export type ResponsePath = readonly (string | number)[];

/** Why a subgraph gave no answer. Its message names the subgraph and never its address. */
export class SubgraphError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SubgraphError';
    this.code = code;
  }
}

/** An error of the gateway's own, without a place in the response. */
export function createExecutionError(code: ErrorCode, message: string, path?: ResponsePath): GraphQLError {
  return new GraphQLError(message, { ...(path ? { path } : {}), extensions: { code } });
}

/** A value that a subgraph should not have given, as an error; `service` is null where several could have given it. */
export function toFlawError({ code, message, path }: { readonly code: ErrorCode; readonly message: string; readonly path: ResponsePath }, service: string | null): GraphQLError {
  return new GraphQLError(message, { path, extensions: { code, ...(service !== null && { serviceName: service }) } });
}

/** What went wrong in a subgraph, at a place of the data as it was fetched. */
export interface SubgraphFault {
  readonly service: string;
  /** By source keys; empty where the subgraph did not say. */
  readonly path: ResponsePath;
  /** What the subgraph said; null where the fetch failed as a whole. */
  readonly said: GraphQLError | GraphQLFormattedError | null;
  /** True where it is only told if the client asked for what is at the path. */
  readonly isOptional?: boolean;
  /** Why the fetch failed. */
  readonly cause: unknown;
}

/**
 * A subgraph's fault as an error at a place of the client's response. Locations are dropped, since they point into the plan's operation,
 * and so are stack traces that a subgraph sends.
 */
export function toClientError({ said, cause, service }: SubgraphFault, path: ResponsePath): GraphQLError {
  const place = path.length > 0 ? { path } : {};
  if (said === null) {
    const known = cause instanceof SubgraphError;
    return new GraphQLError(known ? cause.message : `The subgraph ${service} could not answer.`, {
      ...place,
      originalError: cause instanceof Error ? cause : null,
      extensions: { code: known ? cause.code : 'SUBGRAPH_ERROR', serviceName: service },
    });
  }
  const { stacktrace: _stack, exception: _exception, ...extensions } = isJsonObject(said.extensions) ? said.extensions : {};
  return new GraphQLError(typeof said.message === 'string' ? said.message : `The subgraph ${service} reported an error without a message.`, {
    ...place,
    originalError: said instanceof GraphQLError ? (said.originalError ?? said) : null,
    extensions: { code: 'SUBGRAPH_ERROR', ...extensions, serviceName: service },
  });
}
