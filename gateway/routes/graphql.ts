import { ApolloServer, HeaderMap } from '@apollo/server';
import type { ApolloServerPlugin, BaseContext, HTTPGraphQLRequest } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { isJsonObject } from '../../kit/ingest/json-object.ts';
import { createDocumentStore } from '../document-store.ts';
import { createCostEstimate, type EstimateCost } from '../cost.ts';
import { finishRows } from '../questions/finished-rows.ts';
import type { PlanDescription } from '../execution/plan-description.ts';
import type { Supergraph } from '../execution/supergraph.ts';
import type { Gateway } from '../gateway.ts';
import type { Served } from '../graph/graph.ts';
import { hasRole, type Caller } from '../identity/caller.ts';
import { knownOperationTypes, LIMITS, noIntrospection, operationLimits } from '../limits.ts';
import { boundNesting } from '../nesting.ts';
import { heldNumbers } from '../number-values.ts';
import type { Question } from '../questions/questions.ts';
import { Refusal } from '../faults/refusal.ts';
import { parseJson, readBody, toReadable } from '../request-body.ts';
import { prefersPage, servePage } from './graphiql.ts';
import { refuseUnsaved } from './saved-only.ts';

/** What goes with one operation from its request to its execution. */
interface OperationContext extends BaseContext {
  readonly signal: AbortSignal;
  readonly caller: Caller;
  /** The saved question that was asked by name; null for an operation of the client's own. */
  readonly question: Question | null;
  /** What the operation costs by estimate; known once it is checked. */
  cost?: number;
  readonly tellsCost: boolean;
  readonly tellsPlan: boolean;
}

/** The header by which a client asks for what an operation costs, in `extensions.cost`. */
const COST_HEADER = 'x-loopgraph-cost';

/** The header by which a client asks how an operation is planned, in `extensions.plan`. Plans tell of the schema: where it is not told, administrators only get them. */
const PLAN_HEADER = 'x-loopgraph-plan';

/** Apollo Server's way to be given a schema together with an executor. */
function toApolloGateway({ graph }: Gateway): GatewayInterface {
  let onLoad: Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0] | null = null;
  /** By the schema that an operation was checked against: one that began on a supergraph ends on it. */
  const supergraphs = new WeakMap<GraphQLSchema, Supergraph>();
  const load = ({ supergraph, supergraphSdl }: Served): void => {
    supergraphs.set(supergraph.apiSchema, supergraph);
    onLoad?.({ apiSchema: supergraph.apiSchema, coreSupergraphSdl: supergraphSdl });
  };
  graph.onServed(load);
  return {
    onSchemaLoadOrUpdate(callback) {
      onLoad = callback;
      return () => {
        onLoad = null;
      };
    },
    async load() {
      load(graph.served());
      return {
        async executor({ document, request, context, schema }) {
          const { signal, question, tellsCost, tellsPlan, cost } = context as OperationContext;
          const supergraph = supergraphs.get(schema) ?? graph.served().supergraph;
          let plan: PlanDescription | null = null;
          const onPlan = tellsPlan ? (made: PlanDescription | null): void => void (plan = made) : undefined;
          const result = await supergraph.execute({ document, operationName: request.operationName, variables: request.variables, context, signal, onPlan });
          if (tellsPlan) result.extensions = { ...result.extensions, plan };
          if (tellsCost && cost !== undefined) result.extensions = { ...result.extensions, cost: { estimate: cost, limit: LIMITS.cost } };
          if (question?.finish === undefined || question.finish === null || !result.data) return result;
          const { data, rows } = finishRows(result.data, question.finish);
          return { ...result, data, ...(rows === null ? {} : { extensions: { ...result.extensions, rows } }) };
        },
      };
    },
    async stop() {},
  };
}

/** What a GET asks with; its extensions as JSON. @throws Refusal 400 where they are none */
function readSearch(search: URLSearchParams): Record<string, unknown> {
  const { extensions, ...given } = Object.fromEntries(search);
  return extensions === undefined || extensions === '' ? given : { ...given, extensions: parseJson(Buffer.from(extensions)) };
}

const unreadable = (message: string): Refusal => new Refusal(400, 'BODY_UNREADABLE', message);

/** The name of a JSON value's type, with its article. */
const describeJson = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'an array' : isJsonObject(value) ? 'an object' : `a ${typeof value}`);

/** @throws Refusal 400 for a body that is no GraphQL request, which says what was expected in its place */
function checkBody(body: unknown): Record<string, unknown> {
  if (Array.isArray(body)) throw unreadable('Expected one operation in a JSON object, got an array; send each operation in a request of its own.');
  if (!isJsonObject(body)) throw unreadable(`Expected a JSON object such as {"query": "{ __typename }"}, got ${describeJson(body)}.`);
  const { query, variables } = body;
  if (query !== undefined && query !== null && typeof query !== 'string') throw unreadable(`Expected query to be a string that holds the document, got ${describeJson(query)}.`);
  if (variables !== undefined && variables !== null && !isJsonObject(variables)) throw unreadable(`Expected variables to be a JSON object, got ${describeJson(variables)}.`);
  return body;
}

/** @throws Refusal 415 for a body that is declared to be no JSON */
function checkContentType(type: string | undefined): void {
  if (type !== undefined && /\bjson\b/i.test(type)) return;
  throw new Refusal(415, 'BODY_UNREADABLE', `Expected the content-type application/json, got ${type === undefined ? 'none' : `"${type}"`}; send {"query": "…"} as JSON.`);
}

/** The name under which a request without a document asks a saved question; null where it has a document, or its hash. @throws Refusal 400 where it has none of them */
function askedName(given: Readonly<Record<string, unknown>>): string | null {
  const { query, id, operationName, extensions } = given;
  if (query !== undefined && query !== null && query !== '') return null;
  if (isJsonObject(extensions) && extensions.persistedQuery !== undefined) return null;
  const name = id ?? (isJsonObject(extensions) ? extensions.question : undefined) ?? operationName;
  if (typeof name === 'string' && name !== '') return name;
  throw unreadable('The request has no document; send one as query, as in {"query": "{ __typename }"} by POST as application/json, or the name of a saved question as operationName. A browser that opens this address gets GraphiQL.');
}

function findQuestion(gateway: Gateway, name: string): Question {
  const questions = gateway.questions();
  const question = questions.find(name);
  if (question !== undefined) return question;
  const problem = questions.problems.get(name);
  if (problem !== undefined) throw new Refusal(400, 'QUESTION_INVALID', `The saved question ${name} does not fit the schema of this process: ${problem}`);
  const known = questions.names.length === 0 ? 'none is saved here' : `saved are ${questions.names.join(', ')}`;
  throw new Refusal(400, 'QUESTION_NOT_FOUND', `The request has no document, and no saved question is named "${name}"; ${known}.`);
}

interface Asked {
  readonly http: HTTPGraphQLRequest;
  readonly question: Question | null;
}

async function readRequest(gateway: Gateway, request: FastifyRequest, headers: HeaderMap): Promise<Asked> {
  const { method } = request;
  const search = new URL(request.url, 'http://localhost').searchParams;
  let body: unknown;
  if (method === 'POST') {
    checkContentType(headers.get('content-type'));
    body = checkBody(parseJson(await readBody(request.raw, LIMITS.graphqlBody)));
  }
  const given = method === 'POST' ? body : readSearch(search);
  const name = isJsonObject(given) ? askedName(given) : null;
  if (name === null && isJsonObject(given) && gateway.operations === 'saved') throw refuseUnsaved(gateway.questions().names);
  if (isJsonObject(given) && typeof given.query === 'string') boundNesting(given.query);
  // An empty name is none, as some clients write it; Apollo Server would look for an operation of it, and the executor not.
  if (search.get('operationName') === '') search.delete('operationName');
  if (isJsonObject(body) && body.operationName === '') body = { ...body, operationName: null };
  const question = name === null ? null : findQuestion(gateway, name);
  if (question !== null) {
    const { text: query, operationName } = question;
    if (method === 'POST') body = { ...(body as object), query, operationName };
    else {
      search.set('query', query);
      search.set('operationName', operationName);
    }
  }
  return { http: { method, headers, body, search: search.size === 0 ? '' : `?${search}` }, question };
}

function readHeaders(request: FastifyRequest): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** Aborted when the client goes before it has its answer, or when the operation's time is up. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Refuses operations whose answers can be larger than LIMITS allows, with QUERY_TOO_COMPLEX. */
function boundCost({ graph }: Gateway): ApolloServerPlugin<OperationContext> {
  const estimates = new WeakMap<GraphQLSchema, EstimateCost>();
  const estimateOf = (schema: GraphQLSchema): EstimateCost | null => {
    const known = estimates.get(schema);
    if (known !== undefined) return known;
    const served = graph.served();
    // What began on an earlier supergraph ends on it, unmeasured where that was never asked.
    if (served.supergraph.apiSchema !== schema) return null;
    const made = createCostEstimate(parse(served.supergraphSdl, { noLocation: true }), schema);
    estimates.set(schema, made);
    return made;
  };
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation, document, request, schema, contextValue }) {
          if (operation === undefined) return;
          const cost = estimateOf(schema)?.(operation, document, request.variables ?? {});
          if (cost === undefined) return;
          contextValue.cost = cost;
          if (cost <= LIMITS.cost) return;
          const message = `The operation costs ${cost}: so many objects its answer can have, by its arguments first; at most ${LIMITS.cost} are allowed. Ask for shorter lists, or in several operations.`;
          throw new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX', http: { status: 400 } } });
        },
      };
    },
  };
}

/** Starts Apollo Server over the graph and serves `/graphql`: GraphQL over HTTP, and GraphiQL to a browser. */
export async function serveGraphql(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const { logger } = gateway;
  const apollo = new ApolloServer<OperationContext>({
    gateway: toApolloGateway(gateway),
    nodeEnv: 'production',
    // Apollo's own switch gives a code that says nothing of it; the rule below does.
    introspection: true,
    // Else a wrong name is answered with right ones, and the schema is told by guessing.
    hideSchemaDetailsFromClientErrors: !gateway.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    documentStore: createDocumentStore(),
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [knownOperationTypes, operationLimits, heldNumbers, ...(gateway.introspection ? [] : [noIntrospection])],
    formatError: gateway.formatError,
    logger: {
      debug: (message: string) => logger.debug(message),
      info: (message: string) => logger.info(message),
      warn: (message: string) => logger.warn(message),
      error: (message: string) => logger.error(message),
    },
    plugins: [
      boundCost(gateway),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      // Whatever keys the environment holds, nothing of what is asked here leaves this machine.
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    config: { isGraphql: true, needs: ['read'] },
    async handler(request, reply) {
      if (prefersPage(request)) return servePage(gateway, request, reply);
      const { http, question } = await readRequest(gateway, request, readHeaders(request));
      const signal = signalOf(reply);
      const tellsCost = request.headers[COST_HEADER] !== undefined;
      const tellsPlan = request.headers[PLAN_HEADER] !== undefined && (gateway.introspection || hasRole(request.caller, 'admin'));
      const startedAt = performance.now();
      const answer = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest: http, context: async () => ({ signal, question, caller: request.caller, tellsCost, tellsPlan }) });
      gateway.metrics.observeOperation(question?.name ?? null, performance.now() - startedAt);
      for (const [name, value] of answer.headers) void reply.header(name, value);
      void reply.code(answer.status ?? 200);
      return reply.send(answer.body.kind === 'complete' ? answer.body.string : toReadable(answer.body.asyncIterator));
    },
  });
}
