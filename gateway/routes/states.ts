import type { FastifyInstance } from 'fastify';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { hasRole, type Role } from '../identity/caller.ts';
import type { Gateway } from '../gateway.ts';
import type { Served } from '../graph/graph.ts';
import { toSubgraphUrl } from '../graph/supergraph-text.ts';
import { replaceUrls } from '../graph/supergraph-urls.ts';

const SDL = 'text/plain; charset=utf-8';

/** Serves what this process is: its schemas, whether it lives, whether it can answer. */
export async function serveStates(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const printed = new WeakMap<Served, string>();
  const printClientSchema = (served: Served): string => {
    const known = printed.get(served) ?? `${printSchema(lexicographicSortSchema(served.supergraph.apiSchema))}\n`;
    printed.set(served, known);
    return known;
  };

  app.get('/', { config: { needs: [] } }, async (_request, reply) => reply.redirect('/graphql', 302));

  const schemaReaders: readonly Role[] = gateway.introspection ? ['read'] : ['admin'];

  app.get('/schema.graphql', { config: { needs: schemaReaders } }, async (_request, reply) => {
    return reply.header('content-type', SDL).send(printClientSchema(gateway.graph.served()));
  });

  app.get('/supergraph.graphql', { config: { needs: schemaReaders } }, async (request, reply) => {
    const mayKnow = hasRole(request.caller, 'admin');
    const base = `http://${request.headers.host ?? 'localhost'}`;
    const { supergraphSdl, locals } = gateway.graph.served();
    const sdl = replaceUrls(supergraphSdl, (name, url) => {
      if (!mayKnow) return '';
      return locals.has(name) ? toSubgraphUrl(base, name) : url;
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
