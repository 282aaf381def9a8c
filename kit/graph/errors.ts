import { GraphQLError } from 'graphql';

/** Every `extensions.code` a client can meet, with what it means. The list is public: codes are added, never changed. */
const ERROR_CODES = {
  BAD_ARGUMENT: 'an argument has a value outside its bounds',
  BAD_CURSOR: 'a cursor was not made by this server, or is damaged',
  CURSOR_OF_ANOTHER_QUERY: 'a cursor was made for another list, filter or order',
  PAGE_TOO_LARGE: '`first` is over its cap',
  WINDOW_REVERSED: 'a window ends before or where it starts',
  WINDOW_OFF_GRANULARITY: "a window's edge is not an edge of its granularity",
  WINDOW_TOO_MANY_POINTS: 'a window has more points than one answer holds',
  UNKNOWN_TIME_ZONE: 'a time zone is not in the IANA database',
  EVENT_INVALID: 'an event lacks a field or has one of the wrong form',
  EVENT_CONFLICT: 'an event has the identity of an earlier one and another content',
  EVENT_IN_FUTURE: 'an event is dated more than a day ahead of its receipt',
  EVENT_UNKNOWN_KIND: 'no subgraph takes events of this kind',
  FILE_UNKNOWN_KIND: 'no importer takes files of this kind',
  FILE_WRONG_KIND: 'a file is not of the kind it was sent as',
  FILE_TRUNCATED: 'a compressed file ends before its end',
  FILE_MISSING_COLUMN: "a file's header lacks a column that is needed",
  FILE_BAD_PARAMETER: 'an import parameter is unknown or wrong',
  FILE_UNREADABLE: 'a file cannot be read',
  ROW_INVALID: 'a row of a file cannot be read as an event',
  COMPOSITION_FAILED: 'the subgraphs do not compose',
  SUBGRAPH_UNAVAILABLE: 'a subgraph could not be reached',
  SUBGRAPH_TIMEOUT: 'a subgraph did not answer inside the deadline',
  SUBGRAPH_INVALID_RESPONSE: 'a subgraph answered with something that is no GraphQL response',
  SUBGRAPH_ERROR: 'a subgraph failed and gave no code of its own',
  NULL_IN_NON_NULL_FIELD: 'a subgraph answered null where the schema has none',
  VALUE_NOT_IN_SCHEMA: "a subgraph's value is not of its field's type",
  OPERATION_TIMEOUT: 'an operation did not finish inside the deadline',
  OPERATION_ABORTED: 'the caller went before the operation was done',
  OPERATION_RESOLUTION_FAILURE: 'a document does not hold the operation that was asked for',
  PLANNING_FAILED: 'the gateway could not plan an operation',
  BAD_REQUEST: 'a request is not formed as GraphQL over HTTP has it, or could come from any page',
  PERSISTED_QUERY_NOT_FOUND: 'a request has the hash of a document that this server does not hold; send the document with it once',
  BAD_USER_INPUT: 'a variable is missing or of the wrong type',
  GRAPHQL_PARSE_FAILED: 'a document is not GraphQL',
  GRAPHQL_VALIDATION_FAILED: 'a document does not fit the schema',
  QUERY_TOO_DEEP: 'an operation nests deeper than is allowed',
  QUERY_TOO_COMPLEX: 'an operation has more aliases, fields or directives, or can have a larger answer, than is allowed',
  INTROSPECTION_OFF: 'this server does not tell its schema to everyone',
  OPERATION_NOT_SAVED: 'this server runs saved questions only, by their names',
  QUESTION_NOT_FOUND: 'no saved question has this name',
  QUESTION_INVALID: 'a saved question does not fit the schema',
  BODY_UNREADABLE: 'the bytes of a request are not what its headers say',
  BODY_TOO_LARGE: 'a request is larger than its route takes, as sent or unzipped',
  BODY_TIMEOUT: 'a request did not arrive whole inside the deadline',
  HOST_NOT_ALLOWED: 'a request to this machine names another host, as a page does that rebinds its name',
  ORIGIN_NOT_ALLOWED: 'a page of another origin sends facts',
  UNAUTHENTICATED: 'a route needs a key or a token, and none came, or one that is not known or out of time',
  FORBIDDEN: 'a caller lacks the role that a route needs',
  IDENTITY_UNAVAILABLE: "the keys of the tokens' issuer cannot be had",
  RATE_LIMITED: 'a caller asks more often than it may',
  SOURCE_NOT_ALLOWED: 'an event is of a source for which its sender may not emit',
  LOOPBACK_ONLY: 'this route is for callers on the same machine',
  NOT_FOUND: 'nothing is at this path',
  OVERLOADED: 'more events wait to be stored than this process holds; try again',
  STORE_UNAVAILABLE: 'the store did not answer inside the deadline',
  INTERNAL: 'a fault of the server, logged under the error id',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** True for a code of the list; a server of a later version may answer with one that is not in it yet. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** An error for the caller: what was expected, what came, what to do. Throw it from a resolver. */
export function refuse(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
