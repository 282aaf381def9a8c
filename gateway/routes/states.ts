import type { FastifyInstance } from 'fastify';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { hasRole } from '../identity/caller.ts';
import type { Gateway } from '../gateway.ts';
import { toSubgraphUrl } from '../graph/graph.ts';
import { replaceUrls } from '../graph/supergraph-urls.ts';

const SDL = 'text/plain; charset=utf-8';

/** Serves what this process is: its schemas, whether it lives, whether it can answer. */
export async function serveStates(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const { graph } = gateway;
  let clientSchema: string | null = null;

  app.get('/', { config: { needs: [] } }, async (_request, reply) => reply.redirect('/graphql', 302));

  app.get('/schema.graphql', { config: { needs: ['read'] } }, async (_request, reply) => {
    clientSchema ??= `${printSchema(lexicographicSortSchema(graph.supergraph.apiSchema))}\n`;
    return reply.header('content-type', SDL).send(clientSchema);
  });

  app.get('/supergraph.graphql', { config: { needs: ['read'] } }, async (request, reply) => {
    const mayKnow = hasRole(request.caller, 'admin');
    const base = `http://${request.headers.host ?? 'localhost'}`;
    const sdl = replaceUrls(graph.supergraphSdl, (name, url) => {
      if (!mayKnow) return '';
      return graph.locals.has(name) ? toSubgraphUrl(base, name) : url;
    });
    return reply.header('content-type', SDL).send(sdl);
  });

  app.get('/healthz', { config: { needs: [] } }, async () => ({ status: 'ok', name: 'loopgraph' }));

  app.get('/readyz', { config: { needs: [] } }, async (request, reply) => {
    const full = await gateway.checkReadiness();
    const readiness = hasRole(request.caller, 'admin') ? full : { ...full, problems: full.problems.map((problem) => ({ ...problem, reason: null })) };
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}
