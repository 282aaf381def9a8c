import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import { StoreError } from '../../kit/store/port.ts';
import { SubgraphError } from '../execution/errors.ts';
import type { Failures } from './failures.ts';
import { LIMITS } from '../limits.ts';

/** Extensions that tell of the server's inside, or that its HTTP layer has used up. */
const PRIVATE_EXTENSIONS = new Set(['stacktrace', 'exception', 'http', 'valuePath']);

/** What Apollo Server puts where an error has no code of its own. */
const NO_CODE = 'INTERNAL_SERVER_ERROR';

/** Codes that Apollo Server gives to what fails before execution, under which a limit's own code would be lost. */
const OUTER_CODES = new Set([NO_CODE, 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']);

/** How graphql-js begins what it throws for a document of more tokens than `maxTokens`. */
const TOO_MANY_TOKENS = 'Syntax Error: Document contains more that';

/** How Apollo Server begins its refusal of a request that a page could send without asking first. */
const FROM_ANY_PAGE = 'This operation has been blocked as a potential Cross-Site Request Forgery';

const WITH_PREFLIGHT =
  'A request such as this any page could have a browser send, so it is not answered. Send the header apollo-require-preflight: 1 with it, or {"query": "…"} by POST as application/json; a browser that opens this address gets GraphiQL.';

const codeOf = (error: unknown): string | null =>
  error instanceof GraphQLError && typeof error.extensions.code === 'string' ? error.extensions.code : null;

/** Whether Apollo Server refuses a request by its status alone, as it does a hash that is not its document's. */
function isBadRequest(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.path !== undefined || codeOf(error) !== null) return false;
  const { http } = error.extensions;
  return typeof http === 'object' && http !== null && 'status' in http && http.status === 400;
}

/** An error and what it wraps, outermost first. */
function* chainOf(error: unknown): Generator<unknown> {
  for (let each = error; each !== undefined && each !== null; each = each instanceof GraphQLError ? each.originalError : undefined) yield each;
}

/** What a caller is told where the fault is the server's. */
export function toInternalMessage(errorId: string): string {
  return `The server failed in a way that it should not; its log says how, under the error id ${errorId}.`;
}

/**
 * Makes the one function that says what of an error a client sees: never a stack trace, a stable code always, and
 * INTERNAL with an error id where it was not meant for the client. It serves Apollo Server and the subgraphs' own routes.
 */
export function createErrorFormat(failures: Failures): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const chain = [...chainOf(error)];
    const cause = chain.at(-1);
    const place = { ...(formatted.locations && { locations: formatted.locations }), ...(formatted.path && { path: formatted.path }) };
    if (cause instanceof StoreError && (cause.code === 'STORE_UNAVAILABLE' || cause.code === 'STORE_CLOSED')) {
      const code: ErrorCode = 'STORE_UNAVAILABLE';
      return { message: 'The store did not answer in time; try again.', ...place, extensions: { code } };
    }
    if (formatted.message.startsWith(TOO_MANY_TOKENS)) {
      const code: ErrorCode = 'QUERY_TOO_COMPLEX';
      return { message: `The document has more than the ${LIMITS.tokens} tokens that are allowed. Ask in several operations.`, extensions: { code } };
    }
    if (formatted.message.startsWith(FROM_ANY_PAGE)) {
      const code: ErrorCode = 'BAD_REQUEST';
      return { message: WITH_PREFLIGHT, extensions: { code } };
    }
    if (isBadRequest(error)) {
      const code: ErrorCode = 'BAD_REQUEST';
      return { message: formatted.message, extensions: { code } };
    }
    const outer = typeof formatted.extensions?.code === 'string' ? formatted.extensions.code : NO_CODE;
    const inner = chain.map(codeOf).findLast((each) => each !== null && each !== NO_CODE) ?? null;
    const code = OUTER_CODES.has(outer) && inner !== null ? inner : outer;
    const isMeant = cause instanceof GraphQLError || cause instanceof SubgraphError;
    if (!isMeant || code === NO_CODE) {
      const errorId = failures.report(cause ?? error, place.path ? `graphql ${place.path.join('.')}` : 'graphql');
      const internal: ErrorCode = 'INTERNAL';
      return { message: toInternalMessage(errorId), ...place, extensions: { code: internal, errorId } };
    }
    const kept = Object.entries(formatted.extensions ?? {}).filter(([name]) => !PRIVATE_EXTENSIONS.has(name));
    return { message: formatted.message, ...place, extensions: { ...Object.fromEntries(kept), code } };
  };
}
