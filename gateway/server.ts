import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { guardAccess } from './access.ts';
import type { AccessOptions } from './access.ts';
import { toAnswer } from './faults/answers.ts';
import type { Gateway } from './gateway.ts';
import { guardRoles, type IdentityOptions } from './identity/identity.ts';
import { guardRates } from './identity/rates.ts';
import { boundAdmission } from './ingest/admission.ts';
import { LIMITS } from './limits.ts';
import { discardRest } from './request-body.ts';
import { answerBadUrl, answerConnectionFault, answerUnrouted } from './faults/request-faults.ts';
import { serveCmcd } from './routes/cmcd.ts';
import { serveEvents } from './routes/events.ts';
import { serveGraphql } from './routes/graphql.ts';
import { serveImports } from './routes/imports.ts';
import { serveLineage } from './routes/lineage.ts';
import { serveMetrics } from './routes/metrics.ts';
import { serveRefusals } from './routes/refusals.ts';
import { serveStates } from './routes/states.ts';
import { serveSurveys } from './routes/surveys.ts';
import { serveSubgraphs } from './routes/subgraphs.ts';
import { currentTally } from './watch/tally.ts';
import { watchRequests } from './watch/watched-requests.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers in GraphQL's form also where it refuses a request. */
    isGraphql?: boolean;
  }
}

const GRAPHQL_TYPE = 'application/graphql-response+json';

/** A connection that is answered while the server closes would be kept for its next request, and closing would wait for it. */
function closeWhatGoesIdle(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onResponse', async () => {
    // A connection is idle only once its answer is off its hands.
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
  });
}

/** No route declares a schema: each reads its own body. Without these Fastify loads compilers that nobody uses. */
const NO_COMPILERS = {
  compilersFactory: {
    buildValidator: refuseSchema,
    buildSerializer: refuseSchema,
  },
};

function refuseSchema(): never {
  throw new Error('expected a route without a schema');
}

/** Makes the HTTP server of a process; `listen` is the caller's. Closing it waits for what is being answered. */
export async function createServer(gateway: Gateway, access: AccessOptions, identity: IdentityOptions): Promise<FastifyInstance> {
  const app = fastify({
    forceCloseConnections: 'idle',
    schemaController: NO_COMPILERS,
    keepAliveTimeout: LIMITS.keepAlive,
    // Imports stream for as long as they need; the other routes have a deadline of their own for a body.
    requestTimeout: 0,
    http: { headersTimeout: LIMITS.headerTime, connectionsCheckingInterval: 5_000 },
    clientErrorHandler: answerConnectionFault,
    frameworkErrors: (_error, request, reply) => answerBadUrl(request, reply),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
  });
  // Each route reads its body itself, with its own limit and deadline, or streams it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  app.setErrorHandler(async (error, request, reply) => {
    const { status, headers, body } = toAnswer(error, gateway.failures, `${request.method} ${request.routeOptions.url ?? request.url}`);
    const isGraphql = request.routeOptions.config.isGraphql === true;
    // Clients of GraphQL read the errors of an answer that is not 2xx only where its type says that they are the server's.
    const type = isGraphql && (request.headers.accept ?? '').includes(GRAPHQL_TYPE) ? GRAPHQL_TYPE : 'application/json';
    void reply.code(status).headers({ ...headers, 'content-type': `${type}; charset=utf-8` });
    const { code, message, errorId } = body.error;
    const tally = currentTally();
    if (tally !== null) tally.code = code;
    return isGraphql
      ? reply.send({ errors: [{ message, extensions: { code, ...(errorId !== undefined && { errorId }) } }] })
      : reply.send(body);
  });
  answerUnrouted(app);

  app.addHook('onResponse', async (request) => discardRest(request.raw));
  closeWhatGoesIdle(app);

  gateway.traces?.watchRequests(app);
  watchRequests(app, gateway.metrics, gateway.logger);
  guardAccess(app, access);
  guardRoles(app, identity);
  if (access.rateLimit !== null) await guardRates(app, access.rateLimit);
  boundAdmission(app);
  await serveStates(app, gateway);
  await serveMetrics(app, gateway);
  await serveGraphql(app, gateway);
  await serveSubgraphs(app, gateway);
  await serveLineage(app, gateway);
  await serveCmcd(app, gateway);
  await serveEvents(app, gateway);
  await serveSurveys(app, gateway);
  await serveRefusals(app, gateway);
  await serveImports(app, gateway);
  return app;
}
