import type { FastifyInstance } from 'fastify';
import { getOperationAST, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult } from 'graphql';
import { z } from 'zod';
import type { ErrorCode } from '../../kit/graph/errors.ts';
import { replacePersonalText } from '../../kit/ingest/personal.ts';
import { addReceipts, EMPTY_RECEIPT, rejectEvent } from '../../kit/ingest/receipt.ts';
import type { Receipt, Rejection } from '../../kit/subgraph.ts';
import { BoundedCache } from '../execution/bounded-cache.ts';
import type { Gateway } from '../gateway.ts';
import type { LocalSubgraph } from '../graph/local-subgraph.ts';
import { LIMITS } from '../limits.ts';
import { Refusal } from '../faults/refusal.ts';
import { FORWARDED_HEADER } from '../ingest/ingest.ts';
import { ingestFor } from '../ingest/sources.ts';
import type { Refused } from '../ingest/refused.ts';
import { openBody, parseJson, readBody, readLines } from '../request-body.ts';

const requestSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

/** A document that was parsed and validated once; gateways send the same operations again and again. */
type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/** How many documents of one subgraph are kept. */
const CACHED_DOCUMENTS = 1_000;

function check(local: LocalSubgraph, query: string): Checked {
  try {
    const document = parse(query, { maxTokens: LIMITS.tokens, noLocation: true });
    const errors = validate(local.schema, document);
    return errors.length > 0 ? { errors } : { document };
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [withCode('GRAPHQL_PARSE_FAILED')(error)] };
    throw error;
  }
}

const withCode = (code: ErrorCode) => (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, { originalError: error, extensions: { code, ...error.extensions } });

/** How @apollo/subgraph begins what it throws, without a code, for a representation of a type that the subgraph does not have. */
const UNKNOWN_ENTITY = 'The _entities resolver tried to load an entity for type';

/** Gives their code to errors about the request itself: before execution, or of a representation. */
function toRequestErrors({ data, errors = [] }: ExecutionResult): readonly GraphQLError[] {
  // Without data nothing was executed: the variables do not fit.
  if (data === undefined) return errors.map(withCode('BAD_USER_INPUT'));
  return errors.map((error) =>
    error.message.startsWith(UNKNOWN_ENTITY)
      ? new GraphQLError(`Expected representations of types that this subgraph has: ${error.message}.`, { path: error.path ?? null, extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode } })
      : error,
  );
}

const eventLine = z.object({ kind: z.string(), event: z.unknown() });

/** How many events of a stream go to their receivers at once. */
const BATCH = 2_000;
/** And of how many bytes, so that long lines do not fill memory. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** How many lines of a stream that are no events are held before they are recorded. */
const UNREAD_AT_ONCE = 10;

/** Events of a stream that wait to be sent, with their places in the stream. */
interface Waiting {
  readonly events: unknown[];
  readonly indexes: number[];
}

/** Sends what waits, kind by kind; rejections keep the places that their events have in the whole stream. */
async function sendWaiting(waiting: Map<string, Waiting>, send: (kind: string, events: readonly unknown[]) => Promise<Receipt>): Promise<Receipt> {
  let sum = EMPTY_RECEIPT;
  for (const [kind, { events, indexes }] of waiting) {
    const receipt = await send(kind, events);
    const rejected = receipt.rejected.map((each): Rejection => ({ ...each, index: indexes[each.index] ?? each.index }));
    sum = addReceipts(sum, { ...receipt, rejected }, 0);
  }
  waiting.clear();
  return sum;
}

/** Serves each subgraph of this process to other gateways: its GraphQL as the subgraph specification has it, and its events. */
export async function serveSubgraphs(app: FastifyInstance, { graph, ingest, formatError }: Gateway): Promise<void> {
  const documents = new Map<string, BoundedCache<string, Checked>>();

  const findLocal = (name: string): LocalSubgraph => {
    const local = graph.served().locals.get(name);
    if (local !== undefined) return local;
    throw new Refusal(404, 'NOT_FOUND', `This process runs no subgraph "${name}"; it runs ${[...graph.served().locals.keys()].join(', ')}.`);
  };

  app.post<{ Params: { name: string } }>('/subgraphs/:name/graphql', { config: { isGraphql: true, needs: ['read'], isForGateways: true } }, async (request, reply) => {
    const local = findLocal(request.params.name);
    const parsed = requestSchema.safeParse(parseJson(await readBody(request.raw, LIMITS.ingestBody)));
    if (!parsed.success) throw new Refusal(400, 'BODY_UNREADABLE', 'Expected a JSON object with query, and perhaps variables and operationName.');
    const { query, variables, operationName } = parsed.data;
    const known = documents.get(local.name) ?? new BoundedCache<string, Checked>(CACHED_DOCUMENTS);
    documents.set(local.name, known);
    let checked = known.get(query);
    if (checked === undefined) known.set(query, (checked = check(local, query)));
    void reply.header('content-type', /graphql-response\+json/.test(request.headers.accept ?? '') ? 'application/graphql-response+json; charset=utf-8' : 'application/json; charset=utf-8');
    const format = (errors: readonly GraphQLError[]) => errors.map((error) => formatError(error.toJSON(), error));
    if ('errors' in checked) {
      return reply.code(400).send(JSON.stringify({ errors: format(checked.errors.map(withCode('GRAPHQL_VALIDATION_FAILED'))) }));
    }
    if (!getOperationAST(checked.document, operationName)) {
      const message = operationName ? `The document has no operation named "${operationName}".` : 'The document does not hold exactly one operation; name the one to run in operationName.';
      return reply.code(400).send(JSON.stringify({ errors: format([new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' satisfies ErrorCode } })]) }));
    }
    const result: ExecutionResult = await local.client.execute(
      { query, document: checked.document, variables: variables ?? undefined, operationName: operationName ?? undefined },
      { signal: AbortSignal.timeout(LIMITS.operationTime), context: { caller: request.caller }, scope: new Map() },
    );
    const body = JSON.stringify({ ...result, ...(result.errors && { errors: format(toRequestErrors(result)) }) });
    return reply.code(result.data === undefined ? 400 : 200).send(body);
  });

  app.post<{ Params: { name: string } }>('/subgraphs/:name/events', { config: { needs: ['emit'], isForGateways: true } }, async (request) => {
    const { name } = request.params;
    // A subgraph that runs elsewhere takes its events through this process too.
    if (!graph.served().remotes.has(name)) findLocal(name);
    const owned = ingest.kindsOf(name);
    const waiting = new Map<string, Waiting>();
    let receipt = EMPTY_RECEIPT;
    let index = 0;
    let held = 0;
    let heldBytes = 0;
    const receiver = request.headers[FORWARDED_HEADER] === undefined ? 'SUBGRAPHS' : null;
    const own = ingestFor(ingest, request.caller);
    const send = (kind: string, events: readonly unknown[]): Promise<Receipt> => own.send(kind, events, receiver);
    const unread: Refused[] = [];
    for await (const line of readLines(openBody(request.raw))) {
      const at = index++;
      const parsed = eventLine.safeParse(readLine(line));
      if (!parsed.success || !owned.includes(parsed.data.kind)) {
        const rejected = parsed.success
          ? rejectEvent(at, 'EVENT_UNKNOWN_KIND', 'kind', `the subgraph ${name} takes ${owned.join(', ')}, not "${replacePersonalText(parsed.data.kind, () => '…')}"`)
          : rejectEvent(at, 'EVENT_INVALID', null, 'expected a line of JSON: {"kind": …, "event": …}');
        receipt = addReceipts(receipt, { ...EMPTY_RECEIPT, rejected: [rejected] }, 0);
        if (receiver !== null) {
          const { code, field, message } = rejected;
          unread.push({ receiver, kind: null, code, field, message, came: { bytes: line } });
          if (unread.length >= UNREAD_AT_ONCE) await ingest.record(unread.splice(0));
        }
        continue;
      }
      const { kind, event } = parsed.data;
      const own = waiting.get(kind) ?? { events: [], indexes: [] };
      waiting.set(kind, own);
      own.events.push(event);
      own.indexes.push(at);
      heldBytes += line.byteLength;
      if (++held >= BATCH || heldBytes >= BATCH_BYTES) {
        receipt = addReceipts(receipt, await sendWaiting(waiting, send), 0);
        held = 0;
        heldBytes = 0;
      }
    }
    receipt = addReceipts(receipt, await sendWaiting(waiting, send), 0);
    await ingest.record(unread);
    return { ...receipt, rejected: receipt.rejected.toSorted((a, b) => a.index - b.index) };
  });
}

function readLine(line: Buffer): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
